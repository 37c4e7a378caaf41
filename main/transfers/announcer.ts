import type { TransferItem, TransferJob, TransfersChanged } from '../../shared/contract/transfers.ts';
import { ANNOUNCE_INTERVAL_MS } from './limits.ts';

/** What is asked about a job when it is told of. */
export interface AnnouncedJob {
  readonly id: string;
  view(): TransferJob;
  takeChangedItems(): TransferItem[];
}

/** Tells of changes, several times a second at most: each time of everything that changed meanwhile, and of nothing else. */
export interface Announcer {
  changed(job: AnnouncedJob): void;
  removed(id: string): void;
  /** Tells the rest and no more. */
  close(): void;
}

/** @param now - the clock in milliseconds */
export function createAnnouncer(send: (changes: TransfersChanged) => void, now: () => number): Announcer {
  const changed = new Map<string, AnnouncedJob>();
  const removed = new Set<string>();
  let last = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (changed.size === 0 && removed.size === 0) return;
    last = now();
    const changes: TransfersChanged = {
      changed: [...changed.values()].map((job) => ({ job: job.view(), items: job.takeChangedItems() })),
      removed: [...removed],
    };
    changed.clear();
    removed.clear();
    send(changes);
  };

  const soon = (): void => {
    if (closed || timer !== undefined) return;
    // Also the first one waits a moment: what one click changes goes in one message.
    timer = setTimeout(flush, Math.max(last + ANNOUNCE_INTERVAL_MS - now(), 0));
    timer.unref();
  };

  return {
    changed(job) {
      changed.set(job.id, job);
      removed.delete(job.id);
      soon();
    },
    removed(id) {
      changed.delete(id);
      removed.add(id);
      soon();
    },
    close() {
      if (closed) return;
      flush();
      closed = true;
    },
  };
}
