import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import type { Source } from '../../../../shared/contract/source.ts';
import { useClient } from '../../client/client-context.ts';
import { catalogQuery } from '../../data/repositories.ts';
import { useNotify } from '../../notices/notices.tsx';

/** What can be done with a source, each failure told by a notice. */
export interface SourceActions {
  readonly remove: (source: Source) => void;
  readonly pin: (source: Source, repository: string, pinned: boolean) => void;
  readonly signOut: (source: Source) => void;
  readonly readCatalog: (source: Source) => void;
}

export function useSourceActions(): SourceActions {
  const client = useClient();
  const queryClient = useQueryClient();
  const notify = useNotify();
  return useMemo(() => {
    const told = (work: Promise<unknown>, from: string): void => {
      work.catch((error: unknown) => notify({ tone: 'info', from, text: toErrorData(error).message }));
    };
    return {
      remove: (source) => told(client.call('sources.remove', { source: source.id }), source.label),
      pin: (source, repository, pinned) =>
        told(client.call('sources.pin', { source: source.id, repository, pinned }), source.label),
      signOut: (source) => told(client.call('accounts.signOut', { source: source.id }), source.label),
      readCatalog: (source) =>
        void queryClient.resetQueries({ queryKey: catalogQuery(client, source.id).queryKey }),
    };
  }, [client, queryClient, notify]);
}
