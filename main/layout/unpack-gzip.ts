import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { fileSource, readRange, type ByteSource } from './byte-source.ts';
import { writeAll } from './durable-write.ts';
import { errnoOf, fileError } from './file-error.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { ARCHIVE_RATIO_FROM, ARCHIVE_RATIO_LIMIT, ARCHIVE_UNPACKED_LIMIT } from './limits.ts';

/** What a compressed archive unpacks to, until `close`. */
export interface UnpackedArchive {
  readonly source: ByteSource;
  close(): Promise<void>;
}

/**
 * Unpacks a gzip-compressed archive, stream by stream, into a temporary file: its content can then be read by position.
 * The file is only this program's (0600 in a 0700 folder) and loses its name at once where the system allows that, so that
 * nothing stays behind however the program ends.
 * @throws TallymanError MALFORMED when the compression is damaged or cut off, LIMIT, UNREADABLE (a full disk).
 */
export async function unpackGzip(
  fileSystem: FileSystem,
  compressed: ByteSource,
  place: string,
  signal: AbortSignal,
): Promise<UnpackedArchive> {
  const what = `Unpacking ${place} into a temporary file`;
  const temporary = await TemporaryFile.create(fileSystem).catch((error: unknown) => {
    throw fileError(error, what);
  });
  try {
    let size = 0;
    const packed = Readable.from(readRange(compressed, 0, compressed.size, signal), { objectMode: false });
    const gunzip = createGunzip();
    const feeding = pipeline(packed, gunzip, { signal });
    feeding.catch(() => undefined); // whatever stops it, the loop stops at as well
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      checkLimits(size + chunk.byteLength, compressed.size, place);
      await writeAll(temporary.file, chunk, size);
      size += chunk.byteLength;
    }
    await feeding;
    return { source: fileSource(temporary.file, size), close: () => temporary.close() };
  } catch (error) {
    await temporary.close();
    throw errnoOf(error)?.startsWith('Z_') === true ? damaged(error, place) : fileError(error, what);
  }
}

function checkLimits(unpacked: number, packed: number, place: string): void {
  const tooMuch = unpacked > ARCHIVE_UNPACKED_LIMIT;
  if (!tooMuch && (unpacked <= ARCHIVE_RATIO_FROM || unpacked / packed <= ARCHIVE_RATIO_LIMIT)) return;
  throw new TallymanError({
    code: 'LIMIT',
    message: tooMuch
      ? `${place} unpacks to more than ${ARCHIVE_UNPACKED_LIMIT} bytes.`
      : `${place} unpacks to more than ${ARCHIVE_RATIO_LIMIT} times its size: it may be made to fill the disk.`,
    hint: 'If you trust it, unpack it yourself (gunzip) and open the result.',
    details: { limit: tooMuch ? ARCHIVE_UNPACKED_LIMIT : ARCHIVE_RATIO_LIMIT },
  });
}

function damaged(error: unknown, place: string): TallymanError {
  const cut = errnoOf(error) === 'Z_BUF_ERROR';
  return new TallymanError(
    {
      code: 'MALFORMED',
      message: cut
        ? `The archive ${place} is incomplete: its compression ends too early.`
        : `The archive ${place} is damaged: its gzip compression does not hold together.`,
      hint: 'The download or copy was probably cut off or changed: get the archive again.',
      details: { incomplete: cut },
    },
    { cause: error },
  );
}

class TemporaryFile {
  readonly file: OpenFile;
  readonly #removeNames: () => Promise<void>;

  private constructor(file: OpenFile, removeNames: () => Promise<void>) {
    this.file = file;
    this.#removeNames = removeNames;
  }

  static async create(fileSystem: FileSystem): Promise<TemporaryFile> {
    const folder = path.join(tmpdir(), `tallyman-archive-${randomUUID()}`);
    const name = path.join(folder, 'unpacked.tar');
    await fileSystem.makeFolder(folder, 0o700);
    const removeNames = async (): Promise<void> => {
      if ((await fileSystem.look(folder)) === undefined) return;
      if ((await fileSystem.look(name)) !== undefined) await fileSystem.removeFile(name);
      await fileSystem.removeFolder(folder);
    };
    try {
      const file = await fileSystem.open(name, 'create', 0o600);
      // Systems that keep the names of open files remove them at `close`.
      await removeNames().catch(() => undefined);
      return new TemporaryFile(file, removeNames);
    } catch (error) {
      await removeNames();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.file.close();
    await this.#removeNames();
  }
}
