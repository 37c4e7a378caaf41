import type { OpenFile } from './file-system.ts';
import { READ_CHUNK_SIZE } from './limits.ts';

/** Bytes that are read by position. */
export interface ByteSource {
  readonly size: number;
  /** The bytes from `position`, `length` of them or fewer at the end; in a buffer of its own. */
  readAt(position: number, length: number): Promise<Uint8Array>;
}

/** An open file as a source. `size` is what the file had when it was opened. */
export function fileSource(file: OpenFile, size: number): ByteSource {
  return {
    size,
    readAt: (position, length) => readFully(file, position, Math.min(length, Math.max(0, size - position))),
  };
}

/** Reads until `length` bytes came or the file ended. */
async function readFully(file: OpenFile, position: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(buffer, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled === length ? buffer : buffer.subarray(0, filled);
}

/** A part of a source in chunks of bounded size. Ends early when the source does: whoever knows the digest notices. */
export async function* readRange(
  source: ByteSource,
  offset: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = offset;
  let left = length;
  while (left > 0) {
    signal.throwIfAborted();
    const chunk = await source.readAt(position, Math.min(left, READ_CHUNK_SIZE));
    if (chunk.byteLength === 0) return;
    yield chunk;
    position += chunk.byteLength;
    left -= chunk.byteLength;
  }
}
