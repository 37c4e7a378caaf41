import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { displayText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { fileSource, readRange, type ByteSource } from '../byte-source.ts';
import { publishFile, writeAll } from '../durable-write.ts';
import type { FileSystem, OpenFile } from '../file-system.ts';
import { TarFile } from './tar-file.ts';

export interface ArchiveOutputOptions {
  readonly fileSystem: FileSystem;
  /** Absolute. */
  readonly destination: string;
  /** Compresses the whole with gzip. */
  readonly gzip: boolean;
  /** Takes the place of a file that is there. */
  readonly overwrite: boolean;
}

/**
 * The file of an archive on its way: written beside its place under a name of its own, and moved there when it is whole and on
 * the disk. Whatever ends the work before, nothing is at the final name, or what was there before.
 */
export class ArchiveOutput {
  readonly tar: TarFile;
  readonly #options: ArchiveOutputOptions;
  readonly #temporary: string;
  readonly #packed: string;
  #file: OpenFile;
  #published = false;

  private constructor(options: ArchiveOutputOptions, temporary: string, file: OpenFile) {
    this.#options = options;
    this.#temporary = temporary;
    this.#packed = `${temporary}.gz`;
    this.#file = file;
    this.tar = new TarFile(file);
  }

  /**
   * Fails with the errors of the system calls.
   * @throws TallymanError CONFLICT when something is there that is not to be replaced.
   */
  static async create(options: ArchiveOutputOptions): Promise<ArchiveOutput> {
    await checkPlace(options);
    const { fileSystem, destination } = options;
    const name = `.${path.basename(destination).slice(0, 100)}.${randomUUID()}.part`;
    const temporary = path.join(path.dirname(destination), name);
    return new ArchiveOutput(options, temporary, await fileSystem.open(temporary, 'create', 0o644));
  }

  /** What was written so far, by position. */
  get source(): ByteSource {
    return {
      size: Number.MAX_SAFE_INTEGER,
      readAt: (position, length) => fileSource(this.#file, Number.MAX_SAFE_INTEGER).readAt(position, length),
    };
  }

  /** Ends the archive and gives it its name; that is on the disk when this returns. */
  async publish(signal: AbortSignal): Promise<void> {
    const { fileSystem, destination, gzip } = this.#options;
    const size = await this.tar.end();
    if (gzip) await this.#pack(size, signal);
    else await syncChecked(this.#file, size);
    signal.throwIfAborted();
    await checkPlace(this.#options);
    if (gzip) {
      await publishFile(fileSystem, this.#packed, destination);
    } else {
      await this.#file.close(); // Windows moves no open file
      await publishFile(fileSystem, this.#temporary, destination);
      this.#file = await fileSystem.open(destination, 'read');
      this.#published = true;
    }
  }

  /** Lets go of the file; what was not published is gone. */
  async close(): Promise<void> {
    const { fileSystem } = this.#options;
    await this.#file.close().catch(() => undefined); // of one that was closed to be moved, and could not be
    if (!this.#published) await fileSystem.removeFile(this.#temporary).catch(() => undefined);
    await fileSystem.removeFile(this.#packed).catch(() => undefined);
  }

  async #pack(size: number, signal: AbortSignal): Promise<void> {
    const file = await this.#options.fileSystem.open(this.#packed, 'create', 0o644);
    try {
      let position = 0;
      const tar = Readable.from(readRange(this.source, 0, size, signal), { objectMode: false });
      const gzip = tar.pipe(createGzip());
      tar.on('error', (error) => gzip.destroy(error));
      for await (const chunk of gzip as AsyncIterable<Uint8Array>) {
        signal.throwIfAborted();
        await writeAll(file, chunk, position);
        position += chunk.byteLength;
      }
      await syncChecked(file, position);
    } finally {
      await file.close();
    }
  }
}

async function syncChecked(file: OpenFile, size: number): Promise<void> {
  await file.sync();
  const info = await file.info();
  if (info.size !== size)
    throw Object.assign(new Error('the file has another size than was written'), { code: 'EIO' });
}

async function checkPlace({ fileSystem, destination, overwrite }: ArchiveOutputOptions): Promise<void> {
  const there = await fileSystem.look(destination);
  if (there === undefined || (overwrite && there.kind === 'file')) return;
  throw new TallymanError({
    code: 'CONFLICT',
    message:
      there.kind === 'file'
        ? `There is a file at ${displayText(destination)} already.`
        : `There is something at ${displayText(destination)} that is no plain file.`,
    hint: 'Choose another name, or move it away.',
  });
}
