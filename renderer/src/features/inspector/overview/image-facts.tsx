import { useState, type JSX } from 'react';
import type { Description } from '../../../../../shared/contract/content.ts';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { Time } from '../../../ui/time.tsx';
import { AnnotationTable } from './annotation-table.tsx';
import { Fact } from './fact.tsx';
import { MoreButton, FIRST_ROWS } from './more-button.tsx';
import styles from '../inspector.module.css';

type Image = NonNullable<Description['image']>;

/** What an image's config says: how it runs, what it is labelled with, how it was built. */
export function ImageFacts({ image }: { readonly image: Image }): JSX.Element {
  const runs = image.entrypoint ?? image.command ?? image.user ?? image.workingDirectory ?? image.author;
  return (
    <>
      {(runs !== undefined || image.exposedPorts.length > 0) && (
        <section>
          <h3>Runs</h3>
          <dl className={styles['facts']}>
            <Words name="Entrypoint" words={image.entrypoint} />
            <Words name="Command" words={image.command} />
            <Words name="User" words={one(image.user)} />
            <Words name="Folder" words={one(image.workingDirectory)} />
            <Words name="Ports" words={image.exposedPorts} />
            <Words name="Author" words={one(image.author)} />
          </dl>
        </section>
      )}
      <Environment entries={image.environment} />
      <AnnotationTable title="Labels" annotations={image.labels} />
      <History steps={image.history} />
    </>
  );
}

function one(text: string | undefined): readonly string[] | undefined {
  return text === undefined || text === '' ? undefined : [text];
}

function Words({
  name,
  words,
}: {
  readonly name: string;
  readonly words: readonly string[] | undefined;
}): JSX.Element | null {
  if (words === undefined || words.length === 0) return null;
  return (
    <Fact name={name}>
      {words.map((word, index) => (
        <code key={`${index} ${word}`} className={styles['word']} data-selectable>
          <bdi>{displayText(word)}</bdi>
        </code>
      ))}
    </Fact>
  );
}

function Environment({ entries }: { readonly entries: readonly string[] }): JSX.Element | null {
  const [shown, setShown] = useState(FIRST_ROWS);
  if (entries.length === 0) return null;
  return (
    <section>
      <h3>
        Environment <span className={styles['dim']}>{entries.length.toLocaleString('en')}</span>
      </h3>
      <ul className={styles['lines']}>
        {entries.slice(0, shown).map((entry, index) => (
          <li key={`${index} ${entry}`}>
            <code data-selectable>
              <bdi>{displayText(entry)}</bdi>
            </code>
          </li>
        ))}
      </ul>
      <MoreButton total={entries.length} shown={shown} onMore={setShown} />
    </section>
  );
}

function History({ steps }: { readonly steps: Image['history'] }): JSX.Element | null {
  const [shown, setShown] = useState(FIRST_ROWS);
  if (steps.length === 0) return null;
  return (
    <section>
      <h3>
        History{' '}
        <span className={styles['dim']}>{steps.length.toLocaleString('en')} steps, the oldest first</span>
      </h3>
      <ol className={styles['history']}>
        {steps.slice(0, shown).map((step, index) => (
          <li key={`${index} ${step.createdBy ?? ''}`} data-empty={step.emptyLayer}>
            <code data-selectable>
              <bdi>{displayText(step.createdBy ?? 'no command given')}</bdi>
            </code>
            <span className={styles['dim']}>
              {step.created !== undefined && <Time value={step.created} />}
              {step.emptyLayer && (step.created === undefined ? 'no layer' : ', no layer')}
            </span>
          </li>
        ))}
      </ol>
      <MoreButton total={steps.length} shown={shown} onMore={setShown} />
    </section>
  );
}
