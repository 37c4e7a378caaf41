import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { isVerifiable, isVerifiableDigest, type Digest } from '../../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import type { FetchedManifest, Target } from '../../content/target.ts';
import {
  listingOf,
  type RepositoryContent,
  type RepositoryContents,
} from '../../layout/repositories/repository-contents.ts';
import { listedReferrer } from '../../layout/repositories/listed-referrer.ts';
import type { RepositoryListing } from '../../layout/repositories/repository-listing.ts';
import { OWN_REPOSITORY } from '../../layout/repositories/repository-names.ts';
import type { Mark, RepositoryMarks } from '../../layout/repositories/repository-marks.ts';
import type {
  FindBlobOptions,
  ReferrersOptions,
  RepositoryWriter,
  ServedBlob,
  ServedOptions,
  ServedRepository,
} from '../served-registry.ts';
import { inByteOrder } from './in-byte-order.ts';
import { servedBlob } from './served-blob.ts';
import type { VerifiedBlobs } from './verified-blobs.ts';

/** What all repositories of one layout share. */
export interface LayoutShelf {
  readonly target: Target;
  readonly contents: RepositoryContents;
  /** Absent where nothing was ever marked and nothing can be: in archives. */
  readonly marks: RepositoryMarks | undefined;
  readonly verified: VerifiedBlobs;
  /** Keeps content from being collected for a while; absent where nothing is written. */
  readonly touch:
    ((content: { readonly digest: Digest; readonly size: number }) => Promise<void>) | undefined;
}

/** A repository of a layout: what `index.json` lists of it, what that leads to, and what was uploaded to it. */
export class LayoutRepository implements ServedRepository {
  /** The names under which the layout knows it; the first one is written. */
  readonly names: readonly [string, ...string[]];
  readonly writer?: RepositoryWriter;
  readonly #shelf: LayoutShelf;

  constructor(
    names: readonly [string, ...string[]],
    shelf: LayoutShelf,
    makeWriter?: (repository: LayoutRepository) => RepositoryWriter,
  ) {
    this.names = names;
    this.#shelf = shelf;
    if (makeWriter !== undefined) this.writer = makeWriter(this);
  }

  async resolve(reference: string, { note }: ServedOptions): Promise<Descriptor | undefined> {
    const named = await this.#named(reference);
    if (named === undefined) return undefined;
    const size = await this.#sizeOf(named.digest);
    if (size === undefined) {
      note(`${reference} is listed as ${named.digest}, and its content is missing.`);
      return undefined;
    }
    return { mediaType: named.mediaType, digest: named.digest, size };
  }

  async fetchManifest(
    reference: string,
    { signal, note }: ServedOptions,
  ): Promise<FetchedManifest | undefined> {
    const descriptor = await this.resolve(reference, { signal, note });
    if (descriptor === undefined) return undefined;
    const { bytes } = await this.#shelf.target.fetchManifest(descriptor.digest, { signal });
    return { descriptor: { ...descriptor, size: bytes.byteLength }, bytes };
  }

  async findBlob(digest: Digest, { keep, note }: FindBlobOptions): Promise<ServedBlob | undefined> {
    if (!isVerifiable(digest)) return undefined;
    const size = await this.#sizeOf(digest);
    if (size === undefined || !(await this.holdsBlob(digest, note))) return undefined;
    if (keep) await this.#shelf.touch?.({ digest, size });
    const descriptor = { mediaType: MEDIA_TYPES.octetStream, digest, size };
    return servedBlob(this.#shelf.target, descriptor, this.#shelf.verified);
  }

  async listTags(): Promise<readonly string[] | undefined> {
    const listings = await this.#shelf.contents.listings();
    const { tags, manifests } = listingOf(listings, this.names);
    if (manifests.size === 0) return undefined;
    const hidden = this.names.includes(OWN_REPOSITORY) ? listings.derivedTags : new Set<string>();
    return inByteOrder([...tags.keys()].filter((tag) => !hidden.has(tag)));
  }

  async *listReferrers(
    subject: Digest,
    { artifactType, after, signal, note }: ReferrersOptions,
  ): AsyncGenerator<Descriptor, void, undefined> {
    const content = await this.content();
    noteFailures(content, note);
    const referrers = (content.bySubject.get(subject) ?? [])
      .filter((referrer) => artifactType === undefined || referrer.artifactType === artifactType)
      .filter(({ digest }) => after === undefined || digest > after)
      .sort((left, right) => (left.digest < right.digest ? -1 : 1));
    for (const { digest, mediaType } of referrers) {
      if ((await this.#markOf(digest)) === 'gone' && !(await this.#listing()).manifests.has(digest)) continue;
      const { bytes } = await this.#shelf.target.fetchManifest(digest, { signal });
      yield listedReferrer({ descriptor: { mediaType, digest, size: bytes.byteLength }, bytes });
    }
  }

  /** Whether a blob that is in the layout is in this repository. */
  async holdsBlob(digest: Digest, note: ServedOptions['note']): Promise<boolean> {
    const mark = await this.#markOf(digest);
    if (mark !== 'unmarked') return mark === 'held';
    const content = await this.content();
    if (content.blobs.has(digest)) return true;
    noteFailures(content, note);
    return false;
  }

  /** Whether a manifest of the repository names the blob. */
  async namesBlob(digest: Digest): Promise<boolean> {
    return (await this.content()).blobs.has(digest);
  }

  /** Everything that the repository's manifests lead to. */
  content(): Promise<RepositoryContent> {
    return this.#shelf.contents.content(this.names);
  }

  async #listing(): Promise<RepositoryListing> {
    return listingOf(await this.#shelf.contents.listings(), this.names);
  }

  async #named(reference: string): Promise<Descriptor | undefined> {
    const listing = await this.#listing();
    if (!isVerifiableDigest(reference)) return isTag(reference) ? listing.tags.get(reference) : undefined;
    const listed = listing.manifests.get(reference);
    if (listed !== undefined) return listed;
    // Most digests that are asked for and not listed are not there at all: that costs no reading of manifests.
    if ((await this.#sizeOf(reference)) === undefined) return undefined;
    if ((await this.#markOf(reference)) === 'gone') return undefined;
    return (await this.content()).manifests.get(reference);
  }

  /** Of several names the first one that has a mark counts. */
  async #markOf(digest: Digest): Promise<Mark> {
    for (const name of this.names) {
      const mark = (await this.#shelf.marks?.markOf(name, digest)) ?? 'unmarked';
      if (mark !== 'unmarked') return mark;
    }
    return 'unmarked';
  }

  async #sizeOf(digest: Digest): Promise<number | undefined> {
    const descriptor = { mediaType: MEDIA_TYPES.octetStream, digest, size: 0 };
    const presence = await this.#shelf.target.inspectBlob?.(descriptor, {
      signal: new AbortController().signal,
    });
    return presence?.state === 'present' ? presence.size : undefined;
  }
}

function noteFailures({ failures }: RepositoryContent, note: ServedOptions['note']): void {
  const [first, ...more] = failures;
  if (first === undefined) return;
  note(
    `Something in this repository cannot be read, so there may be more than this: ${first.message}${more.length === 0 ? '' : ` (and ${more.length} more)`}`,
  );
}
