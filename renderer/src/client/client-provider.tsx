import { createContext, use, useMemo, useSyncExternalStore } from 'react';
import type { JSX, ReactNode } from 'react';
import type { Client } from '../../../shared/contract/client.ts';
import { trackActivity } from './activity.ts';
import type { Activity, ActivityStore } from './activity.ts';
import { ClientContext } from './client-context.ts';

const ActivityContext = createContext<ActivityStore>({
  subscribe: () => () => undefined,
  snapshot: () => NOTHING,
});
const NOTHING: readonly Activity[] = [];

/** Gives a client, and the list of its calls in flight, to everything below. */
export function ClientProvider({
  client,
  children,
}: {
  readonly client: Client;
  readonly children: ReactNode;
}): JSX.Element {
  const tracked = useMemo(() => trackActivity(client), [client]);
  return (
    <ClientContext value={tracked.client}>
      <ActivityContext value={tracked.activity}>{children}</ActivityContext>
    </ClientContext>
  );
}

/** The calls in flight, a moment after they began. */
export function useActivity(): readonly Activity[] {
  const store = use(ActivityContext);
  return useSyncExternalStore(store.subscribe, store.snapshot);
}
