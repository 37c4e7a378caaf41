import { quoteText } from '../../shared/display/display-text.ts';
import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import type { Target, TargetOptions } from '../content/target.ts';
import { BlobStore, type IngestOptions, type IngestOutcome } from './blob-store.ts';
import { checkManifest, type NewManifest } from './checked-manifest.ts';
import { removeFromFallback } from './fallback-index.ts';
import type { FileSystem } from './file-system.ts';
import {
  collectGarbage,
  findGarbage,
  GARBAGE_GRACE_MS,
  type GarbageContext,
  type GarbageOptions,
  type GarbageReport,
} from './garbage.ts';
import type { EditableIndex } from './index-edit.ts';
import { IndexStore, type IndexChange } from './index-store.ts';
import { takeLease, type Lease } from './leases.ts';
import { applyFallback, listManifests, listReferrers, type FallbackStore } from './list-manifests.ts';
import type { Layout } from './open-layout.ts';
import { PartialIngests } from './partial-ingest.ts';
import type { ProcessTable } from './process-identity.ts';
import { checkRefName } from './ref-name.ts';
import { RepositoryMarks } from './repositories/repository-marks.ts';
import type { LayoutPaths } from './work-folder.ts';
import { WriterSession } from './writer-session.ts';

export interface RemoveOptions extends TargetOptions {
  /** Takes away some of the entries only; the manifest is removed when none is left. */
  readonly unlist?: (index: EditableIndex) => EditableIndex;
}

export interface PutOutcome {
  readonly descriptors: readonly Descriptor[];
  /** Fallback tags that were left alone, because they name something that is no index of referrers. */
  readonly notes: readonly ErrorData[];
}

export interface LayoutWriterOptions {
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  readonly paths: LayoutPaths;
  /** The reading side of the same layout. */
  readonly layout: Layout;
  readonly lockWaitLimit?: number;
}

/**
 * Writes into a layout folder so that a crash at any moment, or several programs at once, lose nothing that was confirmed.
 * Order: configs and layers, manifests, indexes of them, then the entry in `index.json`; each is on the disk before the next
 * begins. Every manifest becomes an entry, and referrers are listed in the `sha256-…` index of their subject as well: tools
 * that read either convention see all of them.
 */
export class LayoutWriter {
  /** As it was asked for. */
  readonly path: string;
  /** The reading side. */
  readonly target: Target;
  readonly #layout: Layout;
  readonly #session: WriterSession;
  readonly #blobs: BlobStore;
  readonly #index: IndexStore;
  readonly #garbage: GarbageContext;
  /** Content that is stored in several goes, also over restarts of the program. */
  readonly partials: PartialIngests;

  constructor({ fileSystem, processes, paths, layout, lockWaitLimit }: LayoutWriterOptions) {
    const place = layout.target.label;
    this.path = layout.path;
    this.target = layout.target;
    this.#layout = layout;
    this.#session = new WriterSession({ fileSystem, processes, paths });
    this.#blobs = new BlobStore({ fileSystem, paths, place, session: this.#session });
    const limit = lockWaitLimit === undefined ? {} : { lockWaitLimit };
    this.#index = new IndexStore({ fileSystem, processes, paths, place, ...limit });
    this.#garbage = {
      fileSystem,
      processes,
      paths,
      place,
      target: layout.target,
      underLock: (work, signal) => this.#index.underLock(work, signal),
    };
    this.partials = new PartialIngests({
      fileSystem,
      processes,
      paths,
      place,
      blobs: this.#blobs,
      underLock: (work, signal) => this.#index.underLock(work, signal),
    });
  }

  /** The reading side, as it was opened; it is closed with the writer. */
  get layout(): Layout {
    return this.#layout;
  }

  /** Whether the layout holds the content, judged by its size; keeps it from being collected for a while. */
  has(descriptor: Pick<Descriptor, 'digest' | 'size'>): Promise<boolean> {
    return this.#blobs.has(descriptor);
  }

  /**
   * Stores the bytes of a blob, checked while they are written. When it is there nothing is read from the source.
   * @throws TallymanError SIZE_MISMATCH, DIGEST_MISMATCH, UNSUPPORTED (an algorithm that cannot be computed), UNREADABLE (the
   * disk refused, or is full), and what the source throws; nothing is left then.
   */
  ingest(
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    source: AsyncIterable<Uint8Array> | Uint8Array,
    options: IngestOptions,
  ): Promise<IngestOutcome> {
    return this.#blobs.ingest(descriptor, source, options);
  }

  /** Small content that was checked, and an empty file; see `BlobStore.storeTogether`. */
  storeTogether(descriptor: Pick<Descriptor, 'digest'>, bytes: Uint8Array, beside: string): Promise<boolean> {
    return this.#blobs.storeTogether(descriptor, bytes, beside);
  }

  /** Waits until the names of all blobs stored so far are on the disk. */
  flush(): Promise<void> {
    return this.#blobs.flush();
  }

  /**
   * Stores manifests and lists all of them in one change of `index.json`, children before their parents in the list.
   * Whether what they name is there is not asked: a layout may be sparse.
   * @throws TallymanError as `ingest`, MALFORMED or AMBIGUOUS for what is no manifest, LIMIT above the manifest limit,
   * INVALID_INPUT for a name that other tools cannot read, CONFLICT.
   */
  async putManifests(manifests: readonly NewManifest[], { signal }: TargetOptions): Promise<PutOutcome> {
    const checked = manifests.map(checkManifest);
    for (const { descriptor, bytes } of checked) {
      await this.ingest(descriptor, bytes, { signal, names: 'later' });
    }
    await this.#blobs.flush();

    const notes: ErrorData[] = [];
    await this.#change(async (before) => {
      notes.length = 0;
      // A collection that ran since may have taken what was not listed yet; none runs while this has the lock.
      for (const { descriptor, bytes } of checked)
        await this.ingest(descriptor, bytes, { signal, names: 'later' });
      await this.#blobs.flush();
      return listReferrers(listManifests(before, checked), checked, this.#fallbacks(signal), notes);
    }, signal);
    return { descriptors: checked.map(({ descriptor }) => descriptor), notes };
  }

  /** Gives a name to a manifest that is there. What the name meant before stays listed without it. */
  async tag(name: string, digest: Digest, { signal }: TargetOptions): Promise<void> {
    checkRefName(name);
    const { descriptor } = await this.target.fetchManifest(digest, { signal });
    await this.#change(async (index) => {
      if (!(await this.#blobs.has(descriptor))) throw this.#notFound(`no ${digest} any more`);
      await this.#blobs.flush();
      return index.withName(name, descriptor);
    }, signal);
  }

  /**
   * Takes a name away; its content stays, listed without it.
   * @throws TallymanError NOT_FOUND when nothing has the name.
   */
  async untag(name: string, { signal }: TargetOptions): Promise<void> {
    await this.#change((index) => {
      if (!index.entries.some(({ refName }) => refName === name))
        throw this.#notFound(`nothing named ${quoteText(name)}`);
      return index.withoutName(name);
    }, signal);
  }

  /**
   * Takes every entry of a manifest away, and its line in the fallback index of its subject. The bytes stay until garbage
   * collection. Notes say where the fallback index was left alone.
   * @throws TallymanError NOT_FOUND when index.json does not list it.
   */
  async remove(digest: Digest, { signal, unlist }: RemoveOptions): Promise<Pick<PutOutcome, 'notes'>> {
    const subject = await this.#subjectOf(digest, signal);
    const notes: ErrorData[] = [];
    await this.#change(async (before) => {
      notes.length = 0;
      if (!before.lists(digest)) throw this.#notFound(`no entry ${digest}`);
      const index = unlist === undefined ? before.without(digest) : unlist(before);
      if (subject === undefined || index.lists(digest)) return index;
      const fallbacks = this.#fallbacks(signal);
      const outcome = await removeFromFallback(index, subject, digest, fallbacks.read);
      return applyFallback(index, outcome, fallbacks, notes);
    }, signal);
    return { notes };
  }

  /** Changes names in `index.json` in another way. The content that it names then must be there already. */
  async edit(change: IndexChange, { signal }: TargetOptions): Promise<void> {
    await this.#change(change, signal);
  }

  /** What garbage collection would remove; see there. */
  findGarbage(options: GarbageOptions): Promise<GarbageReport> {
    return findGarbage(this.#garbage, options);
  }

  /** Removes content that nothing leads to and that is not young; refuses when anything that counts cannot be read. */
  async collectGarbage(options: GarbageOptions): Promise<GarbageReport> {
    const report = await collectGarbage(this.#garbage, options);
    if (report.garbage.length > 0) {
      const marks = new RepositoryMarks(this.#garbage);
      await marks.sweep(options.signal, options.grace ?? GARBAGE_GRACE_MS);
    }
    return report;
  }

  /** Protects content from garbage collection until it is released or this process ends. */
  lease(digests: readonly Digest[]): Promise<Lease> {
    return takeLease(digests, this.#garbage);
  }

  /** Ends writing and reading. What was confirmed is on the disk already. */
  async close(): Promise<void> {
    await this.#session.close();
    await this.#layout.close();
  }

  #change(change: IndexChange, signal: AbortSignal): Promise<void> {
    return this.#index.update(change, signal);
  }

  #fallbacks(signal: AbortSignal): FallbackStore {
    return {
      read: async (descriptor) => (await this.target.fetchManifest(descriptor, { signal })).bytes,
      write: async (descriptor, bytes) => {
        await this.ingest(descriptor, bytes, { signal });
      },
    };
  }

  /** Undefined as well for a manifest that cannot be read: it may still be removed. */
  async #subjectOf(digest: Digest, signal: AbortSignal): Promise<Digest | undefined> {
    try {
      const { bytes, descriptor } = await this.target.fetchManifest(digest, { signal });
      return parseManifest(bytes, descriptor.mediaType).subject?.digest;
    } catch (error) {
      if (signal.aborted || !(error instanceof TallymanError)) throw error;
      return undefined;
    }
  }

  #notFound(what: string): TallymanError {
    return new TallymanError({
      code: 'NOT_FOUND',
      message: `${this.target.label} has ${what}.`,
      hint: 'List the layout to see what it has; another program may have changed it.',
    });
  }
}
