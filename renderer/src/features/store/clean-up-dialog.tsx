import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import type { Source } from '../../../../shared/contract/source.ts';
import type { GarbageReport } from '../../../../shared/contract/store.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { formatSize } from '../../../../shared/display/format-size.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';
import { BlobList } from './blob-list.tsx';
import { Outcome } from './outcome.tsx';
import { countOf } from './report-words.ts';
import { Working } from './working.tsx';
import styles from './store.module.css';

const HOUR = 60 * 60 * 1000;

const GRACES = [
  { id: 'week', label: 'A week', milliseconds: 7 * 24 * HOUR },
  { id: 'day', label: 'A day', milliseconds: 24 * HOUR },
  { id: 'hour', label: 'An hour', milliseconds: HOUR },
  { id: 'none', label: 'Nothing', milliseconds: 0 },
] as const;
type Grace = (typeof GRACES)[number]['id'];

/** What nothing in a layout leads to, with its sizes, before it is removed. */
export function CleanUpDialog({ source }: { readonly source: Source }): JSX.Element {
  const client = useClient();
  const { close, show } = useDialogs();
  const looking = useTask<GarbageReport>();
  const cleaning = useTask<GarbageReport>();
  const [grace, setGrace] = useState<Grace>('day');
  const [keepReferrers, setKeepReferrers] = useState(true);
  const [sparse, setSparse] = useState(false);
  const choices = {
    source: source.id,
    grace: GRACES.find(({ id }) => id === grace)?.milliseconds ?? 0,
    keepReferrers,
    sparse,
  };

  const { run: look } = looking;
  useEffect(() => {
    look((signal) =>
      client.call(
        'store.findGarbage',
        {
          source: source.id,
          grace: GRACES.find(({ id }) => id === grace)?.milliseconds ?? 0,
          keepReferrers,
          sparse,
        },
        { signal },
      ),
    );
  }, [client, look, source.id, grace, keepReferrers, sparse]);

  const found = looking.state.phase === 'done' ? looking.state.result : undefined;
  const done = cleaning.state.phase === 'done' ? cleaning.state.result : undefined;
  const busy = cleaning.state.phase === 'running';
  return (
    <Dialog
      open
      onClose={close}
      width="wide"
      title={`Clean up ${displayText(source.label)}`}
      description={<ForeignText text={source.location} />}
      actions={
        done !== undefined ? (
          <Button key="close" autoFocus look="primary" onClick={close}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={close}>{busy ? 'Stop' : 'Cancel'}</Button>
            <Button
              look="danger"
              disabled={found === undefined || found.garbageBlobs === 0 || busy}
              onClick={() =>
                cleaning.run((signal) => client.call('store.collectGarbage', choices, { signal }))
              }
            >
              {found === undefined || found.garbageBlobs === 0
                ? 'Remove'
                : `Remove ${countOf(found.garbageBlobs, 'blob')}, ${formatSize(found.garbageBytes)}`}
            </Button>
          </>
        )
      }
    >
      <div className={styles['tall']}>
        {done !== undefined ? (
          <Outcome
            tone="good"
            title={`${formatSize(done.garbageBytes)} freed: ${countOf(done.garbageBlobs, 'blob')} removed`}
          >
            {countOf(done.liveBlobs, 'blob')} ({formatSize(done.liveBytes)}) are in use
            {done.youngBlobs > 0 && ` and ${countOf(done.youngBlobs, 'young one')} stay for now`}.
          </Outcome>
        ) : busy ? (
          <Working label="Removing" />
        ) : (
          <>
            <div className={styles['choices']}>
              <div className={styles['choice']}>
                <span>Spare what came or was used within</span>
                <Segmented
                  label="Spare what came or was used within"
                  options={GRACES}
                  value={grace}
                  onChange={setGrace}
                />
              </div>
              <Switch
                label="Keep what is attached to something that stays"
                note="Signatures, SBOMs and the like that no entry of the index lists."
                checked={keepReferrers}
                onChange={setKeepReferrers}
              />
              {(sparse ||
                (looking.state.phase === 'failed' &&
                  looking.state.error.details?.['cause'] === 'MISSING')) && (
                <Switch
                  label="Go on where an index lists what is not here"
                  note="For layouts into which only some platforms were copied."
                  checked={sparse}
                  onChange={setSparse}
                />
              )}
            </div>
            {cleaning.state.phase === 'failed' && <ErrorLine error={cleaning.state.error} />}
            <Found
              state={looking.state}
              onCheck={() => show({ kind: 'store', what: 'check', source: source.id })}
            />
          </>
        )}
      </div>
    </Dialog>
  );
}

function Found({
  state,
  onCheck,
}: {
  readonly state: ReturnType<typeof useTask<GarbageReport>>['state'];
  readonly onCheck: () => void;
}): JSX.Element {
  if (state.phase === 'failed')
    return <ErrorLine error={state.error} actions={<Button onClick={onCheck}>Check…</Button>} />;
  if (state.phase !== 'done') return <Working label="Following every entry" />;
  const { garbage, garbageBlobs, garbageBytes, liveBlobs, liveBytes, youngBlobs, youngBytes } = state.result;
  const rest = `${countOf(liveBlobs, 'blob')} (${formatSize(liveBytes)}) in use.`;
  const young =
    youngBlobs === 0
      ? ''
      : ` ${countOf(youngBlobs, 'blob')} (${formatSize(youngBytes)}) nothing leads to either, too young to go.`;
  if (garbageBlobs === 0) {
    return (
      <Outcome tone="good" title="There is nothing to remove">
        {rest}
        {young}
      </Outcome>
    );
  }
  return (
    <>
      <Outcome
        tone="calm"
        title={`${countOf(garbageBlobs, 'blob')}, ${formatSize(garbageBytes)}, to which nothing leads`}
      >
        {rest}
        {young}
      </Outcome>
      <BlobList label="What would be removed" blobs={garbage} count={garbageBlobs} />
    </>
  );
}
