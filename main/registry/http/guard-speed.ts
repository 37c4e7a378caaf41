import { TallymanError } from '../../../shared/errors/tallyman-error.ts';

/** Bytes per second below which a body counts as stalled although something still drips. */
export const SLOWEST_BODY = 1024;

/**
 * Passes a body on and ends it when it came slower than `SLOWEST_BODY` over a whole window. Only the time spent
 * waiting for bytes counts: a reader may be as slow as it likes.
 *
 * @param window - milliseconds of waiting after which the speed is judged, again and again.
 * @param what - the name of the content, as the beginning of a sentence.
 * @throws TallymanError TIMEOUT.
 */
export async function* guardSpeed(
  body: AsyncIterable<Uint8Array>,
  window: number,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let waited = 0;
  let bytes = 0;
  let asked = performance.now();
  for await (const chunk of body) {
    waited += performance.now() - asked;
    bytes += chunk.byteLength;
    if (waited >= window) {
      if (bytes < (SLOWEST_BODY * window) / 1000) {
        throw new TallymanError({
          code: 'TIMEOUT',
          message: `${what} came with less than ${SLOWEST_BODY} bytes per second.`,
          hint: 'Try again; if it stays so, the registry or the way to it is too slow.',
          details: { bytes },
        });
      }
      waited = 0;
      bytes = 0;
    }
    yield chunk;
    asked = performance.now();
  }
}
