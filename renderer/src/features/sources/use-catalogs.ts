import { useQueries } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { catalogQuery } from '../../data/repositories.ts';
import type { Catalog } from '../../data/repositories.ts';
import type { CatalogState } from './source-rows.ts';

/** The catalogs of these registries, read page by page as soon as a registry is among them. */
export function useCatalogs(expanded: ReadonlySet<string>): ReadonlyMap<string, CatalogState> {
  const client = useClient();
  const registries = useMemo(() => [...expanded], [expanded]);
  // The same function for the same registries: then the map is the same until an answer comes.
  const combine = useCallback(
    (results: UseQueryResult<Catalog>[]) =>
      new Map(results.map((result, at) => [registries[at] ?? '', stateOf(result)])),
    [registries],
  );
  return useQueries({
    queries: registries.map((id) => catalogQuery(client, id)),
    combine,
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
