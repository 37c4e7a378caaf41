/**
 * The same bytes in blocks of one size, the last one perhaps smaller, so that each costs one write. When the source fails,
 * what came before is passed on first. A block is good until the next one is asked for: the memory is used again.
 */
export async function* inBlocks(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const block = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  let failure: { readonly error: unknown } | undefined;
  const chunks = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        failure = { error };
        return undefined;
      });
      if (next === undefined || next.done === true) break;
      for (let rest = next.value; rest.byteLength > 0;) {
        const part = rest.subarray(0, size - filled);
        block.set(part, filled);
        filled += part.byteLength;
        rest = rest.subarray(part.byteLength);
        if (filled < size) continue;
        yield block;
        filled = 0;
      }
    }
    if (filled > 0) yield block.subarray(0, filled);
    if (failure !== undefined) throw failure.error;
  } finally {
    if (failure === undefined) await chunks.return?.();
  }
}
