import type { QueryFunction } from '@tanstack/react-query';
import type { Client } from '../../../../../shared/contract/client.ts';
import type { TargetAddress } from '../../../../../shared/contract/common.ts';
import type { RepositoryEntry } from '../../../../../shared/contract/repository.ts';
import { isRegistry } from '../../../places/source-name.ts';
import { EMPTY_LISTING, addEntries } from './listing.ts';
import type { Listing } from './listing.ts';

/** After the first page, pages are shown together at most this often, in milliseconds. */
const TOGETHER = 120;

type ListingKey = readonly ['listing', source: string, repository: string | null];

interface ListingQuery {
  readonly queryKey: ListingKey;
  readonly queryFn: QueryFunction<Listing, ListingKey>;
  readonly structuralSharing: false;
  readonly staleTime?: number;
}

/**
 * The names in a repository, page by page: `data` grows while they come, the first page at once. When they are read
 * again, the old list stays until the new one is whole. What came before an error stays.
 */
export function listingQuery(client: Client, target: TargetAddress): ListingQuery {
  return {
    queryKey: ['listing', target.source, target.repository ?? null],
    structuralSharing: false,
    // A layout lies on this machine and changes under us (the sample, other tools): looking at it again costs nobody anything.
    ...(isRegistry(target.source) ? {} : { staleTime: 0 }),
    async queryFn({ signal, client: queryClient, queryKey }): Promise<Listing> {
      const isFirst = queryClient.getQueryData(queryKey) === undefined;
      let listing = EMPTY_LISTING;
      let waiting: RepositoryEntry[] = [];
      let timer: ReturnType<typeof setTimeout> | undefined;
      const take = (): void => {
        clearTimeout(timer);
        timer = undefined;
        if (waiting.length === 0) return;
        listing = addEntries(listing, waiting);
        waiting = [];
        if (isFirst && !signal.aborted) queryClient.setQueryData<Listing>(queryKey, listing);
      };
      try {
        await client.call(
          'repository.entries',
          { target },
          {
            signal,
            onStep({ entries }) {
              waiting = waiting.length === 0 ? entries : waiting.concat(entries);
              if (listing === EMPTY_LISTING) take();
              else timer ??= setTimeout(take, TOGETHER);
            },
          },
        );
      } finally {
        take();
      }
      return { ...listing, complete: true };
    },
  };
}
