/**
 * Passes chunks on one late, so that the last one comes only when the source ended well: a reader that was promised a length
 * then sees a broken transfer instead of damaged content.
 */
export async function* holdBackLast(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array | undefined;
  for await (const chunk of source) {
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (held !== undefined) yield held;
}
