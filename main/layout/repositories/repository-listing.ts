import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { LayoutIndex } from '../layout-index.ts';
import { holdersOf, readEntryName } from './repository-names.ts';

/** What `index.json` lists of one repository. */
export interface RepositoryListing {
  /** The first entry counts where a tag occurs twice, as everywhere in layouts. */
  readonly tags: ReadonlyMap<string, Descriptor>;
  /** With and without tags. */
  readonly manifests: ReadonlyMap<Digest, Descriptor>;
}

/** The repositories of a layout, by name or `OWN_REPOSITORY`; see `repository-names.ts`. */
export function listRepositories(index: LayoutIndex): ReadonlyMap<string, RepositoryListing> {
  const listings = new Map<string, { tags: Map<string, Descriptor>; manifests: Map<Digest, Descriptor> }>();
  const listingOf = (
    repository: string,
  ): { tags: Map<string, Descriptor>; manifests: Map<Digest, Descriptor> } => {
    const known = listings.get(repository);
    if (known !== undefined) return known;
    const listing = { tags: new Map<string, Descriptor>(), manifests: new Map<Digest, Descriptor>() };
    listings.set(repository, listing);
    return listing;
  };
  const addManifest = (repository: string, descriptor: Descriptor): void => {
    const { manifests } = listingOf(repository);
    if (!manifests.has(descriptor.digest)) manifests.set(descriptor.digest, descriptor);
  };

  for (const { refName, descriptor } of index.entries) {
    if (descriptor === undefined) continue;
    const tagged = refName === undefined ? undefined : readEntryName(refName);
    if (tagged !== undefined) {
      const { tags } = listingOf(tagged.repository);
      if (!tags.has(tagged.tag)) tags.set(tagged.tag, descriptor);
      addManifest(tagged.repository, descriptor);
    }
    for (const holder of holdersOf({ descriptor, ...(refName === undefined ? {} : { refName }) }))
      addManifest(holder, descriptor);
  }
  return listings;
}

/** Of two listings of one repository, the first counts where both say something. */
export function mergeListings(listings: readonly RepositoryListing[]): RepositoryListing {
  const [only] = listings;
  if (listings.length === 1 && only !== undefined) return only;
  const backwards = listings.toReversed();
  return {
    tags: new Map(backwards.flatMap(({ tags }) => [...tags])),
    manifests: new Map(backwards.flatMap(({ manifests }) => [...manifests])),
  };
}
