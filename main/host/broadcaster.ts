import type { Broadcast, BroadcastName } from '../../shared/contract/contract.ts';
import type { Immutable } from './handlers.ts';

/** Tells every connected window at once; what is sent while nobody listens is gone. */
export interface Broadcaster {
  readonly send: <Name extends BroadcastName>(name: Name, payload: Immutable<Broadcast<Name>>) => void;
  /** Returns the function that unsubscribes. */
  readonly onBroadcast: (listener: (name: BroadcastName, payload: unknown) => void) => () => void;
}

export function createBroadcaster(): Broadcaster {
  const listeners = new Set<(name: BroadcastName, payload: unknown) => void>();
  return {
    send(name, payload) {
      for (const listener of listeners) listener(name, payload);
    },
    onBroadcast(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
