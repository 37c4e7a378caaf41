import type { JSX } from 'react';
import type { TransferJob } from '../../../shared/contract/transfers.ts';
import { formatSize } from '../../../shared/display/format-size.ts';
import { useDialogs } from '../dialogs/dialogs.tsx';
import { ProgressBar } from '../ui/progress-bar.tsx';
import { timeWords } from '../ui/time-left.ts';
import styles from './transfers-summary.module.css';

/** All transfers that are not over in one line at the foot: "2 running · 1 paused ▓▓▓░ 61 % · 84.0 MB/s · 12 s left". */
export function TransfersSummary({ jobs }: { readonly jobs: readonly TransferJob[] }): JSX.Element {
  const { transfersShown, showTransfers } = useDialogs();
  const done = sum(jobs.map(({ bytes }) => bytes.done));
  const total = sum(jobs.map(({ bytes }) => bytes.total));
  const running = jobs.filter(({ state }) => state === 'running');
  const rate = sum(running.map((job) => job.rate ?? 0));
  const left = Math.max(0, ...running.map(({ secondsLeft }) => secondsLeft ?? 0));
  const part = total > 0 ? done / total : undefined;
  const words = [
    ...(part === undefined ? [] : [`${Math.floor(part * 100)} %`]),
    ...(rate > 0 ? [`${formatSize(rate)}/s`] : []),
    ...(left > 0 ? [`${timeWords(left)} left`] : []),
  ];
  return (
    <button
      type="button"
      className={styles['summary']}
      aria-expanded={transfersShown}
      aria-label={`Transfers: ${countWords(jobs)}`}
      onClick={() => showTransfers(!transfersShown)}
    >
      <span>{countWords(jobs)}</span>
      <span className={styles['bar']}>
        <ProgressBar
          label="How far the transfers are"
          value={part}
          tone={running.length > 0 ? 'normal' : 'paused'}
        />
      </span>
      <span className={styles['dim']}>{words.join(' · ')}</span>
    </button>
  );
}

function countWords(jobs: readonly TransferJob[]): string {
  const count = (...states: readonly TransferJob['state'][]): number =>
    jobs.filter(({ state }) => states.includes(state)).length;
  const parts: readonly (readonly [number, string])[] = [
    [count('running', 'planning'), 'running'],
    [count('waiting'), 'waiting'],
    [count('paused'), 'paused'],
    [count('interrupted'), 'interrupted'],
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number.toLocaleString('en')} ${word}`)
    .join(' · ');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
