/** Most chunks in one batch: what one system call takes (1,024 on Linux and macOS) is more. */
const BATCH_COUNT = 256;

/**
 * The same bytes in batches of chunks, as they are, each of at least `size` bytes but the last, so that each costs one write.
 * When the source fails, what came before is passed on first.
 */
export async function* inBatches(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<readonly Uint8Array[], void, undefined> {
  let batch: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source) {
      batch.push(chunk);
      bytes += chunk.byteLength;
      if (bytes < size && batch.length < BATCH_COUNT) continue;
      const full = batch;
      [batch, bytes] = [[], 0];
      yield full;
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}
