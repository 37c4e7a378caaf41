import { onAbort } from './on-abort.ts';
import { abortReason } from './pause.ts';
import { BLOBS_PER_ORIGIN, CONNECTIONS_PER_ORIGIN } from './network-limits.ts';

/** Small questions, or bodies that may take long. */
export type Lane = 'metadata' | 'blob';

/** Keeps the number of requests that are under way within what the connections carry, first come first served. */
export interface Lanes {
  /**
   * Waits for a place in the lane; the place is free again after `release`, which may be called more than once.
   * @throws TallymanError CANCELLED when the signal aborts meanwhile.
   */
  enter(lane: Lane, signal: AbortSignal): Promise<() => void>;
}

/** Makes the lanes of one registry. */
export function createLanes(): Lanes {
  const all = createPlaces(CONNECTIONS_PER_ORIGIN);
  const blobs = createPlaces(BLOBS_PER_ORIGIN);
  return {
    async enter(lane, signal) {
      if (lane === 'metadata') return all(signal);
      const leaveBlobs = await blobs(signal);
      try {
        const leaveAll = await all(signal);
        return () => {
          leaveAll();
          leaveBlobs();
        };
      } catch (error) {
        leaveBlobs();
        throw error;
      }
    },
  };
}

function createPlaces(count: number): (signal: AbortSignal) => Promise<() => void> {
  let free = count;
  const waiting = new Set<() => void>();

  const take = (): (() => void) => {
    free -= 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      free += 1;
      const [next] = waiting;
      if (next !== undefined) {
        waiting.delete(next);
        next();
      }
    };
  };

  return (signal) => {
    if (signal.aborted) return Promise.reject(abortReason(signal));
    if (free > 0 && waiting.size === 0) return Promise.resolve(take());
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        stopListening();
        resolve(take());
      };
      const stopListening = onAbort(signal, () => {
        waiting.delete(enter);
        reject(abortReason(signal));
      });
      waiting.add(enter);
    });
  };
}
