import { useState, type JSX } from 'react';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { MoreButton, FIRST_ROWS } from './more-button.tsx';
import styles from '../inspector.module.css';

interface AnnotationTableProps {
  readonly title: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Annotations or labels, as names and values; nothing when there are none. */
export function AnnotationTable({ title, annotations }: AnnotationTableProps): JSX.Element | null {
  const [shown, setShown] = useState(FIRST_ROWS);
  const entries = Object.entries(annotations);
  if (entries.length === 0) return null;
  return (
    <section>
      <h3>
        {title} <span className={styles['dim']}>{entries.length.toLocaleString('en')}</span>
      </h3>
      <dl className={styles['pairs']}>
        {entries.slice(0, shown).map(([name, value]) => (
          <div key={name}>
            <dt>
              <bdi>{displayText(name)}</bdi>
            </dt>
            <dd data-selectable>
              <bdi>{displayText(value)}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <MoreButton total={entries.length} shown={shown} onMore={setShown} />
    </section>
  );
}
