import { Fragment, useCallback, useEffect, useState } from 'react';
import type { JSX } from 'react';
import type { Source } from '../../../../shared/contract/source.ts';
import type { LayoutReading, LayoutReport } from '../../../../shared/contract/store.ts';
import type { IndexRepair } from '../../../../shared/contract/store-words.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { formatSize } from '../../../../shared/display/format-size.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { CheckReport } from './check-report.tsx';
import { Outcome } from './outcome.tsx';
import { countOf, isRepairable } from './report-words.ts';
import { Working } from './working.tsx';
import styles from './store.module.css';

interface Checked {
  readonly report: LayoutReport;
  /** Blobs that a repair moved aside just now. */
  readonly quarantined?: number;
  readonly index?: 'kept' | 'previous' | 'rebuilt';
}

/** Reads everything in a layout and says what is wrong; repairs what can be, when that is confirmed. */
export function CheckDialog({ source }: { readonly source: Source }): JSX.Element {
  const client = useClient();
  const { close, show } = useDialogs();
  const { state, run } = useTask<Checked, LayoutReading>();
  const [repairing, setRepairing] = useState(false);
  const [confirming, setConfirming] = useState(false);
  const [index, setIndex] = useState<IndexRepair>();

  const check = useCallback(() => {
    run(async (signal, onStep) => ({
      report: await client.call('store.check', { source: source.id }, { signal, onStep }),
    }));
  }, [client, run, source.id]);
  useEffect(check, [check]);
  const checkAgain = (): void => {
    setRepairing(false);
    check();
  };

  const repair = (report: LayoutReport): void => {
    setConfirming(false);
    setRepairing(true);
    const choice = hasBrokenIndex(report) ? (index ?? defaultIndex(report)) : undefined;
    run(async (signal, onStep) => {
      const done = await client.call(
        'store.repair',
        { source: source.id, ...(choice === undefined ? {} : { index: choice }) },
        { signal, onStep },
      );
      return { report: done.report, quarantined: done.quarantined.length, index: done.index };
    });
  };

  const report = state.phase === 'done' ? state.result.report : undefined;
  const busy = state.phase === 'running' || state.phase === 'idle';
  return (
    <Dialog
      open
      onClose={close}
      width="wide"
      title={`Check ${displayText(source.label)}`}
      description={<ForeignText text={source.location} />}
      actions={
        confirming && report !== undefined ? (
          <Fragment key="confirm">
            <Button autoFocus onClick={() => setConfirming(false)}>
              Back
            </Button>
            <Button look="danger" onClick={() => repair(report)}>
              {repairWords(report)}
            </Button>
          </Fragment>
        ) : (
          <Fragment key="look">
            {report !== undefined && report.orphans.count > 0 && report.kind === 'folder' && (
              <Button onClick={() => show({ kind: 'store', what: 'clean-up', source: source.id })}>
                Clean up…
              </Button>
            )}
            {report !== undefined && isRepairable(report) && (
              <Button onClick={() => setConfirming(true)}>Repair…</Button>
            )}
            {report !== undefined && <Button onClick={checkAgain}>Check again</Button>}
            <Button look={busy ? 'default' : 'primary'} onClick={close}>
              {busy ? 'Cancel' : 'Close'}
            </Button>
          </Fragment>
        )
      }
    >
      <div className={styles['tall']}>
        {busy && (
          <Working
            label={repairing ? 'Repairing: everything is read again' : 'Reading everything'}
            value={
              state.phase === 'running' && (state.progress?.of ?? 0) > 0
                ? (state.progress?.bytes ?? 0) / (state.progress?.of ?? 1)
                : undefined
            }
          >
            {state.phase === 'running' && state.progress !== undefined
              ? `${formatSize(state.progress.bytes)}${state.progress.of === undefined ? '' : ` of ${formatSize(state.progress.of)}`}`
              : ''}
          </Working>
        )}
        {state.phase === 'failed' && (
          <ErrorState error={state.error} actions={<Button onClick={checkAgain}>Check again</Button>} />
        )}
        {report !== undefined && confirming && (
          <Confirmation report={report} index={index ?? defaultIndex(report)} onIndex={setIndex} />
        )}
        {state.phase === 'done' && !confirming && <CheckReport {...state.result} />}
      </div>
    </Dialog>
  );
}

function Confirmation({
  report,
  index,
  onIndex,
}: {
  readonly report: LayoutReport;
  readonly index: IndexRepair;
  readonly onIndex: (index: IndexRepair) => void;
}): JSX.Element {
  const damaged = damagedCount(report);
  return (
    <>
      <Outcome tone="calm" title="Nothing is deleted by a repair">
        <ul className={styles['points']}>
          {damaged > 0 && (
            <li>
              {countOf(damaged, 'damaged blob')} {damaged === 1 ? 'is' : 'are'} moved into the folder
              .tallyman/quarantine of the layout, for you to look at. Its content is missing then, and can be
              got again from where the layout came from.
            </li>
          )}
          {hasBrokenIndex(report) && (
            <li>index.json, which cannot be read, is replaced. A copy of it is kept in quarantine.</li>
          )}
        </ul>
      </Outcome>
      {hasBrokenIndex(report) && (
        <div className={styles['choice']}>
          <Segmented
            label="What replaces index.json"
            value={index}
            onChange={onIndex}
            options={[
              ...(report.hasPreviousIndex
                ? [{ id: 'previous' as const, label: 'The last one that Tallyman wrote' }]
                : []),
              { id: 'rebuild' as const, label: 'A new one, from the manifests' },
            ]}
          />
          <p className={styles['dim']}>
            {index === 'previous'
              ? 'What other programs wrote since then is not in it; its content stays.'
              : 'Every manifest that is whole is listed again. All tags are lost.'}
          </p>
        </div>
      )}
    </>
  );
}

function hasBrokenIndex(report: LayoutReport): boolean {
  return report.problemCounts.some(({ kind }) => kind === 'index');
}

function damagedCount(report: LayoutReport): number {
  return report.problemCounts
    .filter(({ kind }) => kind === 'corrupt' || kind === 'no-file')
    .reduce((total, { count }) => total + count, 0);
}

function defaultIndex(report: LayoutReport): IndexRepair {
  return report.hasPreviousIndex ? 'previous' : 'rebuild';
}

function repairWords(report: LayoutReport): string {
  return damagedCount(report) > 0 ? 'Move into quarantine' : 'Replace index.json';
}
