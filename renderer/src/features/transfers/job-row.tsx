import {
  ChevronRight,
  CircleCheck,
  CirclePause,
  CircleSlash,
  CircleX,
  Hourglass,
  Pause,
  Play,
  RotateCw,
  SquareArrowOutUpRight,
  X,
} from 'lucide-react';
import { memo, useId, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import type { ProcedureName } from '../../../../shared/contract/contract.ts';
import type { TransferJob } from '../../../../shared/contract/transfers.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { isDigest } from '../../../../shared/oci/digest.ts';
import { useClient } from '../../client/client-context.ts';
import { useTransferItems } from '../../data/transfers.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { artifactView, repositoryView } from '../../navigation/view.ts';
import { useNotify } from '../../notices/notices.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { Size } from '../../ui/size.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { doneOf, itemWords, jobWords } from './job-words.ts';
import styles from './transfers.module.css';

type Action = Extract<
  ProcedureName,
  'transfers.pause' | 'transfers.resume' | 'transfers.cancel' | 'transfers.retry'
>;

/** One job: what it is, how far it is, what can be done with it, and its blobs when it is unfolded. */
export const JobRow = memo(function JobRow({ job }: { readonly job: TransferJob }): JSX.Element {
  const [open, setOpen] = useState(false);
  const id = useId();
  const { title, from, to, state, error, result } = job;
  const name = displayText(title);
  const isMoving = state === 'running' || state === 'planning' || state === 'waiting';
  return (
    <li className={styles['job']} data-state={state} aria-label={name}>
      <div className={styles['line']}>
        <IconButton
          size="small"
          className={styles['twist']}
          label={open ? `Fold ${name}` : `Unfold ${name}`}
          aria-expanded={open}
          aria-controls={id}
          icon={<ChevronRight size={14} aria-hidden />}
          onClick={() => setOpen(!open)}
        />
        <StateSign state={state} />
        <div className={styles['what']}>
          <ForeignText className={styles['title']} text={title} titled />
          <span className={styles['way']}>
            <ForeignText text={from} titled />
            {to !== '' && (
              <>
                {' → '}
                <ForeignText text={to} titled />
              </>
            )}
          </span>
        </div>
        <div className={styles['far']}>
          {(isMoving || state === 'paused' || state === 'interrupted') && (
            <ProgressBar
              label={`How far: ${name}`}
              value={state === 'planning' || state === 'waiting' ? undefined : doneOf(job)}
              tone={state === 'running' ? 'normal' : 'paused'}
            />
          )}
          <span className={styles['words']}>{jobWords(job)}</span>
        </div>
        <Actions job={job} name={name} />
      </div>
      {error !== undefined && (
        <div className={styles['trouble']}>
          <ErrorLine error={error} />
        </div>
      )}
      {open && (
        <div id={id} className={styles['inside']}>
          {(result?.notes ?? []).map((note, at) => (
            <ErrorLine key={at} error={note} />
          ))}
          <Items id={job.id} />
          {job.command !== undefined && (
            <p className={styles['command']}>
              <code>
                <ForeignText text={job.command} />
              </code>
              <CopyButton text={job.command} label="Copy the equal command line" />
            </p>
          )}
        </div>
      )}
    </li>
  );
});

function StateSign({ state }: Pick<TransferJob, 'state'>): JSX.Element {
  switch (state) {
    case 'planning':
    case 'running':
      return <Spinner size={15} />;
    case 'waiting':
      return <Hourglass size={15} strokeWidth={1.75} aria-hidden />;
    case 'paused':
    case 'interrupted':
      return <CirclePause size={15} strokeWidth={1.75} aria-hidden />;
    case 'done':
      return <CircleCheck size={15} strokeWidth={1.75} aria-hidden data-tone="good" />;
    case 'failed':
      return <CircleX size={15} strokeWidth={1.75} aria-hidden data-tone="bad" />;
    case 'cancelled':
      return <CircleSlash size={15} strokeWidth={1.75} aria-hidden />;
  }
}

function Actions({ job, name }: { readonly job: TransferJob; readonly name: string }): JSX.Element {
  const client = useClient();
  const notify = useNotify();
  const { go } = useNavigation();
  const { state, place, kind } = job;
  const call = (action: Action): void => {
    client
      .call(action, { ids: [job.id] })
      .catch((error: unknown) => notify({ tone: 'info', from: job.title, text: toErrorData(error).message }));
  };
  const button = (label: string, icon: ReactNode, action: Action): JSX.Element => (
    <IconButton size="small" label={`${label} ${name}`} icon={icon} onClick={() => call(action)} />
  );
  const isMoving = state === 'running' || state === 'planning' || state === 'waiting';
  const stands = state === 'paused' || state === 'interrupted';
  return (
    <div className={styles['actions']}>
      {isMoving && button('Pause', <Pause size={14} aria-hidden />, 'transfers.pause')}
      {stands && button('Go on with', <Play size={14} aria-hidden />, 'transfers.resume')}
      {(state === 'failed' || state === 'cancelled') &&
        button('Try again:', <RotateCw size={14} aria-hidden />, 'transfers.retry')}
      {(isMoving || stands) && button('Cancel', <X size={14} aria-hidden />, 'transfers.cancel')}
      {state === 'done' && place !== undefined && kind !== 'pull' && kind !== 'export' && (
        <IconButton
          size="small"
          label={`Open what came of it: ${name}`}
          icon={<SquareArrowOutUpRight size={14} aria-hidden />}
          onClick={() => {
            const { target, reference } = place;
            go(
              reference === undefined
                ? repositoryView(target)
                : artifactView(target, isDigest(reference) ? { digest: reference } : { tag: reference }),
            );
          }}
        />
      )}
    </div>
  );
}

function Items({ id }: { readonly id: string }): JSX.Element | null {
  const items = useTransferItems(id);
  if (items.length === 0) return null;
  return (
    <ul className={styles['items']} aria-label="Blobs and files">
      {items.map((item) => (
        <li
          key={item.id}
          data-state={item.state}
          title={item.error === undefined ? undefined : displayText(item.error.message)}
        >
          <ForeignText className={styles['name']} text={item.name} titled />
          {item.state === 'running' ? (
            <ProgressBar
              label={displayText(item.name)}
              value={item.size > 0 ? item.done / item.size : undefined}
            />
          ) : (
            <span />
          )}
          <span className={styles['words']}>{itemWords(item)}</span>
          <Size bytes={item.size} />
        </li>
      ))}
    </ul>
  );
}
