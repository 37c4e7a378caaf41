import type { Client } from '../../../shared/contract/client.ts';
import type { ProcedureName } from '../../../shared/contract/contract.ts';

/** How often listeners hear of changes, in milliseconds: what is over sooner is never shown, so the foot bar does not flicker. */
const SETTLE = 120;

const LABELS: Partial<Readonly<Record<ProcedureName, string>>> = {
  'place.resolve': 'Looking it up',
  'sources.probe': 'Contacting the registry',
  'accounts.signIn': 'Signing in',
  'repositories.list': 'Reading the catalog',
  'repository.entries': 'Reading tags',
  'repository.resolve': 'Resolving tags',
  'repository.describe': 'Reading rows',
  'graph.walk': 'Walking the graph',
  'content.describe': 'Reading content',
  'content.read': 'Reading content',
  'sample.create': 'Building the sample graph',
  'store.measure': 'Measuring a layout',
  'store.check': 'Checking a layout',
  'store.repair': 'Repairing a layout',
  'store.findGarbage': 'Looking for what can go',
  'store.collectGarbage': 'Cleaning up',
};

/** One call in flight, as the foot bar tells it. */
export interface Activity {
  readonly id: number;
  readonly label: string;
  /** How far it is: "3,000 so far", "12 to go". */
  readonly detail?: string;
}

/** The calls in flight, for `useSyncExternalStore`. */
export interface ActivityStore {
  readonly subscribe: (listener: () => void) => () => void;
  readonly snapshot: () => readonly Activity[];
}

/** A client that keeps a list of its calls in flight. */
export function trackActivity(client: Client): { readonly client: Client; readonly activity: ActivityStore } {
  const running = new Map<number, Activity>();
  const listeners = new Set<() => void>();
  let shown: readonly Activity[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let nextId = 1;

  const changed = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      shown = [...running.values()];
      for (const listener of listeners) listener();
    }, SETTLE);
  };

  return {
    activity: {
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      snapshot: () => shown,
    },
    client: {
      on: (name, listener) => client.on(name, listener),
      async call(name, input, options = {}) {
        const label = LABELS[name];
        if (label === undefined) return client.call(name, input, options);
        const id = nextId++;
        let count = 0;
        running.set(id, { id, label });
        changed();
        try {
          return await client.call(name, input, {
            ...options,
            onStep(step) {
              const detail = describeStep(step, count);
              count = detail.count;
              running.set(id, { id, label, detail: detail.words });
              changed();
              options.onStep?.(step);
            },
          });
        } finally {
          running.delete(id);
          changed();
        }
      },
    },
  };
}

function describeStep(step: unknown, before: number): { readonly count: number; readonly words: string } {
  const known = step as {
    readonly pending?: number;
    readonly entries?: readonly unknown[];
    readonly repositories?: readonly unknown[];
    readonly rows?: readonly unknown[];
    readonly bytes?: number;
    readonly of?: number;
  };
  if (known.bytes !== undefined && known.of !== undefined && known.of > 0)
    return { count: 0, words: `${Math.min(100, Math.floor((known.bytes / known.of) * 100))} %` };
  if (known.pending !== undefined) return { count: 0, words: `${known.pending.toLocaleString('en')} to go` };
  const fresh = known.entries ?? known.repositories ?? known.rows ?? [];
  const count = before + fresh.length;
  return { count, words: `${count.toLocaleString('en')} so far` };
}
