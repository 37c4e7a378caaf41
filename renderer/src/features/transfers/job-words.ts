import type { TransferItem, TransferJob } from '../../../../shared/contract/transfers.ts';
import { formatSize } from '../../../../shared/display/format-size.ts';
import { timeWords } from '../../ui/time-left.ts';

/** From 0 to 1; undefined while nobody knows how much there is. */
export function doneOf({ state, bytes, items }: TransferJob): number | undefined {
  if (state === 'done') return 1;
  if (bytes.total > 0) return bytes.done / bytes.total;
  return items.total > 0 ? items.done / items.total : undefined;
}

/** Where a job stands: "61 % of 100.0 MB · 84.0 MB/s · 12 s left". */
export function jobWords(job: TransferJob): string {
  const { state, bytes, items, rate, secondsLeft, result } = job;
  const part = doneOf(job);
  const far = part === undefined ? '' : `${Math.floor(part * 100)} %`;
  const whole = bytes.total > 0 ? ` of ${formatSize(bytes.total)}` : '';
  switch (state) {
    case 'planning':
      return 'Finding out what there is to do';
    case 'waiting':
      return 'Waits for its turn';
    case 'running':
      return [
        `${far}${whole}`,
        ...(rate === undefined ? [] : [`${formatSize(rate)}/s`]),
        ...(secondsLeft === undefined ? [] : [`${timeWords(secondsLeft)} left`]),
        ...(items.total > 1
          ? [`${items.done.toLocaleString('en')} of ${items.total.toLocaleString('en')}`]
          : []),
      ]
        .filter((word) => word !== '')
        .join(' · ');
    case 'paused':
      return `Paused${far === '' ? '' : ` at ${far}${whole}`}`;
    case 'interrupted':
      return `Interrupted${far === '' ? '' : ` at ${far}${whole}`}: goes on where it stopped`;
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Cancelled';
    case 'done':
      return result === undefined ? 'Done' : resultWords(result);
  }
}

function resultWords({
  sent,
  mounted,
  present,
  kept,
  bytesSent,
}: NonNullable<TransferJob['result']>): string {
  const parts = [
    ...(sent > 0 ? [`${sent.toLocaleString('en')} moved, ${formatSize(bytesSent)}`] : []),
    ...(mounted > 0 ? [`${mounted.toLocaleString('en')} mounted`] : []),
    ...(present > 0 ? [`${present.toLocaleString('en')} there already`] : []),
    ...(kept > 0 ? [`${kept.toLocaleString('en')} kept`] : []),
  ];
  return parts.length === 0 ? 'Done' : `Done: ${parts.join(', ')}`;
}

/** Where one blob or file stands. */
export function itemWords({ state, done, size }: TransferItem): string {
  switch (state) {
    case 'waiting':
      return 'waits';
    case 'running':
      return size > 0 ? `${Math.floor((done / size) * 100)} %` : 'runs';
    case 'done':
      return 'done';
    case 'present':
      return 'there already';
    case 'mounted':
      return 'mounted';
    case 'kept':
      return 'kept';
    case 'failed':
      return 'failed';
  }
}
