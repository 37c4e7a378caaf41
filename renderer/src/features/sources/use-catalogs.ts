import { useQueries } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { catalogQuery } from '../../data/repositories.ts';
import type { Catalog } from '../../data/repositories.ts';
import type { CatalogState } from './source-rows.ts';

/** The catalogs of these registries, read page by page as soon as a registry is among them. */
export function useCatalogs(registries: readonly string[]): ReadonlyMap<string, CatalogState> {
  const client = useClient();
  return useQueries({
    queries: registries.map((id) => catalogQuery(client, id)),
    combine: (results) => new Map(results.map((result, at) => [registries[at] ?? '', stateOf(result)])),
  });
}

function stateOf({ data, error, isFetching }: UseQueryResult<Catalog>): CatalogState {
  return {
    repositories: data?.repositories ?? [],
    reading: isFetching,
    complete: data?.complete === true,
    ...(error === null ? {} : { error: toErrorData(error) }),
  };
}
