import type { IncomingMessage } from 'node:http';
import { BODY_QUEUE_SIZE } from '../limits.ts';

/**
 * The body of a request in the chunks in which it came: Node's own iterator would copy them together once more. Reading stops
 * while more than `BODY_QUEUE_SIZE` bytes wait to be taken. Leaving early passes over the rest and keeps the connection.
 * @throws Error when the connection breaks before the end; the reason of the signal.
 */
export async function* readBody(
  request: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const queue: Buffer[] = [];
  let queued = 0;
  let state: 'open' | 'ended' | 'broken' = request.readableEnded
    ? 'ended'
    : request.destroyed
      ? 'broken'
      : 'open';
  let wake = (): void => undefined;
  const onData = (chunk: Buffer): void => {
    queue.push(chunk);
    queued += chunk.byteLength;
    if (queued >= BODY_QUEUE_SIZE) request.pause();
    wake();
  };
  const onEnd = (): void => {
    state = 'ended';
    wake();
  };
  const onBroken = (): void => {
    if (state === 'open') state = 'broken';
    wake();
  };
  const onAbort = (): void => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  request.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  try {
    for (;;) {
      for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
        queued -= chunk.byteLength;
        if (queued === 0 && request.isPaused()) request.resume();
        yield chunk;
        signal.throwIfAborted();
      }
      if (state === 'ended') return;
      signal.throwIfAborted();
      if (state === 'broken') throw new Error('the client went away in the middle of its request');
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    request.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
    request.on('error', () => undefined); // whatever comes now is nobody's any more
    request.resume();
  }
}
