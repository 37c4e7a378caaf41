import type { QueryFunction } from '@tanstack/react-query';
import type { Client } from '../../../shared/contract/client.ts';

/** What is known of a registry's catalog so far. */
export interface Catalog {
  /** In the order of the registry. */
  readonly repositories: readonly string[];
  /** False while pages are still coming. */
  readonly complete: boolean;
}

type CatalogKey = readonly ['catalog', source: string];

interface CatalogQuery {
  readonly queryKey: CatalogKey;
  readonly queryFn: QueryFunction<Catalog, CatalogKey>;
  readonly structuralSharing: false;
}

/**
 * The catalog of a registry, page by page: `data` grows while it is being fetched, and what came stays when a page fails.
 */
export function catalogQuery(client: Client, source: string): CatalogQuery {
  return {
    queryKey: ['catalog', source],
    structuralSharing: false,
    async queryFn({ signal, client: queryClient, queryKey }): Promise<Catalog> {
      let repositories: readonly string[] = [];
      await client.call(
        'repositories.list',
        { source },
        {
          signal,
          onStep(step) {
            repositories = [...repositories, ...step.repositories];
            queryClient.setQueryData<Catalog>(queryKey, { repositories, complete: false });
          },
        },
      );
      return { repositories, complete: true };
    },
  };
}
