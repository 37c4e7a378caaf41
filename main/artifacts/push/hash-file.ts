import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { BlobSource } from '../../content/target-writer.ts';
import { errnoOf, fileError } from '../../layout/file-error.ts';
import { FILE_CHUNK_SIZE, HASH_CHUNK_SIZE, KEPT_BYTES_LIMIT, KEPT_FILE_LIMIT } from '../limits.ts';

/** A file whose bytes were read once from end to end. */
export interface HashedFile {
  readonly digest: Digest;
  readonly size: number;
  /** When it was written last, in milliseconds. */
  readonly modified: number;
  /** Fails with CONFLICT when the file is no longer what was hashed. */
  readonly source: BlobSource;
}

export interface HashOptions {
  readonly signal: AbortSignal;
  readonly kept: KeptBytes;
  /**
   * Nobody else waits for this process, as on the command line: small files are read in one go, which costs a quarter of handing each
   * step to another thread.
   */
  readonly mayBlock?: boolean;
}

/** Memory that the small files of one push share. */
export interface KeptBytes {
  /** Whether so many bytes more may stay in memory. */
  take(bytes: number): boolean;
}

export function createKeptBytes(): KeptBytes {
  let used = 0;
  return {
    take(bytes) {
      if (bytes > KEPT_FILE_LIMIT || used + bytes > KEPT_BYTES_LIMIT) return false;
      used += bytes;
      return true;
    },
  };
}

// O_NONBLOCK is absent on Windows; it keeps the open of a FIFO from waiting for ever.
const READ = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

/**
 * Reads a file once and says what it is called by content. Links are followed: the person named this path.
 * @returns undefined for a folder.
 * @throws TallymanError UNREADABLE that names the file; UNSUPPORTED for what is no file; CONFLICT when it changes meanwhile.
 */
export async function hashFile(
  path: string,
  { signal, kept, mayBlock = false }: HashOptions,
): Promise<HashedFile | undefined> {
  try {
    const atOnce = mayBlock ? hashAtOnce(path, kept) : undefined;
    if (atOnce !== undefined) return atOnce;
    const file = await open(path, READ);
    try {
      const before = await file.stat({ bigint: true });
      if (before.isDirectory()) return undefined;
      if (!before.isFile()) throw notAFile(path);
      const size = Number(before.size);
      const modified = Number(before.mtimeMs);
      if (kept.take(size)) {
        // What is hashed here is what will be sent, so it does not matter what becomes of the file.
        const bytes = await readSmall(file, size);
        if (bytes.byteLength !== size) throw changed(path);
        const digest = digestOf(bytes);
        return { digest, size, modified, source: memorySource(bytes) };
      }
      const { digest, read } = await hashContent(file, signal);
      if (read !== size || !isSame(before, await file.stat({ bigint: true }))) throw changed(path);
      return { digest, size, modified, source: fileSource(path, before) };
    } finally {
      await file.close();
    }
  } catch (error) {
    // Windows does not open folders.
    if (errnoOf(error) === 'EISDIR' && (await lstat(path).catch(() => undefined))?.isDirectory() === true)
      return undefined;
    const dangling = (await lstat(path).catch(() => undefined))?.isSymbolicLink() === true;
    throw fileError(error, `Reading ${quoteText(path)}${dangling ? ', a link,' : ''}`);
  }
}

/** Hashes a file to its end: while one piece is being hashed the next is read, into two buffers that take turns. */
async function hashContent(
  file: FileHandle,
  signal: AbortSignal,
): Promise<{ readonly digest: Digest; readonly read: number }> {
  const hash = createHash('sha256');
  const buffers = [Buffer.allocUnsafeSlow(HASH_CHUNK_SIZE), Buffer.allocUnsafeSlow(HASH_CHUNK_SIZE)] as const;
  let position = 0;
  let turn: 0 | 1 = 0;
  let reading = file.read(buffers[turn], 0, HASH_CHUNK_SIZE, position);
  for (;;) {
    const { bytesRead, buffer } = await reading;
    if (bytesRead === 0) return { digest: `sha256:${hash.digest('hex')}` as Digest, read: position };
    signal.throwIfAborted();
    position += bytesRead;
    turn = turn === 0 ? 1 : 0;
    reading = file.read(buffers[turn], 0, HASH_CHUNK_SIZE, position);
    reading.catch(() => undefined); // the next round hears of it
    hash.update(buffer.subarray(0, bytesRead));
  }
}

/** A small file in four calls; undefined for everything that is none, or that there is no room for. */
function hashAtOnce(path: string, kept: KeptBytes): HashedFile | undefined {
  const file = openSync(path, READ);
  try {
    const about = fstatSync(file);
    if (!about.isFile() || !kept.take(about.size)) return undefined;
    const bytes = Buffer.allocUnsafeSlow(about.size + 1);
    if (readSync(file, bytes, 0, bytes.byteLength, 0) !== about.size) throw changed(path);
    const content = bytes.subarray(0, about.size);
    return {
      digest: digestOf(content),
      size: about.size,
      modified: about.mtimeMs,
      source: memorySource(content),
    };
  } finally {
    closeSync(file);
  }
}

/** The same where a folder has no place. @throws TallymanError UNSUPPORTED for one. */
export async function hashRegularFile(path: string, options: HashOptions): Promise<HashedFile> {
  const hashed = await hashFile(path, options);
  if (hashed === undefined) throw notAFile(path);
  return hashed;
}

/** Bytes in memory whose digest is known, as something to send: nobody changes them. */
export function memorySource(bytes: Uint8Array): BlobSource {
  return {
    checksItself: true,
    async *open(offset, { signal }) {
      signal.throwIfAborted();
      yield await Promise.resolve(bytes.subarray(offset));
    },
  };
}

/** One byte more than the size is asked for, so that a file that grew shows. */
async function readSmall(file: FileHandle, size: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(size + 1);
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, filled, buffer.byteLength - filled, filled);
    filled += bytesRead;
    if (bytesRead === 0 || filled === size) break;
  }
  return buffer.subarray(0, filled);
}

function fileSource(path: string, hashed: BigIntStats): BlobSource {
  return {
    checksItself: true,
    async *open(offset, { signal }) {
      try {
        const file = await open(path, READ);
        try {
          if (!isSame(hashed, await file.stat({ bigint: true }))) throw changed(path);
          let position = offset;
          for await (const chunk of readFrom(file, offset, signal)) {
            position += chunk.byteLength;
            // The last bytes go out only when the file is still the same: until then nobody took it for whole.
            if (position >= hashed.size && !isSame(hashed, await file.stat({ bigint: true })))
              throw changed(path);
            yield chunk;
          }
          if (BigInt(position) !== hashed.size) throw changed(path);
        } finally {
          await file.close();
        }
      } catch (error) {
        throw fileError(error, `Reading ${quoteText(path)}`);
      }
    },
  };
}

/** The bytes of an open file from an offset to its end, in chunks with buffers of their own; one chunk is read ahead. */
export async function* readFrom(
  file: FileHandle,
  offset: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = offset;
  const readNext = (): Promise<{ bytesRead: number; buffer: Buffer }> => {
    const reading = file.read(Buffer.allocUnsafeSlow(FILE_CHUNK_SIZE), 0, FILE_CHUNK_SIZE, position);
    reading.catch(() => undefined); // whoever asks for the next chunk hears of it
    return reading;
  };
  let reading = readNext();
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead, buffer } = await reading;
    if (bytesRead === 0) return;
    position += bytesRead;
    reading = readNext();
    yield buffer.subarray(0, bytesRead);
  }
}

function isSame(left: BigIntStats, right: BigIntStats): boolean {
  return (
    left.dev === right.dev &&
    left.ino === right.ino &&
    left.size === right.size &&
    left.mtimeNs === right.mtimeNs
  );
}

/** The error for a file that is no longer what was hashed or listed. */
export function changed(path: string): TallymanError {
  return new TallymanError({
    code: 'CONFLICT',
    message: `${quoteText(path)} changed while it was being read.`,
    hint: 'Wait until the program that writes it has ended, then start again. Nothing names what was sent.',
  });
}

function notAFile(path: string): TallymanError {
  return new TallymanError({
    code: 'UNSUPPORTED',
    message: `${quoteText(path)} is no file and can have no content that is pushed.`,
    hint: 'Devices, pipes and sockets cannot be pushed; a folder can, but not as a config.',
  });
}
