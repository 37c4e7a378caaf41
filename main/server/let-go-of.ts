/** What Node 22 and later have: takes the memory out of a buffer. */
interface Transferable {
  transfer?: (length: number) => ArrayBuffer;
}

/**
 * Gives back the memory of chunks that nobody needs any more, at once. Left to the collector, up to 64 MiB of them wait under Node 24
 * before it looks (32 MiB under Node 20, which cannot be told). Chunks that are a part of a larger buffer are left alone: others may
 * have the rest. The caller must be their only user: they are empty afterwards.
 */
export function letGoOf(chunks: readonly Uint8Array[]): void {
  for (const { buffer, byteLength } of chunks) {
    if (byteLength > 0 && buffer.byteLength === byteLength) (buffer as Transferable).transfer?.(0);
  }
}
