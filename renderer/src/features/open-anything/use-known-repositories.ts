import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Catalog } from '../../data/repositories.ts';
import { useSources } from '../../data/sources.ts';

/** A repository that was seen in a catalog, pinned or typed. */
export interface KnownRepository {
  readonly source: string;
  readonly repository: string;
}

/** Every repository that this window knows of without asking anybody. */
export function useKnownRepositories(): readonly KnownRepository[] {
  const sources = useSources();
  const queryClient = useQueryClient();
  return useMemo(
    () =>
      sources.flatMap((source) => {
        const catalog = queryClient.getQueryData<Catalog>(['catalog', source.id]);
        const names = new Set([...source.pinned, ...(catalog?.repositories ?? [])]);
        return [...names].map((repository) => ({ source: source.id, repository }));
      }),
    [sources, queryClient],
  );
}
