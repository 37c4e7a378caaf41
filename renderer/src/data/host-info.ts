import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Client } from '../../../shared/contract/client.ts';
import type { ProcedureOutput } from '../../../shared/contract/contract.ts';
import { useClient } from '../client/client-context.ts';

export type HostInfo = ProcedureOutput<'host.info'>;

function hostInfoQuery(client: Client) {
  return queryOptions({
    queryKey: ['host'] as const,
    queryFn: ({ signal }): Promise<HostInfo> => client.call('host.info', {}, { signal }),
    staleTime: Infinity,
  });
}

/** Which host serves this window; undefined while it is being asked. */
export function useHostInfo(): HostInfo | undefined {
  return useQuery(hostInfoQuery(useClient())).data;
}
