import type { FileHandle } from 'node:fs/promises';
import { writeFully } from './temporary-file.ts';

/** Bytes that are gathered before they are written: one call for many small pieces. */
const BATCH_SIZE = 1024 * 1024;

/** Writes pieces one after the other, in large batches; while one batch is being written the next is gathered. */
export class FileAppender {
  readonly #file: FileHandle;
  #written: number;
  #gathered: Uint8Array[] = [];
  #gatheredSize = 0;
  #writing: Promise<void> | undefined;

  constructor(file: FileHandle, position: number) {
    this.#file = file;
    this.#written = position;
  }

  /** Where the next piece will lie. */
  get position(): number {
    return this.#written + this.#gatheredSize;
  }

  /** Takes a piece, which must not change afterwards. Fails with what an earlier write failed with. */
  async add(piece: Uint8Array): Promise<void> {
    this.#gathered.push(piece);
    this.#gatheredSize += piece.byteLength;
    if (this.#gatheredSize < BATCH_SIZE) return;
    await this.#writing;
    this.#begin();
  }

  /** Waits until everything is written. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#begin();
    await this.#writing;
  }

  #begin(): void {
    const pieces = this.#gathered;
    const at = this.#written;
    const size = this.#gatheredSize;
    this.#gathered = [];
    this.#gatheredSize = 0;
    this.#written += size;
    this.#writing = size === 0 ? undefined : writePieces(this.#file, pieces, at, size);
    this.#writing?.catch(() => undefined); // whoever adds or flushes next hears of it
  }
}

async function writePieces(
  file: FileHandle,
  pieces: readonly Uint8Array[],
  at: number,
  size: number,
): Promise<void> {
  const { bytesWritten } = await file.writev(pieces, at);
  if (bytesWritten === size) return;
  // A disk that is nearly full takes a part of it.
  let position = at;
  for (const piece of pieces) {
    const end = position + piece.byteLength;
    const from = Math.max(position, at + bytesWritten);
    if (from < end) await writeFully(file, piece.subarray(from - position), from);
    position = end;
  }
}
