import { useSyncExternalStore } from 'react';

/** How often relative times are told anew, in milliseconds. */
const TURN = 30_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, TURN);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, told anew twice a minute: one timer for all who show a relative time. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
