import type { RepositoryEntry } from '../../../../../shared/contract/repository.ts';
import { parseCompanionTag } from '../../../../../shared/oci/referrers-tag.ts';
import { mergeSorted } from './merge-sorted.ts';
import { compareByVersion, compareNaturally, orderedTag } from './tag-order.ts';
import type { OrderedTag } from './tag-order.ts';

/** What the listing says about a name beyond the name: layouts know it, registries do not. */
export type KnownEntry = Pick<RepositoryEntry, 'mediaType' | 'artifactType' | 'size'> & {
  readonly digest: string;
};

/** An entry without a tag; only layouts have them. */
export type UntaggedEntry = KnownEntry;

/**
 * The names of a repository as far as they came, always in order. Each page makes a new listing out of the old one;
 * of the maps, which only grow, all listings of one reading share the same.
 */
export interface Listing {
  /** Tags that stand for something of their own, newest version first. */
  readonly byVersion: readonly OrderedTag[];
  /** The same in the order of their names. */
  readonly byName: readonly OrderedTag[];
  /** Tags that hold what belongs to another digest: the referrers fallback, cosign's tags. In the order of their names. */
  readonly companions: readonly string[];
  /** Untagged entries that say what sort of artifact they are: things attached to others. */
  readonly attachedEntries: readonly UntaggedEntry[];
  /** Untagged entries that do not. */
  readonly untagged: readonly UntaggedEntry[];
  /** Digests by tag, where the listing knows them. */
  readonly known: ReadonlyMap<string, KnownEntry>;
  /** True when each tag's digest came with the listing, as in a layout. */
  readonly digestsKnown: boolean;
  /** False while pages are still coming, or when reading stopped at an error. */
  readonly complete: boolean;
}

export const EMPTY_LISTING: Listing = {
  byVersion: [],
  byName: [],
  companions: [],
  attachedEntries: [],
  untagged: [],
  known: new Map(),
  digestsKnown: true,
  complete: false,
};

/** The listing with one more page of entries. */
export function addEntries(listing: Listing, entries: readonly RepositoryEntry[]): Listing {
  const fresh: OrderedTag[] = [];
  const companions: string[] = [];
  const attachedEntries: UntaggedEntry[] = [];
  const untagged: UntaggedEntry[] = [];
  const known =
    listing === EMPTY_LISTING ? new Map<string, KnownEntry>() : (listing.known as Map<string, KnownEntry>);
  let digestsKnown = listing.digestsKnown;

  for (const { tag, digest, ...rest } of entries) {
    if (tag === undefined) {
      if (digest !== undefined)
        (rest.artifactType === undefined ? untagged : attachedEntries).push({ digest, ...rest });
      continue;
    }
    if (digest === undefined) digestsKnown = false;
    else known.set(tag, { digest, ...rest });
    if (parseCompanionTag(tag) === undefined) fresh.push(orderedTag(tag));
    else companions.push(tag);
  }

  return {
    byVersion: mergeSorted(listing.byVersion, fresh.toSorted(compareByVersion), compareByVersion),
    byName: mergeSorted(listing.byName, fresh.toSorted(compareByName), compareByName),
    companions: mergeSorted(listing.companions, companions.toSorted(compareNaturally), compareNaturally),
    attachedEntries: [...listing.attachedEntries, ...attachedEntries],
    untagged: [...listing.untagged, ...untagged],
    known,
    digestsKnown,
    complete: listing.complete,
  };
}

function compareByName(a: OrderedTag, b: OrderedTag): number {
  return compareNaturally(a.tag, b.tag);
}

/** How many tags came so far, companions included. */
export function tagCount(listing: Listing): number {
  return listing.byVersion.length + listing.companions.length;
}
