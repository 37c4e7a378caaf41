import { setTimeout as sleep } from 'node:timers/promises';
import { quoteText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { MANIFEST_LIMIT } from '../content/limits.ts';
import type { FetchedManifest } from '../content/target.ts';
import { readAll, verifyBytes, verifiableAlgorithm } from '../content/verify-content.ts';
import { parseLayoutIndex, type LayoutIndex } from './layout-index.ts';
import { blobName, INDEX_NAME, type LayoutStorage } from './layout-storage.ts';
import { INDEX_FILE_LIMIT } from './limits.ts';

/** Tools that write `index.json` in place leave it torn for a moment: so often, and so long apart, it is read again. */
const TORN_INDEX_TRIES = 8;
const TORN_INDEX_PAUSE_MS = 25;

/** `index.json` as it was read, and a stamp that differs once it changed. */
export interface ReadIndex {
  readonly stamp: string;
  readonly index: LayoutIndex;
}

/** What is said of a manifest before it is read. */
export interface ManifestClaim {
  /** Media type, platform, annotations; without it the media type is what the document says. */
  readonly descriptor?: Descriptor | undefined;
  /** The bytes that it must have, where that is insisted on. */
  readonly size?: number;
}

/** Reads index and manifests of a layout, verified; the index again only when its file changed. */
export class LayoutReader {
  readonly #storage: LayoutStorage;
  #read: ReadIndex | undefined;

  constructor(storage: LayoutStorage) {
    this.#storage = storage;
  }

  /**
   * @throws TallymanError NOT_A_LAYOUT when the layout has no index.json, MALFORMED or AMBIGUOUS when it cannot be read,
   * UNREADABLE, LIMIT.
   */
  async index(signal: AbortSignal): Promise<ReadIndex> {
    for (let attempt = 1; ; attempt += 1) {
      const stamp = await this.#storage.indexStamp();
      if (this.#read?.stamp === stamp) return this.#read;
      try {
        const bytes = await this.#readIndexFile(signal);
        this.#read = { stamp, index: parseLayoutIndex(bytes, this.#storage.place) };
        return this.#read;
      } catch (error) {
        const torn =
          error instanceof TallymanError && error.code === 'MALFORMED' && this.#storage.kind === 'folder';
        if (!torn || attempt === TORN_INDEX_TRIES) throw error;
        await sleep(TORN_INDEX_PAUSE_MS, undefined, { signal });
        if ((await this.#storage.indexStamp()) === stamp) throw error; // nobody is writing it
      }
    }
  }

  /**
   * The bytes of a manifest, and its descriptor with the real size.
   * @throws TallymanError MISSING, LIMIT above the manifest limit, SIZE_MISMATCH with the claimed size, DIGEST_MISMATCH,
   * UNSUPPORTED for a digest that cannot be computed, UNREADABLE.
   */
  async manifest(digest: Digest, claim: ManifestClaim, signal: AbortSignal): Promise<FetchedManifest> {
    verifiableAlgorithm(digest);
    const name = blobName(digest);
    const stored = await this.#storage.look(name);
    if (stored.state === 'file' && stored.size > MANIFEST_LIMIT) {
      throw new TallymanError({
        code: 'LIMIT',
        message: `${digest} in ${this.#storage.place} has ${stored.size} bytes; manifests are read up to ${MANIFEST_LIMIT}.`,
        hint: 'It is no manifest that registries would accept. Save it as a file to look at it.',
        details: { limit: MANIFEST_LIMIT, size: stored.size },
      });
    }
    const bytes = await readAll(this.#storage.read(name, { offset: 0, signal }), MANIFEST_LIMIT, digest);
    verifyBytes(bytes, { digest, size: claim.size ?? bytes.byteLength });
    const mediaType = claim.descriptor?.mediaType ?? mediaTypeOf(bytes);
    return { descriptor: { ...claim.descriptor, mediaType, digest, size: bytes.byteLength }, bytes };
  }

  async #readIndexFile(signal: AbortSignal): Promise<Uint8Array> {
    const { place } = this.#storage;
    const stored = await this.#storage.look(INDEX_NAME);
    if (stored.state === 'missing') {
      throw new TallymanError({
        code: 'NOT_A_LAYOUT',
        message: `${place} is no OCI image layout: it has a file oci-layout and no index.json.`,
        hint: 'Copy the layout again from where it came from: without index.json nothing says what its blobs are.',
      });
    }
    return readAll(
      this.#storage.read(INDEX_NAME, { offset: 0, signal }),
      INDEX_FILE_LIMIT,
      `index.json of ${quoteText(place)}`,
    );
  }
}

/** Type of a manifest that nothing describes: what it says of itself, or what its fields make it. */
function mediaTypeOf(bytes: Uint8Array): string {
  try {
    const { mediaType, documentMediaType, problems } = parseManifest(bytes);
    // An image config has a field `config` as well: without a type of its own only a document in which nothing is wrong counts.
    return documentMediaType === undefined && problems.length > 0 ? MEDIA_TYPES.octetStream : mediaType;
  } catch {
    return MEDIA_TYPES.octetStream; // not a manifest, or not one that may be read: the caller's parser says why
  }
}
