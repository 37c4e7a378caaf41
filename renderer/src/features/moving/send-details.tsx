import { useId } from 'react';
import type { JSX } from 'react';
import { IMAGE_SPEC_VERSIONS } from '../../../../shared/contract/transfer-words.ts';
import type { ImageSpecVersion } from '../../../../shared/contract/transfer-words.ts';
import { Segmented } from '../../ui/segmented.tsx';
import styles from './moving.module.css';

/** What few people change. */
export interface Details {
  /** One `name=value` a line. */
  readonly annotations: string;
  readonly imageSpec: ImageSpecVersion;
}

const VERSIONS = IMAGE_SPEC_VERSIONS.map((id) => ({ id, label: id }));

/** Annotations and the form of the manifest, folded until somebody wants them. */
export function SendDetails({
  value,
  onChange,
}: {
  readonly value: Details;
  readonly onChange: (value: Details) => void;
}): JSX.Element {
  const id = useId();
  const wrong = readAnnotations(value.annotations) === undefined;
  return (
    <details className={styles['details']}>
      <summary>Annotations and form</summary>
      <div className={styles['detailFields']}>
        <label htmlFor={id} className={styles['label']}>
          Annotations
        </label>
        <textarea
          id={id}
          rows={3}
          spellCheck={false}
          className={styles['area']}
          placeholder="org.opencontainers.image.source=https://example.org/app"
          value={value.annotations}
          aria-invalid={wrong}
          aria-describedby={`${id}-note`}
          onChange={(event) => onChange({ ...value, annotations: event.target.value })}
        />
        <p id={`${id}-note`} className={styles['note']} data-problem={wrong}>
          {wrong ? 'Each line is name=value, each name once.' : 'One name=value a line, of the manifest.'}
        </p>
        <div className={styles['choice']}>
          <span>Manifest of image-spec</span>
          <Segmented
            label="Version of the image specification"
            options={VERSIONS}
            value={value.imageSpec}
            onChange={(imageSpec) => onChange({ ...value, imageSpec })}
          />
        </div>
      </div>
    </details>
  );
}

/** Annotations as they are typed; undefined when a line is none. */
export function readAnnotations(text: string): Record<string, string> | undefined {
  const annotations = new Map<string, string>();
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const equals = line.indexOf('=');
    const name = line.slice(0, Math.max(equals, 0)).trim();
    if (name === '' || annotations.has(name)) return undefined;
    annotations.set(name, line.slice(equals + 1).trim());
  }
  return Object.fromEntries(annotations);
}
