import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { readAll } from '../../content/verify-content.ts';
import { writeAll } from '../durable-write.ts';
import type { OpenFile } from '../file-system.ts';
import { READ_CHUNK_SIZE } from '../limits.ts';
import { TAR_BLOCK_SIZE } from '../tar-header.ts';
import { paddingAfter, tarEntryHeader } from './tar-entry-header.ts';

/** Files up to this size are written in one go with their header; larger ones as they come. */
const ONE_WRITE_LIMIT = READ_CHUNK_SIZE;

/** Where the content of a written file lies. */
export interface WrittenPart {
  readonly offset: number;
  readonly size: number;
}

/** A piece of the tar: a header, content and padding. */
interface Region {
  start: number;
  readonly length: number;
}

/** A written file; its place changes only when `end` closes gaps. */
export interface WrittenFile {
  part(): WrittenPart;
}

/**
 * A tar that is written into a file. Several files may be written at the same time: each gets its place when its first bytes
 * come, because its size is known. The place of one that failed goes to another of the same length, or is closed at the end.
 */
export class TarFile {
  readonly #file: OpenFile;
  readonly #regions = new Set<Region>();
  readonly #gaps: Region[] = [];
  #end = 0;

  constructor(file: OpenFile) {
    this.#file = file;
  }

  /**
   * Adds a file. When the content fails, is too long or too short, there is no such file.
   * @param size - of the content; the caller has it checked, see `verifyContent`.
   */
  async add(path: string, size: number, content: AsyncIterable<Uint8Array>): Promise<WrittenFile> {
    const header = tarEntryHeader(path, size);
    if (size <= ONE_WRITE_LIMIT) return this.#addWhole(header, await readAll(content, size, path));
    let region: Region | undefined;
    try {
      let position = 0;
      for await (const chunk of content) {
        if (position + chunk.byteLength > size) throw wrongSize(path);
        region ??= await this.#begin(header, size);
        await writeAll(this.#file, chunk, region.start + header.byteLength + position);
        position += chunk.byteLength;
      }
      if (region === undefined || position !== size) throw wrongSize(path);
      const end = region.start + header.byteLength + size;
      await writeAll(this.#file, Buffer.alloc(paddingAfter(size)), end);
      return this.#written(region, header.byteLength, size);
    } catch (error) {
      if (region !== undefined) this.#free(region);
      throw error;
    }
  }

  /** Writes what ends a tar; nothing can be added afterwards. @returns the size of the whole. */
  async end(): Promise<number> {
    await this.#closeGaps();
    await this.#file.truncate(this.#end);
    await writeAll(this.#file, Buffer.alloc(2 * TAR_BLOCK_SIZE), this.#end);
    return this.#end + 2 * TAR_BLOCK_SIZE;
  }

  async #addWhole(header: Uint8Array, bytes: Uint8Array): Promise<WrittenFile> {
    const padding = Buffer.alloc(paddingAfter(bytes.byteLength));
    const whole = Buffer.concat([header, bytes, padding]);
    const region = this.#take(whole.byteLength);
    try {
      await writeAll(this.#file, whole, region.start);
    } catch (error) {
      this.#free(region);
      throw error;
    }
    return this.#written(region, header.byteLength, bytes.byteLength);
  }

  async #begin(header: Uint8Array, size: number): Promise<Region> {
    const region = this.#take(header.byteLength + size + paddingAfter(size));
    try {
      await writeAll(this.#file, header, region.start);
      return region;
    } catch (error) {
      this.#free(region);
      throw error;
    }
  }

  #written(region: Region, headerLength: number, size: number): WrittenFile {
    this.#regions.add(region);
    return { part: () => ({ offset: region.start + headerLength, size }) };
  }

  #take(length: number): Region {
    const gap = this.#gaps.findIndex((free) => free.length === length);
    const [reused] = gap < 0 ? [] : this.#gaps.splice(gap, 1);
    if (reused !== undefined) return reused;
    const region = { start: this.#end, length };
    this.#end += length;
    return region;
  }

  #free(region: Region): void {
    if (region.start + region.length === this.#end) this.#end = region.start;
    else this.#gaps.push(region);
  }

  /** Moves what lies behind a gap forward, in chunks. */
  async #closeGaps(): Promise<void> {
    if (this.#gaps.length === 0) return;
    let position = 0;
    for (const region of [...this.#regions].sort((left, right) => left.start - right.start)) {
      if (region.start > position) await this.#move(region, position);
      position = region.start + region.length;
    }
    this.#gaps.length = 0;
    this.#end = position;
  }

  async #move(region: Region, to: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.min(READ_CHUNK_SIZE, region.length));
    for (let done = 0; done < region.length;) {
      const wanted = Math.min(buffer.byteLength, region.length - done);
      const count = await this.#file.read(buffer, 0, wanted, region.start + done);
      if (count === 0)
        throw Object.assign(new Error('the file is shorter than was written'), { code: 'EIO' });
      await writeAll(this.#file, buffer.subarray(0, count), to + done);
      done += count;
    }
    region.start = to;
  }
}

function wrongSize(path: string): TallymanError {
  return new TallymanError({
    code: 'SIZE_MISMATCH',
    message: `${path} has another size than was announced.`,
    hint: 'The content was cut, replaced, or described wrongly: get it from its publisher again.',
  });
}
