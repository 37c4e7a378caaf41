import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Client } from '../../../shared/contract/client.ts';
import type { Source } from '../../../shared/contract/source.ts';
import { useClient } from '../client/client-context.ts';

const KEY = ['sources'] as const;
const NONE: readonly Source[] = [];

/** The entries of the sidebar. `useSourcesKeptFresh` keeps them so; they are never asked twice. */
function sourcesQuery(client: Client) {
  return queryOptions({
    queryKey: KEY,
    queryFn: async ({ signal }): Promise<readonly Source[]> =>
      (await client.call('sources.list', {}, { signal })).sources,
    staleTime: Infinity,
  });
}

/** The sources, empty while they are being read. */
export function useSources(): readonly Source[] {
  return useQuery(sourcesQuery(useClient())).data ?? NONE;
}

/** One source by its id; undefined while it is being read, or when it was removed. */
export function useSource(id: string): Source | undefined {
  return useSources().find((source) => source.id === id);
}

/** Takes over what the host says about changed sources. Once in the window. */
export function useSourcesKeptFresh(): void {
  const client = useClient();
  const queryClient = useQueryClient();
  useEffect(
    () =>
      client.on(
        'sources.changed',
        ({ sources }) => void queryClient.setQueryData<readonly Source[]>(KEY, sources),
      ),
    [client, queryClient],
  );
}
