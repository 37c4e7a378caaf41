import { parseCompanionTag } from '../../../shared/oci/referrers-tag.ts';
import type { TagLookup } from '../../content/tag-lookup.ts';

/** How long a listing is believed about companion tags that are absent. A new listing of the repository replaces it at once. */
export const COMPANION_TAGS_LIFE_MS = 5 * 60_000;
/** Listings that are remembered. */
const LISTINGS_LIMIT = 200;

/**
 * The companion tags (`sha256-…`, `.sig`, `.att`, `.sbom`) of repositories that were just listed, so that looking for attachments of a
 * row costs no request where the listing says that there are none. Ordinary tags are not kept, however many there are.
 */
export interface CompanionTags {
  /** Notes the tags of a whole listing. */
  remember(place: string, tags: Iterable<string>): void;
  forget(place: string): void;
  /** Knows a tag as present or absent while the listing is fresh, else as unknown: one look at the place then tells. */
  lookup(place: string): Pick<TagLookup, 'find'>;
}

export function createCompanionTags(now: () => number = Date.now): CompanionTags {
  const listings = new Map<string, { readonly tags: ReadonlySet<string>; readonly at: number }>();

  return {
    remember(place, tags) {
      const companions = new Set<string>();
      for (const tag of tags) if (parseCompanionTag(tag) !== undefined) companions.add(tag);
      listings.delete(place);
      listings.set(place, { tags: companions, at: now() });
      for (const oldest of listings.keys()) if (listings.size > LISTINGS_LIMIT) listings.delete(oldest);
    },
    forget: (place) => void listings.delete(place),
    lookup: (place) => ({
      find(tag) {
        const listing = listings.get(place);
        const known = listing !== undefined && now() - listing.at < COMPANION_TAGS_LIFE_MS;
        if (!known) return Promise.resolve({ known: 'unknown' });
        return Promise.resolve(
          listing.tags.has(tag) ? { known: 'present', descriptors: [] } : { known: 'absent' },
        );
      },
    }),
  };
}
