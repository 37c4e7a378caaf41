import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { digestOf } from '../content/digest-of.ts';
import { readAll, verifiableAlgorithm, verifyBytes, verifyContent } from '../content/verify-content.ts';
import { ensureFolder, writeAllOf } from './durable-write.ts';
import { errnoOf, fileError } from './file-error.ts';
import { FolderSyncs } from './folder-syncs.ts';
import type { FileSystem } from './file-system.ts';
import { inBatches } from './in-batches.ts';
import { blobName } from './layout-storage.ts';
import { WRITE_BATCH_SIZE } from './limits.ts';
import { quarantineBlob } from './quarantine.ts';
import type { LayoutPaths } from './work-folder.ts';
import type { WriterSession } from './writer-session.ts';

/** Blobs never change: nobody, not even their owner, writes into one once it is closed. */
export const BLOB_PERMISSIONS = 0o444;

/** Bytes of content that is stored from memory, in one step. */
const WHOLE_LIMIT = 1024 * 1024;

/** Files that are there and cannot be synced. */
const UNSYNCABLE: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EBADF']);

export type IngestOutcome = 'stored' | 'present';

export interface IngestOptions {
  readonly signal: AbortSignal;
  /**
   * `later`: the name of the blob is on the disk only after `flush`, which spares a wait for each of many blobs. Whoever
   * publishes something that needs the blob flushes first.
   */
  readonly names?: 'now' | 'later';
}

export interface BlobStoreOptions {
  readonly fileSystem: FileSystem;
  readonly paths: LayoutPaths;
  readonly place: string;
  readonly session: WriterSession;
}

/** Writes blobs: beside their place, checked on the way, synced, then moved into place in one step (reliability bar, 3.2). */
export class BlobStore {
  readonly #options: BlobStoreOptions;
  /** Folders that are known to be there: looking again costs as much as storing a small blob's bytes. */
  readonly #made = new Set<string>();
  /** Folders in which names were made that may not be on the disk yet. */
  readonly #unsynced = new Set<string>();
  readonly #syncing = new Set<Promise<void>>();
  readonly #syncs: FolderSyncs;
  /** Content that is being stored, by digest: whoever wants the same waits for it. */
  readonly #running = new Map<Digest, Promise<unknown>>();

  constructor(options: BlobStoreOptions) {
    this.#options = options;
    this.#syncs = new FolderSyncs(options.fileSystem);
  }

  /**
   * Whether the layout holds the content, by its size alone. Marks it as wanted: garbage collection leaves alone what was
   * touched a short time ago.
   */
  async has({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<boolean> {
    const { fileSystem } = this.#options;
    const file = this.#file(digest);
    try {
      const info = await fileSystem.look(file);
      if (info?.kind !== 'file' || info.size !== size) return false;
      await fileSystem.touch(file);
      this.#unsynced.add(path.dirname(file)); // perhaps written a moment ago by a program that did not wait
      return true;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false; // collected between the two calls
      throw fileError(error, `Looking for ${digest} in ${this.#options.place}`);
    }
  }

  /**
   * Stores content of a known digest. Nothing is read from the source when the content is there; nothing is left when it
   * does not match, the disk is full, or the signal is given. Small content is in memory before it is written.
   * @throws TallymanError SIZE_MISMATCH, DIGEST_MISMATCH, UNSUPPORTED, UNREADABLE, and what the source throws.
   */
  async ingest(
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    source: AsyncIterable<Uint8Array> | Uint8Array,
    { signal, names = 'now' }: IngestOptions,
  ): Promise<IngestOutcome> {
    verifiableAlgorithm(descriptor.digest);
    signal.throwIfAborted();
    for (
      let other = this.#running.get(descriptor.digest);
      other !== undefined;
      other = this.#running.get(descriptor.digest)
    ) {
      await other.catch(() => undefined);
      signal.throwIfAborted();
    }
    // Gone from the list before anybody who waits for it goes on.
    const storing = this.#store(descriptor, source, signal).finally(() =>
      this.#running.delete(descriptor.digest),
    );
    this.#running.set(descriptor.digest, storing);
    try {
      const outcome = await storing;
      if (names === 'now') await this.flush();
      return outcome;
    } catch (error) {
      throw fileError(error, `Storing ${descriptor.digest} in ${this.#options.place}`);
    }
  }

  async #store(
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    source: AsyncIterable<Uint8Array> | Uint8Array,
    signal: AbortSignal,
  ): Promise<IngestOutcome> {
    const { fileSystem, session } = this.#options;
    // Of content in memory nobody needs to know first whether it is there.
    if (source instanceof Uint8Array) {
      verifyBytes(source, descriptor);
      if (await this.storeTogether(descriptor, source)) return 'stored';
    }
    if (await this.has(descriptor)) {
      if (await this.#isWhole(descriptor)) return 'present';
      await quarantineBlob(fileSystem, this.#options.paths, descriptor.digest);
    }
    let content = source instanceof Uint8Array ? inOnePiece(source) : source;
    if (
      !(source instanceof Uint8Array) &&
      descriptor.size <= WHOLE_LIMIT &&
      fileSystem.together !== undefined
    ) {
      const bytes = await readAll(verifyContent(source, descriptor), WHOLE_LIMIT);
      signal.throwIfAborted();
      if (await this.storeTogether(descriptor, bytes)) return 'stored';
      content = inOnePiece(bytes);
    }
    const temporary = path.join(await session.folder(), randomUUID());
    try {
      await this.#write(temporary, verifyContent(content, descriptor), descriptor.size, signal);
      await this.publish(temporary, descriptor);
    } catch (error) {
      await fileSystem.removeFile(temporary).catch(() => undefined);
      throw error;
    }
    return 'stored';
  }

  /**
   * Stores small content that was checked, and makes an empty file beside it, in few calls. The names of both are on the disk
   * only after a wait for their folders, see `flush`.
   * @returns false where it has to be done in more steps: nothing is done then, or the empty file alone.
   */
  async storeTogether(
    { digest }: Pick<Descriptor, 'digest'>,
    bytes: Uint8Array,
    beside?: string,
  ): Promise<boolean> {
    const { fileSystem, session } = this.#options;
    if (fileSystem.together === undefined || bytes.byteLength > WHOLE_LIMIT) return false;
    const final = this.#file(digest);
    const folder = path.dirname(final);
    await this.#makeFolder(folder);
    const temporary = path.join(await session.folder(), randomUUID());
    try {
      const job = { temporary, final, bytes, permissions: BLOB_PERMISSIONS, beside };
      if ((await fileSystem.together.storeFile(job)) !== 'stored') return false;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw fileError(error, `Storing ${digest} in ${this.#options.place}`);
      this.#made.clear(); // somebody removed it since
      return false;
    }
    this.#unsynced.add(folder);
    return true;
  }

  /** Moves a synced, verified file into the place of its digest. What lies there with another size goes into quarantine. */
  async publish(temporary: string, { digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<void> {
    const { fileSystem, paths } = this.#options;
    const final = this.#file(digest);
    const folder = path.dirname(final);
    const there = await fileSystem.look(final);
    if (there !== undefined && (there.kind !== 'file' || there.size !== size))
      await quarantineBlob(fileSystem, paths, digest);
    await this.#makeFolder(folder);
    try {
      await fileSystem.rename(temporary, final);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      this.#made.clear(); // somebody removed it since
      await this.#makeFolder(folder);
      await fileSystem.rename(temporary, final);
    }
    this.#unsynced.add(folder);
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#made.has(folder)) return;
    const { fileSystem, paths } = this.#options;
    await ensureFolder(fileSystem, paths.blobs);
    await ensureFolder(fileSystem, folder);
    this.#made.add(folder);
  }

  /** Waits until the names of everything stored so far are on the disk. */
  async flush(): Promise<void> {
    // A wait that another call began may be the one for a name of this call.
    const others = [...this.#syncing];
    const folders = [...this.#unsynced];
    this.#unsynced.clear(); // before the wait: what is stored meanwhile needs another
    const own = folders.map(async (folder) => {
      try {
        await this.#syncs.sync(folder);
      } catch (error) {
        this.#unsynced.add(folder);
        throw fileError(error, `Storing in ${this.#options.place}`);
      }
    });
    for (const sync of own) {
      this.#syncing.add(sync);
      sync.catch(() => undefined).finally(() => this.#syncing.delete(sync));
    }
    await Promise.all([...others, ...own]);
  }

  async #write(
    temporary: string,
    content: AsyncIterable<Uint8Array>,
    size: number,
    signal: AbortSignal,
  ): Promise<void> {
    const file = await this.#options.fileSystem.open(temporary, 'create', BLOB_PERMISSIONS);
    try {
      let position = 0;
      for await (const batch of inBatches(content, WRITE_BATCH_SIZE)) {
        signal.throwIfAborted();
        await writeAllOf(file, batch, position);
        position += batch.reduce((sum, { byteLength }) => sum + byteLength, 0);
      }
      await file.sync();
      const info = await file.info();
      if (info.size !== size)
        throw Object.assign(new Error('the file has another size than was written'), { code: 'EIO' });
    } finally {
      await file.close();
    }
  }

  /**
   * Waits until content is on the disk that another program may have stored a moment ago: what is synced costs nothing. Small
   * content is read as well, since programs that do not wait leave zeros after a power failure; large content is held against
   * its digest when it is read or checked.
   */
  async #isWhole({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): Promise<boolean> {
    try {
      const handle = await this.#options.fileSystem.open(this.#file(digest), 'read');
      try {
        await handle.sync().catch((error: unknown) => {
          // Windows syncs only what can be written.
          if (!UNSYNCABLE.has(errnoOf(error) ?? '')) throw error;
        });
        if (size > WHOLE_LIMIT) return true;
        const bytes = new Uint8Array(size);
        for (let filled = 0; filled < size;) {
          const count = await handle.read(bytes, filled, size - filled, filled);
          if (count === 0) return false;
          filled += count;
        }
        return digestOf(bytes, verifiableAlgorithm(digest)) === digest;
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (UNSYNCABLE.has(errnoOf(error) ?? '')) return true; // it may not be read: nobody can tell
      throw error;
    }
  }

  #file(digest: Digest): string {
    return path.join(this.#options.paths.root, blobName(digest));
  }
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}
