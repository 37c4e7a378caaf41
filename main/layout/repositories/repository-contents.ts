import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { isIndexMediaType, isManifestMediaType } from '../../../shared/oci/media-types.ts';
import { parseCompanionTag } from '../../../shared/oci/referrers-tag.ts';
import type { Target } from '../../content/target.ts';
import type { LayoutIndex } from '../layout-index.ts';
import type { ReadIndex } from '../layout-reader.ts';
import { ManifestLinksReader, type LinksAnswer } from './manifest-links.ts';
import { listRepositories, mergeListings, type RepositoryListing } from './repository-listing.ts';
import { OWN_REPOSITORY } from './repository-names.ts';

/** Failures that are kept to be told; the rest is counted among them. */
const FAILURES_KEPT = 20;

/** What one repository of a layout holds, whether listed by itself or named by something that is. */
export interface RepositoryContent {
  /** Manifests listed, and below them the children of indexes. */
  readonly manifests: ReadonlyMap<Digest, Descriptor>;
  /** Each child of an index with that index. */
  readonly parents: ReadonlyMap<Digest, Digest>;
  /** Configs and layers (and children of indexes that are no manifests), each with a manifest that names it. */
  readonly blobs: ReadonlyMap<Digest, Digest>;
  /** Manifests by the subject that they name, with their artifact type. */
  readonly bySubject: ReadonlyMap<Digest, readonly Descriptor[]>;
  /** Manifests that could not be read: there may be more than is in here. */
  readonly failures: readonly ErrorData[];
}

/** What the index of a layout lists, by repository. */
export interface RepositoryListings {
  /** A layout's own repository is `OWN_REPOSITORY`; one that lists nothing is absent. */
  readonly byRepository: ReadonlyMap<string, RepositoryListing>;
  /**
   * Tags of the layout's own repository that are indexes of referrers (`sha256-…`) of what is listed by itself: kept for
   * programs that look for referrers by tag, not meant as tags.
   */
  readonly derivedTags: ReadonlySet<string>;
}

export interface RepositoryContentsOptions {
  readonly target: Target;
  readonly readIndex: (signal: AbortSignal) => Promise<ReadIndex>;
  /** Ends reading for good. */
  readonly signal: AbortSignal;
}

interface Remembered<Value> {
  readonly stamp: string;
  readonly value: Promise<Value>;
}

/**
 * What the repositories of a layout hold. Reads manifests once; after a change of `index.json` only new ones.
 *
 * Indexes of referrers under a `sha256-…` tag are the layout's, not a repository's: one of which every manifest is listed in
 * other repositories only is in none, and what they list belongs to the layout's own repository only where nothing else lists it.
 */
export class RepositoryContents {
  readonly #options: RepositoryContentsOptions;
  readonly #links: ManifestLinksReader;
  #listings: Remembered<RepositoryListings> | undefined;
  readonly #contents = new Map<string, Remembered<RepositoryContent>>();

  constructor(options: RepositoryContentsOptions) {
    this.#options = options;
    this.#links = new ManifestLinksReader(options.target, options.signal);
  }

  /** @throws TallymanError as reading the index. */
  async listings(): Promise<RepositoryListings> {
    const { stamp, index } = await this.#options.readIndex(this.#options.signal);
    return this.#listingsOf(stamp, index);
  }

  /**
   * Everything in a repository.
   * @param repositories - names that mean one repository, the first one before the others; mostly one.
   */
  async content(repositories: readonly string[]): Promise<RepositoryContent> {
    const { stamp, index } = await this.#options.readIndex(this.#options.signal);
    const key = repositories.join(' ');
    const known = this.#contents.get(key);
    if (known?.stamp === stamp) return known.value;
    const value = this.#listingsOf(stamp, index).then((listings) =>
      this.#collect(listingOf(listings, repositories), index),
    );
    this.#remember(key, { stamp, value });
    return value;
  }

  #listingsOf(stamp: string, index: LayoutIndex): Promise<RepositoryListings> {
    if (this.#listings?.stamp === stamp) return this.#listings.value;
    const value = this.#list(index);
    const listings = { stamp, value };
    this.#listings = listings;
    value.catch(() => {
      if (this.#listings === listings) this.#listings = undefined;
    });
    return value;
  }

  #remember(key: string, content: Remembered<RepositoryContent>): void {
    this.#contents.set(key, content);
    content.value.then(
      ({ failures }) => {
        // What could not be read may be readable the next time.
        if (failures.length > 0 && this.#contents.get(key) === content) this.#contents.delete(key);
      },
      () => {
        if (this.#contents.get(key) === content) this.#contents.delete(key);
      },
    );
  }

  async #list(index: LayoutIndex): Promise<RepositoryListings> {
    const byRepository = new Map(listRepositories(index));
    const own = byRepository.get(OWN_REPOSITORY);
    if (own === undefined) return { byRepository, derivedTags: new Set() };
    const derivedTags = new Set<string>();
    const tags = new Map(own.tags);
    const manifests = new Map(own.manifests);
    for (const [tag, descriptor] of fallbackTags(own)) {
      const answer = await this.#links.read(descriptor);
      const children = answer.state === 'read' ? answer.links.manifests : [];
      if (children.length === 0 || !children.every(({ digest }) => index.byDigest.has(digest))) continue;
      derivedTags.add(tag);
      if (children.some(({ digest }) => own.manifests.has(digest))) continue;
      tags.delete(tag);
      manifests.delete(descriptor.digest);
    }
    if (manifests.size === 0) byRepository.delete(OWN_REPOSITORY);
    else byRepository.set(OWN_REPOSITORY, { tags, manifests });
    return { byRepository, derivedTags };
  }

  async #collect(listing: RepositoryListing, index: LayoutIndex): Promise<RepositoryContent> {
    const manifests = new Map(listing.manifests);
    const parents = new Map<Digest, Digest>();
    const blobs = new Map<Digest, Digest>();
    const bySubject = new Map<Digest, Descriptor[]>();
    const failures: ErrorData[] = [];
    const fallbacks = new Set([...fallbackTags(listing)].map(([, { digest }]) => digest));

    const take = (descriptor: Descriptor, answer: LinksAnswer): readonly Descriptor[] => {
      if (answer.state === 'failed' && failures.length < FAILURES_KEPT) failures.push(answer.error);
      if (answer.state !== 'read') return [];
      const { links } = answer;
      for (const blob of links.blobs) if (!blobs.has(blob)) blobs.set(blob, descriptor.digest);
      if (links.subject !== undefined) {
        const { mediaType, digest, size } = descriptor;
        const { artifactType } = links;
        const referrer = { mediaType, digest, size, ...(artifactType === undefined ? {} : { artifactType }) };
        const referrers = bySubject.get(links.subject);
        if (referrers === undefined) bySubject.set(links.subject, [referrer]);
        else referrers.push(referrer);
      }
      const children: Descriptor[] = [];
      for (const child of links.manifests) {
        if (fallbacks.has(descriptor.digest) && index.byDigest.has(child.digest)) continue;
        if (!isManifestMediaType(child.mediaType) && !blobs.has(child.digest))
          blobs.set(child.digest, descriptor.digest);
        if (!parents.has(child.digest)) parents.set(child.digest, descriptor.digest);
        if (manifests.has(child.digest)) continue;
        manifests.set(child.digest, child);
        children.push(child);
      }
      return children;
    };

    let level: readonly Descriptor[] = [...manifests.values()];
    while (level.length > 0) {
      const answers = await Promise.all(
        level.map(async (descriptor) => [descriptor, await this.#links.read(descriptor)] as const),
      );
      level = answers.flatMap(([descriptor, answer]) => take(descriptor, answer));
    }
    return { manifests, parents, blobs, bySubject, failures };
  }
}

/** What is listed of a repository that goes by several names. */
export function listingOf(
  { byRepository }: RepositoryListings,
  repositories: readonly string[],
): RepositoryListing {
  return mergeListings(repositories.flatMap((name) => byRepository.get(name) ?? []));
}

/** Tags that have the form of a referrers tag and name an index. */
function fallbackTags({ tags }: RepositoryListing): readonly (readonly [string, Descriptor])[] {
  return [...tags].filter(
    ([tag, { mediaType }]) => isIndexMediaType(mediaType) && parseCompanionTag(tag)?.form === 'fallback',
  );
}
