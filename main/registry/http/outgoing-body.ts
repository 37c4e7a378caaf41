import type { Readable } from 'node:stream';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Attempt } from './network-failure.ts';
import { onAbort } from './on-abort.ts';

/** A body that is too large for memory. */
export interface StreamedBody {
  /** Bytes it has, told beforehand. */
  readonly length: number;
  /** All of them from the beginning, each time anew. Ended early when the answer came before the last byte. */
  open(): AsyncIterable<Uint8Array>;
}

/** A body on its way into one request. */
export interface OutgoingBody {
  readonly body: Uint8Array | Readable | null;
  /** Headers that belong to it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts with the request's own signal, and when nobody takes the body any more. */
  readonly signal: AbortSignal;
  /** Must be called when the answer is there or will not come: what is left of a stream is given up. */
  dispose(): void;
}

/**
 * Opens the body of one request. A stream is watched: a piece that the network does not take within `idle` milliseconds ends
 * the request with TIMEOUT (bar, section 4: idle between body chunks).
 */
export function openBody(
  body: Uint8Array | StreamedBody | undefined,
  idle: number,
  signal: AbortSignal,
  attempt: Attempt,
): OutgoingBody {
  if (body === undefined || body instanceof Uint8Array) {
    return { body: body ?? null, headers: {}, signal, dispose: () => undefined };
  }
  const headers = { 'content-length': String(body.length) };
  if (body.length === 0) return { body: null, headers, signal, dispose: () => undefined };
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  const stopListening = onAbort(signal, abort);
  const stalled = (): void => controller.abort(stall(attempt, idle));
  const pieces = watch(body.open(), idle, stalled);
  return {
    // undici takes any async iterable (client-h1.js, writeIterable); its types only know the streams of Node.
    body: pieces as unknown as Readable,
    headers,
    signal: controller.signal,
    dispose() {
      stopListening();
      void pieces.return().catch(() => undefined);
    },
  };
}

async function* watch(
  pieces: AsyncIterable<Uint8Array>,
  idle: number,
  stalled: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) {
    const timer = setTimeout(stalled, idle);
    try {
      yield piece;
    } finally {
      clearTimeout(timer);
    }
  }
}

function stall({ method, url }: Attempt, idle: number): TallymanError {
  return new TallymanError({
    code: 'TIMEOUT',
    message: `${method} ${url}: nothing more was taken for ${idle / 1000} seconds.`,
    hint: 'Try again; if it stays so, the registry or the way to it is too slow.',
    details: { reason: 'TALLYMAN_BODY_STALLED' },
  });
}
