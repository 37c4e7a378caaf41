import { createHash, randomUUID, type Hash } from 'node:crypto';
import path from 'node:path';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { isDigest, type Digest, type VerifiableAlgorithm } from '../../shared/oci/digest.ts';
import { field, isJsonObject } from '../../shared/oci/json-object.ts';
import { parseStrictJson } from '../../shared/oci/strict-json.ts';
import { verifiableAlgorithm } from '../content/verify-content.ts';
import { BLOB_PERMISSIONS, type BlobStore } from './blob-store.ts';
import { fileSource, readRange } from './byte-source.ts';
import { ensureFolder, writeAll, writeAllOf, writeSynced } from './durable-write.ts';
import { errnoOf, fileError } from './file-error.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { OWNER_RECORD_NAME, readOwnerRecord, type OwnerRecord } from './owner-record.ts';
import type { ProcessTable } from './process-identity.ts';
import { readWholeFile } from './read-whole-file.ts';
import { PARTIAL_STATE_NAME, type LayoutPaths } from './work-folder.ts';

/** After so many bytes the content so far is synced and noted: what a resumed ingest may lose at most. */
export const CHECKPOINT_BYTES = 64 * 1024 * 1024;

const STATE_LIMIT = 64 * 1024;
const DATA_NAME = 'data';
const PARTIAL_ID = /^[0-9a-f-]{36}$/;

/** What is known of content before all of it is there. */
export interface PartialContent {
  readonly digest?: Digest;
  /** What will be computed, where no digest says it: sha256 when absent. Another one costs one more reading at the end. */
  readonly algorithm?: VerifiableAlgorithm;
  readonly size?: number;
  /** Where it comes from, to be asked for the rest; never a secret, never a signed URL. */
  readonly origin?: string;
  /** What the origin called this version of the content. */
  readonly etag?: string;
}

export interface StartOptions {
  /** A UUID, where the caller gave it out already. */
  readonly id?: string;
  /**
   * `first-checkpoint`: until `CHECKPOINT_BYTES` came or it is suspended, a crash loses it, and small content costs fewer
   * waits for the disk.
   */
  readonly lasting?: 'at-once' | 'first-checkpoint';
}

/** Content of which a part is stored, and where it can be taken up again. */
export interface PartialState extends PartialContent {
  readonly id: string;
  /** Bytes that are surely on the disk. */
  readonly offset: number;
}

export interface PartialIngestsOptions {
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  readonly paths: LayoutPaths;
  readonly place: string;
  readonly blobs: BlobStore;
  /** Runs work under the lock of the layout. */
  readonly underLock: <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
}

/**
 * Ingests that outlive the program: each in a folder of its own with the bytes so far, and a note of how many of them are
 * surely on the disk (reliability bar, 3.5). One process at a time owns one; that of a dead process is taken over.
 */
export class PartialIngests {
  readonly #options: PartialIngestsOptions;

  constructor(options: PartialIngestsOptions) {
    this.#options = options;
  }

  /** Begins one. Its name survives a crash as soon as this returns, unless that is put off. */
  async start(
    content: PartialContent,
    { id = randomUUID(), lasting = 'at-once' }: StartOptions = {},
  ): Promise<PartialIngest> {
    const { fileSystem, processes, paths, place } = this.#options;
    if (content.digest !== undefined) verifiableAlgorithm(content.digest);
    try {
      await ensureFolder(fileSystem, paths.work);
      await ensureFolder(fileSystem, paths.ingest);
      const folder = path.join(paths.ingest, id);
      await fileSystem.makeFolder(folder, 0o700);
      const owner: OwnerRecord = { ...(await processes.self()), id, since: Date.now() };
      const [ownerFile, ownerBytes] = [
        path.join(folder, OWNER_RECORD_NAME),
        Buffer.from(JSON.stringify(owner)),
      ];
      if (lasting === 'at-once') await writeSynced(fileSystem, ownerFile, ownerBytes, 0o600);
      else await writeUnsynced(fileSystem, ownerFile, ownerBytes);
      const file = await fileSystem.open(path.join(folder, DATA_NAME), 'create', 0o600);
      const state: PartialState = { ...content, id, offset: 0 };
      try {
        if (lasting === 'at-once') {
          await writeSynced(fileSystem, path.join(folder, PARTIAL_STATE_NAME), stateBytes(state), 0o600);
          await fileSystem.syncFolder(folder);
          await fileSystem.syncFolder(paths.ingest);
        }
      } catch (error) {
        await file.close();
        throw error;
      }
      return new PartialIngest(this.#options, folder, file, state, startHash(content));
    } catch (error) {
      throw fileError(error, `Beginning to store in ${place}`);
    }
  }

  /** What could be resumed, and by whom it is not being written. */
  async list(): Promise<readonly PartialState[]> {
    const { fileSystem, paths } = this.#options;
    const states: PartialState[] = [];
    for (const name of await fileSystem.list(paths.ingest).catch(() => [])) {
      const folder = path.join(paths.ingest, name);
      const state = await this.#readState(folder, name);
      if (state !== undefined && (await this.#isFree(folder))) states.push(state);
    }
    return states;
  }

  /**
   * Takes one up again where it is surely on the disk: what came after is cut off, and the rest is read once for its hash.
   * @throws TallymanError NOT_FOUND when there is none, CONFLICT when a running process owns it, MALFORMED when fewer bytes
   * are there than were noted.
   */
  async resume(id: string, signal: AbortSignal): Promise<PartialIngest> {
    const { fileSystem, processes, paths, place, underLock } = this.#options;
    const folder = path.join(paths.ingest, id);
    try {
      const state = await underLock(async () => {
        const found = PARTIAL_ID.test(id) ? await this.#readState(folder, id) : undefined;
        if (found === undefined) throw this.#notFound(id);
        if (!(await this.#isFree(folder))) throw this.#owned(id);
        const owner: OwnerRecord = { ...(await processes.self()), id, since: Date.now() };
        const temporary = path.join(folder, `${OWNER_RECORD_NAME}.new`);
        if ((await fileSystem.look(temporary)) !== undefined) await fileSystem.removeFile(temporary);
        await writeSynced(fileSystem, temporary, Buffer.from(JSON.stringify(owner)), 0o600);
        await fileSystem.rename(temporary, path.join(folder, OWNER_RECORD_NAME));
        return found;
      }, signal);
      const file = await fileSystem.open(path.join(folder, DATA_NAME), 'update');
      try {
        const { size } = await file.info();
        if (size < state.offset) throw this.#shrunk(id);
        await file.truncate(state.offset);
        const hash = startHash(state);
        for await (const chunk of readRange(fileSource(file, state.offset), 0, state.offset, signal))
          hash.update(chunk);
        return new PartialIngest(this.#options, folder, file, state, hash);
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (error) {
      throw fileError(error, `Going on with the content ${id} in ${place}`);
    }
  }

  /**
   * Throws one away that nobody writes.
   * @throws TallymanError NOT_FOUND, CONFLICT as `resume`.
   */
  async discard(id: string, signal: AbortSignal): Promise<void> {
    const { fileSystem, paths, place, underLock } = this.#options;
    const folder = path.join(paths.ingest, id);
    try {
      await underLock(async () => {
        if (!PARTIAL_ID.test(id) || (await this.#readState(folder, id)) === undefined)
          throw this.#notFound(id);
        if (!(await this.#isFree(folder))) throw this.#owned(id);
        await removePartial(fileSystem, folder);
      }, signal);
    } catch (error) {
      throw fileError(error, `Removing the content ${id} from ${place}`);
    }
  }

  async #readState(folder: string, id: string): Promise<PartialState | undefined> {
    const { fileSystem } = this.#options;
    try {
      if ((await fileSystem.look(path.join(folder, DATA_NAME))) === undefined) return undefined; // published already
      const { bytes } = await readWholeFile(
        fileSystem,
        path.join(folder, PARTIAL_STATE_NAME),
        STATE_LIMIT,
        PARTIAL_STATE_NAME,
      );
      return parseState(bytes, id);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR' || error instanceof TallymanError) return undefined;
      throw error;
    }
  }

  /** An ingest is free when it was let go, or its process ended. */
  async #isFree(folder: string): Promise<boolean> {
    const { fileSystem, processes } = this.#options;
    try {
      const owner = await readOwnerRecord(fileSystem, path.join(folder, OWNER_RECORD_NAME));
      return owner === undefined || (await processes.liveness(owner)) === 'dead';
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return true;
      throw error;
    }
  }

  #notFound(id: string): TallymanError {
    return new TallymanError({
      code: 'NOT_FOUND',
      message: `${this.#options.place} has no unfinished content ${id}.`,
      hint: 'Begin again from the first byte.',
    });
  }

  #owned(id: string): TallymanError {
    return new TallymanError({
      code: 'CONFLICT',
      message: `The content ${id} in ${this.#options.place} is being written by another program.`,
      hint: 'Wait until it is done, or store the content anew.',
    });
  }

  #shrunk(id: string): TallymanError {
    return new TallymanError({
      code: 'MALFORMED',
      message: `The unfinished content ${id} in ${this.#options.place} has fewer bytes than were noted.`,
      hint: 'Begin again from the first byte.',
    });
  }
}

/** One ingest that is being written. Calls come one after the other; it ends with `commit`, `suspend` or `abort`. */
export class PartialIngest {
  readonly id: string;
  readonly #options: PartialIngestsOptions;
  readonly #folder: string;
  readonly #file: OpenFile;
  readonly #content: PartialContent;
  #hash: Hash;
  #size: number;
  /** Where the last checkpoint was begun. */
  #noted: number;
  /** The checkpoint that runs while more bytes come. */
  #checkpoint: Promise<void> | undefined;

  constructor(
    options: PartialIngestsOptions,
    folder: string,
    file: OpenFile,
    state: PartialState,
    hash: Hash,
  ) {
    const { id, offset, ...content } = state;
    this.id = id;
    this.#options = options;
    this.#folder = folder;
    this.#file = file;
    this.#content = content;
    this.#hash = hash;
    this.#size = offset;
    this.#noted = offset;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds bytes at the end, in one piece or several. After a failure it is good for `abort` alone.
   * @throws TallymanError SIZE_MISMATCH as soon as more came than were announced, UNREADABLE.
   */
  async write(bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
    const { size } = this.#content;
    const pieces = bytes instanceof Uint8Array ? [bytes] : bytes;
    const length = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (size !== undefined && this.#size + length > size) throw sizeMismatch(size, this.#size + length);
    try {
      const writing = writeAllOf(this.#file, pieces, this.#size);
      for (const piece of pieces) this.#hash.update(piece); // while the disk is busy
      await writing;
      this.#size += length;
      if (this.#size - this.#noted < CHECKPOINT_BYTES) return;
      await this.#checkpointed(); // the disk is slower than what comes
      this.#checkpoint = this.#note();
      this.#checkpoint.catch(() => undefined); // whoever waits for it hears of it
    } catch (error) {
      throw fileError(error, this.#what());
    }
  }

  /**
   * Publishes the whole as a blob, when it is what it should be; otherwise it stays unfinished, to be aborted.
   * @param digest - needed where none was given at the start.
   * @throws TallymanError DIGEST_MISMATCH, SIZE_MISMATCH, UNREADABLE.
   */
  async commit(digest: Digest | undefined = this.#content.digest): Promise<Digest> {
    const { blobs, fileSystem } = this.#options;
    try {
      const algorithm = digest === undefined ? 'sha256' : verifiableAlgorithm(digest);
      const { size } = this.#content;
      if (size !== undefined && this.#size !== size) throw sizeMismatch(size, this.#size);
      const actual: Digest = `${algorithm}:${await this.#hashBy(algorithm)}` as Digest;
      for (const wanted of [digest, this.#content.digest]) {
        if (wanted !== undefined && wanted.startsWith(`${algorithm}:`) && wanted !== actual)
          throw digestMismatch(wanted, actual);
      }
      await this.#checkpointed();
      const data = path.join(this.#folder, DATA_NAME);
      await fileSystem.setPermissions(data, BLOB_PERMISSIONS);
      await this.#file.sync();
      await this.#file.close();
      await blobs.publish(data, { digest: actual, size: this.#size });
      await blobs.flush();
      await removePartial(this.#options.fileSystem, this.#folder);
      return actual;
    } catch (error) {
      throw fileError(error, this.#what());
    }
  }

  /** Notes how far it came and lets go of it, so that any process may resume it. */
  async suspend(): Promise<void> {
    try {
      await this.#checkpointed();
      await this.#note();
      await this.#file.close();
      await this.#options.fileSystem.removeFile(path.join(this.#folder, OWNER_RECORD_NAME));
    } catch (error) {
      throw fileError(error, this.#what());
    }
  }

  /** Throws the bytes away. */
  async abort(): Promise<void> {
    await this.#checkpoint?.catch(() => undefined);
    await this.#file.close();
    await removePartial(this.#options.fileSystem, this.#folder);
  }

  /** Waits for the checkpoint that runs. */
  async #checkpointed(): Promise<void> {
    await this.#checkpoint;
    this.#checkpoint = undefined;
  }

  /** Notes how far it came: those bytes are surely on the disk then, whatever is written meanwhile. */
  async #note(): Promise<void> {
    const { fileSystem } = this.#options;
    const isFirst = this.#noted === 0;
    const state: PartialState = { ...this.#content, id: this.id, offset: this.#size };
    this.#noted = this.#size;
    await this.#file.sync();
    const temporary = path.join(this.#folder, `${PARTIAL_STATE_NAME}.new`);
    await fileSystem.removeFile(temporary).catch(() => undefined);
    await writeSynced(fileSystem, temporary, stateBytes(state), 0o600);
    await fileSystem.rename(temporary, path.join(this.#folder, PARTIAL_STATE_NAME));
    await fileSystem.syncFolder(this.#folder);
    if (isFirst) await fileSystem.syncFolder(path.dirname(this.#folder)); // its name may not be there yet
  }

  /** The hash that was kept, or, for another algorithm than was expected, one more reading of the bytes. */
  async #hashBy(algorithm: VerifiableAlgorithm): Promise<string> {
    if (algorithm === hashAlgorithm(this.#content)) return this.#hash.copy().digest('hex');
    const hash = createHash(algorithm);
    const source = fileSource(this.#file, this.#size);
    for await (const chunk of readRange(source, 0, this.#size, new AbortController().signal))
      hash.update(chunk);
    return hash.digest('hex');
  }

  #what(): string {
    return `Storing ${this.#content.digest ?? `the content ${this.id}`} in ${this.#options.place}`;
  }
}

/** Removes the folder of an ingest; what cannot be removed is cleared away later. */
async function removePartial(fileSystem: FileSystem, folder: string): Promise<void> {
  for (const name of [DATA_NAME, `${PARTIAL_STATE_NAME}.new`, PARTIAL_STATE_NAME, OWNER_RECORD_NAME]) {
    await fileSystem.removeFile(path.join(folder, name)).catch(() => undefined);
  }
  await fileSystem.removeFolder(folder).catch(() => undefined);
}

async function writeUnsynced(fileSystem: FileSystem, file: string, bytes: Uint8Array): Promise<void> {
  const handle = await fileSystem.open(file, 'create', 0o600);
  try {
    await writeAll(handle, bytes, 0);
  } finally {
    await handle.close();
  }
}

function hashAlgorithm({ digest, algorithm = 'sha256' }: PartialContent): VerifiableAlgorithm {
  return digest === undefined ? algorithm : verifiableAlgorithm(digest);
}

function startHash(content: PartialContent): Hash {
  return createHash(hashAlgorithm(content));
}

function stateBytes(state: PartialState): Uint8Array {
  return Buffer.from(JSON.stringify(state));
}

function parseState(bytes: Uint8Array, id: string): PartialState | undefined {
  const document = parseStrictJson(bytes);
  if (!isJsonObject(document)) return undefined;
  const [offset, digest, size, origin, etag, algorithm] = [
    'offset',
    'digest',
    'size',
    'origin',
    'etag',
    'algorithm',
  ].map((name) => field(document, name));
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0) return undefined;
  return {
    id,
    offset,
    ...(typeof digest === 'string' && isDigest(digest) ? { digest } : {}),
    ...(typeof size === 'number' && Number.isSafeInteger(size) ? { size } : {}),
    ...(typeof origin === 'string' ? { origin } : {}),
    ...(typeof etag === 'string' ? { etag } : {}),
    ...(algorithm === 'sha256' || algorithm === 'sha512' ? { algorithm } : {}),
  };
}

function sizeMismatch(expected: number, actual: number): TallymanError {
  return new TallymanError({
    code: 'SIZE_MISMATCH',
    message: `${expected} bytes were announced; ${actual} came.`,
    hint: 'The content was cut, replaced, or described wrongly: get it from its publisher again.',
    details: { expected, actual },
  });
}

function digestMismatch(expected: Digest, actual: Digest): TallymanError {
  return new TallymanError({
    code: 'DIGEST_MISMATCH',
    message: `The bytes named ${expected} have the digest ${actual}.`,
    hint: 'The content was damaged or replaced. Do not use it; get it from its publisher again.',
    details: { expected, actual },
  });
}
