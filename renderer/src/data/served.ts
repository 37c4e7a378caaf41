import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Client } from '../../../shared/contract/client.ts';
import type { Served } from '../../../shared/contract/store.ts';
import { useClient } from '../client/client-context.ts';

const KEY = ['served'] as const;
const NONE: readonly Served[] = [];

function servedQuery(client: Client) {
  return queryOptions({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<readonly Served[]> =>
      (await client.call('serving.list', {}, { signal })).served,
    staleTime: Infinity,
  });
}

/** The layouts that are served as registries now; `useServedKeptFresh` keeps them so. */
export function useServed(): readonly Served[] {
  return useQuery(servedQuery(useClient())).data ?? NONE;
}

/** Takes over what the host says about what is served. Once in the window. */
export function useServedKeptFresh(): void {
  const client = useClient();
  const queryClient = useQueryClient();
  useEffect(
    () =>
      client.on(
        'serving.changed',
        ({ served }) => void queryClient.setQueryData<readonly Served[]>(KEY, served),
      ),
    [client, queryClient],
  );
}
