import { quoteText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isDigest, type Digest } from '../../shared/oci/digest.ts';
import type {
  ContentPresence,
  FetchedManifest,
  ReadBlobOptions,
  ReferrersSource,
  Target,
  TargetEntry,
  TargetOptions,
} from '../content/target.ts';
import { verifiableAlgorithm, verifyContent } from '../content/verify-content.ts';
import { findEntry, knownNames } from './find-entry.ts';
import type { LayoutReader } from './layout-reader.ts';
import { LayoutReferrers } from './layout-referrers.ts';
import { blobName, type LayoutStorage } from './layout-storage.ts';
import { LISTING_PAGE_SIZE } from './limits.ts';

/** The content graph of an OCI image layout. Names are those of `ref.name`; see `findEntry` for what they match. */
export class LayoutTarget implements Target {
  readonly label: string;
  readonly referrers: ReferrersSource;
  readonly openWriter?: NonNullable<Target['openWriter']>;
  readonly #storage: LayoutStorage;
  readonly #reader: LayoutReader;

  /** @param openWriter - absent for what cannot be written to: an archive. */
  constructor(storage: LayoutStorage, reader: LayoutReader, openWriter?: NonNullable<Target['openWriter']>) {
    this.label = storage.place;
    if (openWriter !== undefined) this.openWriter = openWriter;
    this.#storage = storage;
    this.#reader = reader;
    this.referrers = new LayoutReferrers({
      readIndex: (signal) => this.#reader.index(signal),
      fetch: (descriptor, signal) => this.#reader.manifest(descriptor.digest, { descriptor }, signal),
    });
  }

  /**
   * By name, the size that index.json claims is not insisted on: the descriptor that comes back has the real one, so that
   * a wrong entry does not hide what it names. A whole descriptor is held to its size.
   */
  async fetchManifest(reference: string | Descriptor, { signal }: TargetOptions): Promise<FetchedManifest> {
    if (typeof reference !== 'string') return this.#fetchExactly(reference, signal);
    if (isDigest(reference)) return this.#fetchByDigest(reference, signal);
    const { index } = await this.#reader.index(signal);
    const entry = findEntry(index, reference);
    if (entry === undefined) throw this.#noSuchName(reference, knownNames(index));
    return this.#reader.manifest(entry.digest, { descriptor: entry }, signal);
  }

  async resolve(reference: string, { signal }: TargetOptions): Promise<Descriptor | undefined> {
    const { index } = await this.#reader.index(signal);
    if (!isDigest(reference)) return findEntry(index, reference);
    const listed = index.byDigest.get(reference)?.descriptor;
    if (listed !== undefined) return listed;
    const stored = await this.#storage.look(blobName(reference));
    if (stored.state === 'missing') return undefined;
    const { descriptor } = await this.#reader.manifest(reference, {}, signal);
    return descriptor;
  }

  async *readBlob(
    descriptor: Descriptor,
    options: ReadBlobOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { offset = 0, length, unchecked = false, signal } = options;
    const name = blobName(descriptor.digest);
    if (offset === 0 && length === undefined && !unchecked) {
      verifiableAlgorithm(descriptor.digest);
      yield* verifyContent(this.#storage.read(name, { offset, signal }), descriptor);
    } else {
      yield* this.#storage.read(name, { offset, ...(length === undefined ? {} : { length }), signal });
    }
  }

  async *listEntries({ signal }: TargetOptions): AsyncGenerator<readonly TargetEntry[], void, undefined> {
    const { index } = await this.#reader.index(signal);
    for (let start = 0; start < index.entries.length; start += LISTING_PAGE_SIZE) {
      signal.throwIfAborted();
      yield index.entries
        .slice(start, start + LISTING_PAGE_SIZE)
        .map(({ refName, descriptor, problems }) => ({
          ...(refName === undefined ? {} : { tag: refName }),
          ...(descriptor === undefined ? {} : { descriptor }),
          ...(problems.length === 0 ? {} : { problems }),
        }));
    }
  }

  async inspectBlob({ digest }: Descriptor): Promise<ContentPresence> {
    const stored = await this.#storage.look(blobName(digest));
    if (stored.state === 'file') return { state: 'present', size: stored.size };
    if (stored.state === 'missing') return { state: 'missing' };
    throw new TallymanError({
      code: 'UNREADABLE',
      message: `The blob ${digest} in ${this.label} is not read: it is ${stored.what}.`,
      hint: 'Replace it by the content itself, if you trust where it leads.',
    });
  }

  #fetchExactly(descriptor: Descriptor, signal: AbortSignal): Promise<FetchedManifest> {
    return this.#reader.manifest(descriptor.digest, { descriptor, size: descriptor.size }, signal);
  }

  async #fetchByDigest(digest: Digest, signal: AbortSignal): Promise<FetchedManifest> {
    const { index } = await this.#reader.index(signal);
    const entry = index.byDigest.get(digest)?.descriptor;
    try {
      return await this.#reader.manifest(digest, { descriptor: entry }, signal);
    } catch (error) {
      if (!(error instanceof TallymanError && error.code === 'MISSING')) throw error;
      if (entry !== undefined) throw error;
      throw new TallymanError({
        code: 'NOT_FOUND',
        message: `${this.label} has no ${digest}.`,
        hint: 'Check the digest; list the layout to see what it has.',
      });
    }
  }

  #noSuchName(name: string, known: string): TallymanError {
    return new TallymanError({
      code: 'NOT_FOUND',
      message: `${this.label} has nothing named ${quoteText(name)}.`,
      hint: known,
    });
  }
}
