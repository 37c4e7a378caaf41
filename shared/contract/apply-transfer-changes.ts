import { TRANSFER_ITEMS_SHOWN, hasEnded } from './transfer-words.ts';
import type { TransferItem, TransferJob, TransfersChanged } from './transfers.ts';

/** The list of jobs after a change: unfinished ones in the order in which they were begun, then ended ones, latest first. */
export function applyTransferChanges(
  jobs: readonly TransferJob[],
  { changed, removed }: Pick<TransfersChanged, 'changed' | 'removed'>,
): TransferJob[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  for (const { job } of changed) byId.set(job.id, job);
  for (const id of removed) byId.delete(id);
  return [...byId.values()].sort(inOrder);
}

/** The items of one job after a change: what is known of each is replaced, new ones come behind; the longest known ended ones go. */
export function applyItemChanges(
  items: readonly TransferItem[],
  changed: readonly TransferItem[],
): TransferItem[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  for (const item of changed) byId.set(item.id, item);
  const all = [...byId.values()];
  let over = all.length - TRANSFER_ITEMS_SHOWN;
  return all.filter((item) => {
    if (over <= 0 || !isSettled(item)) return true;
    over -= 1;
    return false;
  });
}

function isSettled({ state }: TransferItem): boolean {
  return state !== 'running' && state !== 'waiting' && state !== 'failed';
}

function inOrder(left: TransferJob, right: TransferJob): number {
  const [leftEnded, rightEnded] = [hasEnded(left.state), hasEnded(right.state)];
  if (leftEnded !== rightEnded) return leftEnded ? 1 : -1;
  return leftEnded ? (right.ended ?? 0) - (left.ended ?? 0) : left.created - right.created;
}
