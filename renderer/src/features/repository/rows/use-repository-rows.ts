import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useSyncExternalStore } from 'react';
import { toErrorData } from '../../../../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../../client/client-context.ts';
import type { RepositoryView } from '../../../navigation/view.ts';
import { rowsByDigest, rowsByTag, sortByDate } from '../model/build-rows.ts';
import { EMPTY_LISTING } from '../model/listing.ts';
import type { KnownEntry, Listing } from '../model/listing.ts';
import { listingQuery } from '../model/listing-query.ts';
import { rowListOf } from '../model/row.ts';
import type { Row, RowList } from '../model/row.ts';
import { createRowStore } from '../model/row-store.ts';
import type { RowStore } from '../model/row-store.ts';

/** Up to this many tags of a registry are all resolved, so that rows are digests; above, a row is a tag. */
export const GROUPING_LIMIT = 300;

/** The rows of a repository and how far they are known. */
export interface RepositoryRows {
  readonly rows: RowList;
  readonly listing: Listing;
  readonly store: RowStore;
  /** True while names are coming. */
  readonly reading: boolean;
  /** True until the first name, or the answer that there is none. */
  readonly waiting: boolean;
  readonly error?: ErrorData;
  /** True when a row is a digest. */
  readonly grouped: boolean;
  /** Sorting by date: possible, going on, or with too many rows to read all their dates. */
  readonly dates: 'sorted' | { readonly read: number; readonly of: number } | 'too-many' | 'not-asked';
  readonly readAgain: () => void;
}

export function useRepositoryRows(view: RepositoryView): RepositoryRows {
  const client = useClient();
  const query = useQuery(listingQuery(client, view.target));
  const listing = query.data ?? EMPTY_LISTING;
  const { source, repository } = view.target;
  const store = useMemo(
    () => createRowStore(client, repository === undefined ? { source } : { source, repository }),
    [client, source, repository],
  );
  useEffect(() => () => store.pause(), [store]);
  const version = useSyncExternalStore(store.subscribe, store.version);
  const tagsVersion = useSyncExternalStore(store.subscribe, store.tagsVersion);

  const filter = useDeferredValue(view.filter);
  const resolveAll = useMemo(() => tagsToResolve(listing), [listing]);
  const allResolved = useMemo(
    () =>
      tagsVersion >= 0 &&
      resolveAll.length > 0 &&
      resolveAll.every((tag) => store.resolved(tag) !== undefined),
    [resolveAll, store, tagsVersion],
  );
  const grouped = listing !== EMPTY_LISTING && (listing.digestsKnown || allResolved);

  const byDate = view.sort === 'date';
  const sort = view.sort === 'date' ? 'version' : view.sort;
  // Only where rows are made of resolved tags does a tag that moved change them.
  const groupedAt = grouped && !listing.digestsKnown ? tagsVersion : 0;
  const plain = useMemo((): readonly Row[] | RowList => {
    const options = { filter, sort, companions: view.companions };
    if (!grouped || groupedAt < 0) return rowsByTag(listing, options);
    return rowsByDigest(listing, (tag) => listing.known.get(tag) ?? resolvedEntry(store, tag), options);
  }, [listing, filter, sort, view.companions, grouped, groupedAt, store]);

  const datable = byDate && grouped && isList(plain) && plain.length <= GROUPING_LIMIT ? plain : undefined;
  const describeAll = useMemo(
    () => (datable ?? []).flatMap((row) => (row.digest === undefined ? [] : [row.digest])),
    [datable],
  );
  const read = useMemo(
    () => (version < 0 ? 0 : describeAll.filter((digest) => store.details(digest) !== undefined).length),
    [describeAll, store, version],
  );
  const allDated = datable !== undefined && read === describeAll.length;
  const rows = useMemo((): RowList => {
    if (!isList(plain)) return plain;
    return rowListOf(allDated ? sortByDate(plain, (digest) => store.details(digest)?.created) : plain);
  }, [plain, allDated, store]);

  useEffect(
    () => store.wantAlways({ resolve: resolveAll, describe: describeAll }),
    [store, resolveAll, describeAll],
  );

  const tooMany =
    byDate && (isList(plain) ? plain.length > GROUPING_LIMIT : listing.byVersion.length > GROUPING_LIMIT);
  return {
    rows,
    listing,
    store,
    reading: query.isFetching,
    waiting: query.data === undefined && query.isFetching,
    ...(query.error === null ? {} : { error: toErrorData(query.error) }),
    grouped,
    dates: !byDate
      ? 'not-asked'
      : tooMany
        ? 'too-many'
        : allDated
          ? 'sorted'
          : { read, of: describeAll.length },
    readAgain() {
      store.readAgain();
      void query.refetch();
    },
  };
}

/** The tags to look up so that rows can be digests: all of a whole, small listing that came without digests. */
function tagsToResolve(listing: Listing): readonly string[] {
  const count = listing.byVersion.length;
  if (listing.digestsKnown || !listing.complete || count > GROUPING_LIMIT) return [];
  return listing.byVersion.map(({ tag }) => tag);
}

function resolvedEntry(store: RowStore, tag: string): KnownEntry | undefined {
  const resolved = store.resolved(tag);
  if (resolved?.digest === undefined) return undefined;
  return {
    digest: resolved.digest,
    ...(resolved.mediaType === undefined ? {} : { mediaType: resolved.mediaType }),
    ...(resolved.size === undefined ? {} : { size: resolved.size }),
  };
}

function isList(rows: readonly Row[] | RowList): rows is readonly Row[] {
  return Array.isArray(rows);
}
