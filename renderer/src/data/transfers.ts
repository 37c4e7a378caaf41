import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import { applyItemChanges, applyTransferChanges } from '../../../shared/contract/apply-transfer-changes.ts';
import type { Client } from '../../../shared/contract/client.ts';
import type { ProcedureOutput } from '../../../shared/contract/contract.ts';
import type { TransferItem, TransferJob } from '../../../shared/contract/transfers.ts';
import { useClient } from '../client/client-context.ts';

type Transfers = ProcedureOutput<'transfers.list'>;

const KEY = ['transfers'] as const;
const NONE: Transfers = { jobs: [] };
const NO_ITEMS: readonly TransferItem[] = [];

function transfersQuery(client: Client) {
  return queryOptions({
    queryKey: KEY,
    queryFn: ({ signal }): Promise<Transfers> => client.call('transfers.list', {}, { signal }),
    staleTime: Infinity,
  });
}

function itemsQuery(client: Client, id: string) {
  return queryOptions({
    queryKey: ['transfer-items', id] as const,
    queryFn: async ({ signal }): Promise<readonly TransferItem[]> =>
      (await client.call('transfers.items', { id }, { signal })).items,
    staleTime: Infinity,
  });
}

/** Every job of the queue, and why nothing can be started when that is so. `useTransfersKeptFresh` keeps them so. */
export function useTransfers(): Transfers {
  return useQuery(transfersQuery(useClient())).data ?? NONE;
}

/** The blobs or files of one job, as many as are told. */
export function useTransferItems(id: string): readonly TransferItem[] {
  return useQuery(itemsQuery(useClient(), id)).data ?? NO_ITEMS;
}

/** Takes over what the host says about transfers. Once in the window. */
export function useTransfersKeptFresh(): void {
  const client = useClient();
  const queryClient = useQueryClient();
  useEffect(
    () =>
      client.on('transfers.changed', (change) => {
        queryClient.setQueryData<Transfers>(
          KEY,
          (before) => before && { ...before, jobs: applyTransferChanges(before.jobs, change) },
        );
        for (const { job, items } of change.changed) keepItems(queryClient, job.id, items);
      }),
    [client, queryClient],
  );
}

function keepItems(queryClient: QueryClient, id: string, items: readonly TransferItem[]): void {
  queryClient.setQueryData<readonly TransferItem[]>(
    ['transfer-items', id],
    (before) => before && applyItemChanges(before, items),
  );
}

/** Calls back when a job that was under way ends, once for each. */
export function useEndedTransfers(onEnd: (job: TransferJob) => void): void {
  const client = useClient();
  const end = useEffectEvent(onEnd);
  useEffect(() => {
    const told = new Set<string>();
    return client.on('transfers.changed', ({ changed }) => {
      for (const { job } of changed) {
        const isOver = job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
        if (!isOver) told.delete(job.id);
        else if (!told.has(job.id)) {
          told.add(job.id);
          end(job);
        }
      }
    });
  }, [client]);
}
