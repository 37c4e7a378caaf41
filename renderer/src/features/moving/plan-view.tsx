import { useState } from 'react';
import type { JSX, ReactNode } from 'react';
import type { ErrorData } from '../../../../shared/errors/tallyman-error.ts';
import type { TransferItem, TransferPlan } from '../../../../shared/contract/transfers.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { formatSize } from '../../../../shared/display/format-size.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Digest } from '../../ui/digest.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Size } from '../../ui/size.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import type { Planned } from './use-plan.ts';
import styles from './moving.module.css';

/** Lines of a manifest that are shown; a push of thousands of files has more. */
const MANIFEST_LINES = 4_000;

interface PlanViewProps {
  readonly planned: Planned;
  /** What is missing before anything can be planned: "Choose a folder first." */
  readonly waitingFor: string;
  /** In place of what would be sent: what a deletion takes. */
  readonly children?: ((plan: TransferPlan) => ReactNode) | undefined;
}

type Part = 'content' | 'manifest' | 'command';

/** What a job would do, before it does it. Its place keeps its height while the plan is made anew. */
export function PlanView({ planned, waitingFor, children }: PlanViewProps): JSX.Element {
  const { state, again } = planned;
  const [part, setPart] = useState<Part>('content');
  return (
    <section className={styles['plan']} aria-label="What will happen" aria-busy={state.phase === 'running'}>
      {state.phase === 'idle' && <p className={styles['dim']}>{waitingFor}</p>}
      {state.phase === 'running' && (
        <p className={styles['looking']}>
          <Spinner size={12} /> Finding out what there is to do
        </p>
      )}
      {state.phase === 'failed' && (
        <ErrorLine error={state.error} actions={<Button onClick={again}>Try again</Button>} />
      )}
      {state.phase === 'done' && (
        <>
          <Notes notes={state.result.notes} />
          {children?.(state.result) ?? <Parts plan={state.result} part={part} onPart={setPart} />}
        </>
      )}
    </section>
  );
}

function Parts({
  plan,
  part,
  onPart,
}: {
  readonly plan: TransferPlan;
  readonly part: Part;
  readonly onPart: (part: Part) => void;
}): JSX.Element {
  const { manifest, command } = plan;
  const parts = [
    { id: 'content' as const, label: 'Content' },
    ...(manifest === undefined ? [] : [{ id: 'manifest' as const, label: 'Manifest' }]),
    ...(command === undefined ? [] : [{ id: 'command' as const, label: 'Command line' }]),
  ];
  const shown = parts.some(({ id }) => id === part) ? part : 'content';
  return (
    <>
      <div className={styles['planHead']}>
        <p className={styles['sum']}>{planWords(plan)}</p>
        {parts.length > 1 && <Segmented label="Look at" options={parts} value={shown} onChange={onPart} />}
      </div>
      {shown === 'content' && <Items items={plan.items} count={plan.itemCount} />}
      {shown === 'manifest' && manifest !== undefined && (
        <div className={styles['document']}>
          <p className={styles['dim']}>
            As it will be written: <Digest digest={manifest.digest} copy /> · {formatSize(manifest.size)}
          </p>
          <pre tabIndex={0} aria-label="Manifest">
            {readable(manifest.text)}
          </pre>
        </div>
      )}
      {shown === 'command' && command !== undefined && (
        <div className={styles['line']}>
          <code>
            <ForeignText text={command} />
          </code>
          <CopyButton text={command} label="Copy the command line" />
        </div>
      )}
    </>
  );
}

function Notes({ notes }: { readonly notes: readonly ErrorData[] }): JSX.Element | null {
  if (notes.length === 0) return null;
  return (
    <ul className={styles['notes']}>
      {notes.map((note, at) => (
        <li key={at}>
          <ErrorLine error={note} />
        </li>
      ))}
    </ul>
  );
}

function Items({
  items,
  count,
}: {
  readonly items: readonly TransferItem[];
  readonly count: number;
}): JSX.Element {
  return (
    <div className={styles['items']} role="group" aria-label="Content" tabIndex={0}>
      <ul>
        {items.map(({ id, name, state, size, error }) => (
          <li
            key={id}
            className={styles['item']}
            title={error === undefined ? undefined : displayText(error.message)}
          >
            <ForeignText className={styles['name']} text={name} />
            <span className={styles['dim']}>{ITEM_WORDS[state]}</span>
            <Size bytes={size} />
          </li>
        ))}
      </ul>
      {count > items.length && (
        <p className={styles['more']}>and {(count - items.length).toLocaleString('en')} more</p>
      )}
    </div>
  );
}

const ITEM_WORDS: Readonly<Record<TransferItem['state'], string>> = {
  waiting: '',
  running: '',
  done: '',
  present: 'there already',
  mounted: 'mounted',
  kept: 'stays as it is',
  failed: 'cannot be had',
};

/** "3 blobs, 61.0 MB to send; 12.0 MB there already". */
function planWords({ bytes, bytesPresent, manifestCount, itemCount }: TransferPlan): string {
  const content = itemCount === 1 ? '1 blob' : `${itemCount.toLocaleString('en')} blobs`;
  const manifests =
    manifestCount === 0
      ? ''
      : manifestCount === 1
        ? ', 1 manifest'
        : `, ${manifestCount.toLocaleString('en')} manifests`;
  const present = bytesPresent > 0 ? `; ${formatSize(bytesPresent)} there already` : '';
  return `${content}${manifests}: ${formatSize(bytes)} to move${present}`;
}

/** Indented to be read, line by line in the form in which foreign text is shown. */
function readable(text: string): string {
  return indented(text).split('\n').slice(0, MANIFEST_LINES).map(displayText).join('\n');
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text; // shown as it is
  }
}
