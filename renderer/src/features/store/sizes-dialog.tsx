import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import type { Source } from '../../../../shared/contract/source.ts';
import type { LayoutSizes, RowSize } from '../../../../shared/contract/store.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { artifactView } from '../../navigation/view.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Digest } from '../../ui/digest.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { Size } from '../../ui/size.tsx';
import { Outcome } from './outcome.tsx';
import { countOf } from './report-words.ts';
import { Working } from './working.tsx';
import styles from './store.module.css';

/** Rows that are drawn; the largest ones. */
const DRAWN_ROWS = 200;

interface Measured {
  readonly sizes: LayoutSizes;
  readonly rows: readonly RowSize[];
}

/** How large a layout is, alone and together, with what each number means. */
export function SizesDialog({ source }: { readonly source: Source }): JSX.Element {
  const client = useClient();
  const { close, show } = useDialogs();
  const { state, run } = useTask<Measured, number>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    run(async (signal, tell) => {
      const rows: RowSize[] = [];
      const sizes = await client.call(
        'store.measure',
        { source: source.id },
        {
          signal,
          onStep: (step) => {
            if ('rows' in step) rows.push(...step.rows);
            else tell(step.blobs);
          },
        },
      );
      return { sizes, rows };
    });
  }, [client, run, source.id, attempt]);

  const garbage = state.phase === 'done' ? state.result.sizes.stored.bytes - state.result.sizes.unique : 0;
  return (
    <Dialog
      open
      onClose={close}
      width="wide"
      title={`Sizes of ${displayText(source.label)}`}
      description={<ForeignText text={source.location} />}
      actions={
        <>
          {garbage > 0 && (
            <Button onClick={() => show({ kind: 'store', what: 'clean-up', source: source.id })}>
              Clean up…
            </Button>
          )}
          <Button look="primary" onClick={close}>
            Close
          </Button>
        </>
      }
    >
      <div className={styles['tall']}>
        {state.phase === 'failed' && (
          <ErrorState
            error={state.error}
            actions={<Button onClick={() => setAttempt((before) => before + 1)}>Try again</Button>}
          />
        )}
        {(state.phase === 'running' || state.phase === 'idle') && (
          <Working label="Measuring">
            {state.phase === 'running' && state.progress !== undefined
              ? `${state.progress.toLocaleString('en')} blobs so far`
              : ''}
          </Working>
        )}
        {state.phase === 'done' && <Totals {...state.result} source={source} />}
      </div>
    </Dialog>
  );
}

function Totals({ sizes, rows, source }: Measured & { readonly source: Source }): JSX.Element {
  const { logical, unique, stored, missing, unreadable } = sizes;
  const garbage = Math.max(0, stored.bytes - unique);
  if (stored.blobs === 0)
    return <Outcome tone="calm" title="There is nothing in it yet, so it takes no room." />;
  return (
    <>
      <div className={styles['room']} aria-hidden>
        <span style={{ flexGrow: unique }} data-part="unique" />
        {garbage > 0 && <span style={{ flexGrow: garbage }} data-part="garbage" />}
      </div>
      <dl className={styles['totals']}>
        <Total name="On the disk" bytes={stored.bytes} strong>
          {`${countOf(stored.blobs, 'blob')}, whatever leads to them`}
        </Total>
        <Total name="Unique" bytes={unique} part="unique">
          what the rows need, each blob counted once
        </Total>
        <Total name="Nothing leads to" bytes={garbage} part="garbage">
          {garbage > 0 ? 'a clean-up can free it' : 'there is nothing to clean up'}
        </Total>
        <Total name="Logical" bytes={logical}>
          the same rows as if nothing were shared
        </Total>
        <Total name="Shared" bytes={Math.max(0, logical - unique)}>
          the difference: what sharing saves
        </Total>
      </dl>
      {missing + unreadable > 0 && (
        <Outcome
          tone="bad"
          title={`${countOf(missing + unreadable, 'piece')} of content could not be counted`}
        >
          {missing > 0 && `${missing.toLocaleString('en')} missing. `}
          {unreadable > 0 && `${unreadable.toLocaleString('en')} unreadable, with everything below. `}
          Check the layout to see which.
        </Outcome>
      )}
      <Rows rows={rows} all={sizes.rows} source={source} />
    </>
  );
}

function Total({
  name,
  bytes,
  part,
  strong = false,
  children,
}: {
  readonly name: string;
  readonly bytes: number;
  readonly part?: 'unique' | 'garbage';
  readonly strong?: boolean;
  readonly children: string;
}): JSX.Element {
  return (
    <div className={styles['total']} data-strong={strong}>
      <dt>
        {part !== undefined && <span className={styles['key']} data-part={part} aria-hidden />}
        {name}
      </dt>
      <dd>
        <Size bytes={bytes} />
      </dd>
      <dd className={styles['dim']}>{children}</dd>
    </div>
  );
}

function Rows({
  rows,
  all,
  source,
}: {
  readonly rows: readonly RowSize[];
  readonly all: number;
  readonly source: Source;
}): JSX.Element {
  const { go } = useNavigation();
  const { close } = useDialogs();
  const drawn = rows.slice(0, DRAWN_ROWS);
  return (
    <div className={styles['tableBox']} role="group" aria-label="Sizes of rows" tabIndex={0}>
      <table className={styles['table']}>
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col" title="As if nothing were shared">
              Logical
            </th>
            <th scope="col" title="What no other row needs: deleting this one frees so much">
              Unique
            </th>
            <th scope="col" title="What other rows need too">
              Shared
            </th>
          </tr>
        </thead>
        <tbody>
          {drawn.map(({ digest, names, logical, unique }) => (
            <tr key={digest}>
              <th scope="row">
                <Digest
                  digest={digest}
                  onOpen={() => {
                    close();
                    go(artifactView({ source: source.id }, { tag: names[0], digest }));
                  }}
                />
                {names.length > 0 && (
                  <ForeignText className={styles['names']} text={names.join(', ')} titled />
                )}
              </th>
              <td>
                <Size bytes={logical} />
              </td>
              <td>
                <Size bytes={unique} />
              </td>
              <td>
                <Size bytes={Math.max(0, logical - unique)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {all > drawn.length && (
        <p className={styles['more']}>and {(all - drawn.length).toLocaleString('en')} smaller ones</p>
      )}
    </div>
  );
}
