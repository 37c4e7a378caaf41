import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { Target, TargetOptions } from '../content/target.ts';
import type {
  BlobSource,
  BlobWritten,
  ManifestsWritten,
  ManifestToWrite,
  TargetWriter,
  WriteBlobOptions,
} from '../content/target-writer.ts';
import { adoptFallbacks, type ForeignFallback } from './adopt-fallbacks.ts';
import { fileError } from './file-error.ts';
import { GrowingLease } from './growing-lease.ts';
import { IngestFromSource } from './ingest-from-source.ts';
import type { NewManifest } from './checked-manifest.ts';
import type { LayoutWriter } from './layout-writer.ts';
import { ManifestWaves } from './manifest-waves.ts';
import { nodeFileSystem } from './node-file-system.ts';
import type { Layout, OpenLayoutOptions } from './open-layout.ts';
import { systemProcesses } from './process-identity.ts';
import { checkRefName } from './ref-name.ts';
import { nameContent, type MovedName, type NamedContent } from './repositories/name-content.ts';
import { writerOfLayout } from './writer-of-layout.ts';

/** Blobs of more bytes are stored so that they can be gone on with later, also by another run of the program. */
const RESUMABLE_FROM_BYTES = 8 * 1024 * 1024;

/** What another layout listed, to be listed here. */
export interface ContentToName {
  readonly contents: readonly NamedContent[];
  readonly fallbacks: readonly ForeignFallback[];
}

/** Opens the writing side of a layout that is open for reading, and stays so when the writer is closed. */
export async function openLayoutTargetWriter(
  layout: Layout,
  { fileSystem = nodeFileSystem }: Pick<OpenLayoutOptions, 'fileSystem'>,
): Promise<TargetWriter> {
  try {
    const lent: Layout = { ...layout, close: () => Promise.resolve() };
    return new LayoutTargetWriter(await writerOfLayout(lent, { fileSystem, processes: systemProcesses }));
  } catch (error) {
    throw fileError(error, `Opening ${layout.target.label} for writing`);
  }
}

/**
 * A layout folder as a place that any content can be copied to. What it wrote or was asked about is under a lease until
 * `finish` or `close`: no garbage collection takes it before something lists it.
 */
export class LayoutTargetWriter implements TargetWriter {
  readonly target: Target;
  readonly #writer: LayoutWriter;
  readonly #lease: GrowingLease;
  readonly #waves: ManifestWaves;
  readonly #large = new Map<Digest, Promise<unknown>>();

  /** The writer is closed with this one. */
  constructor(writer: LayoutWriter) {
    this.target = writer.target;
    this.#writer = writer;
    this.#lease = new GrowingLease((digests) => writer.lease(digests));
    this.#waves = new ManifestWaves((manifests, options) => writer.putManifests(manifests, options));
  }

  async hasBlob(descriptor: Descriptor): Promise<boolean> {
    await this.#lease.hold(descriptor.digest);
    return this.#writer.has(descriptor);
  }

  async writeBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options: WriteBlobOptions,
  ): Promise<BlobWritten> {
    await this.#lease.hold(descriptor.digest);
    if (descriptor.size < RESUMABLE_FROM_BYTES) return this.#writeAtOnce(descriptor, source, options);
    const { digest } = descriptor;
    for (let other = this.#large.get(digest); other !== undefined; other = this.#large.get(digest)) {
      await other.catch(() => undefined);
      options.signal.throwIfAborted();
    }
    const writing = this.#writeResumably(descriptor, source, options).finally(() =>
      this.#large.delete(digest),
    );
    this.#large.set(digest, writing);
    return writing;
  }

  /** An upload that nobody ends is kept for a week: the next that wants the same digest goes on with it. */
  async forgetUpload(state: string, { signal }: TargetOptions): Promise<void> {
    try {
      await this.#writer.partials.discard(state, signal);
    } catch (error) {
      if (!(error instanceof TallymanError)) throw error; // done, or in the hands of somebody else
    }
  }

  async writeManifests(
    manifests: readonly ManifestToWrite[],
    { signal }: TargetOptions,
  ): Promise<ManifestsWritten> {
    return await this.#waves.write(manifests.map(toNewManifest), signal);
  }

  tag(tag: string, { digest }: Descriptor, { signal }: TargetOptions): Promise<void> {
    return this.#writer.tag(tag, digest, { signal });
  }

  untag(tag: string, { signal }: TargetOptions): Promise<void> {
    return this.#writer.untag(tag, { signal });
  }

  removeManifest(
    { digest }: Descriptor,
    { signal }: TargetOptions,
  ): Promise<{ readonly notes: readonly ErrorData[] }> {
    return this.#writer.remove(digest, { signal });
  }

  /**
   * Lists and names content that is there, all of it in one change, and takes over indexes of referrers.
   * @returns the names that meant something else before.
   */
  async nameAll(
    { contents, fallbacks }: ContentToName,
    { signal }: TargetOptions,
  ): Promise<readonly MovedName[]> {
    for (const name of contents.flatMap(({ names }) => names)) checkRefName(name);
    let moved: readonly MovedName[] = [];
    await this.#writer.edit(
      (before) => {
        const named = nameContent(before, contents);
        moved = named.moved;
        return adoptFallbacks(
          named.index,
          fallbacks,
          async (descriptor) => (await this.target.fetchManifest(descriptor, { signal })).bytes,
        );
      },
      { signal },
    );
    return moved;
  }

  finish(): Promise<void> {
    return this.#lease.release();
  }

  async close(): Promise<void> {
    try {
      await this.#lease.release();
    } finally {
      await this.#writer.close();
    }
  }

  async #writeAtOnce(
    descriptor: Descriptor,
    source: BlobSource,
    { signal, onProgress }: WriteBlobOptions,
  ): Promise<BlobWritten> {
    let sent = 0;
    async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const chunk of source.open(0, { signal })) {
        sent += chunk.byteLength;
        yield chunk;
        onProgress?.(sent);
      }
    }
    const outcome = await this.#writer.ingest(descriptor, counted(), { signal, names: 'later' });
    return { outcome, sent };
  }

  async #writeResumably(
    descriptor: Descriptor,
    source: BlobSource,
    options: WriteBlobOptions,
  ): Promise<BlobWritten> {
    // Waits for what another program may have stored a moment ago to be on the disk, and reads nothing.
    if (await this.#writer.has(descriptor)) return this.#writeAtOnce(descriptor, source, options);
    const ingest = new IngestFromSource(this.#writer.partials, descriptor, source, options);
    return { outcome: 'stored', sent: await ingest.run() };
  }
}

function toNewManifest({ bytes, mediaType, digest, tags = [], platform }: ManifestToWrite): NewManifest {
  for (const tag of tags) checkRefName(tag);
  return {
    bytes,
    mediaType,
    ...(digest === undefined ? {} : { digest }),
    ...(platform === undefined ? {} : { platform }),
    list: (index, entry) => tags.reduce((named, tag) => named.withName(tag, entry), index.withListed(entry)),
  };
}
