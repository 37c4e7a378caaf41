import { ArrowDownUp, ListX, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { JSX, KeyboardEvent } from 'react';
import { hasEnded } from '../../../../shared/contract/transfer-words.ts';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { useTransfers } from '../../data/transfers.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { useNotify } from '../../notices/notices.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { JobRow } from './job-row.tsx';
import styles from './transfers.module.css';

/** What moves, what waits, and what became of the rest. */
export function TransfersDrawer(): JSX.Element {
  const client = useClient();
  const notify = useNotify();
  const { showTransfers } = useDialogs();
  const { jobs, locked } = useTransfers();
  const ended = jobs.filter(({ state }) => hasEnded(state)).length;
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  // A button goes when its job changes: the keyboard stays in here all the same.
  const inside = useRef(true);
  useEffect(() => {
    if (inside.current && document.activeElement === document.body) box.current?.focus();
  }, [jobs]);

  const clear = (): void => {
    client
      .call('transfers.clear', {})
      .catch((error: unknown) => notify({ tone: 'info', text: toErrorData(error).message }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    showTransfers(false);
  };
  return (
    <section
      ref={box}
      tabIndex={-1}
      className={styles['drawer']}
      aria-label="Transfers"
      onKeyDown={onKeyDown}
      onFocus={() => (inside.current = true)}
      onBlur={({ relatedTarget, currentTarget }) => {
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) inside.current = false;
      }}
    >
      <header className={styles['head']}>
        <h2>Transfers</h2>
        <div className={styles['tools']}>
          {ended > 0 && (
            <Button look="quiet" icon={<ListX size={14} aria-hidden />} onClick={clear}>
              Clear finished
            </Button>
          )}
          <IconButton
            size="small"
            label="Hide the transfers"
            keys="CmdOrCtrl+J"
            icon={<X size={15} aria-hidden />}
            onClick={() => showTransfers(false)}
          />
        </div>
      </header>
      <div className={styles['jobs']}>
        {locked !== undefined && <ErrorLine error={locked} />}
        {jobs.length === 0 && locked === undefined && (
          <p className={styles['none']}>
            <ArrowDownUp size={16} strokeWidth={1.75} aria-hidden />
            Nothing was moved yet. Drop files on a repository to push them, or on a node to attach them.
          </p>
        )}
        <ul aria-label="Jobs">
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
      </div>
    </section>
  );
}
