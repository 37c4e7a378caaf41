import { randomBytes } from 'node:crypto';
import type { ErrorCode } from '../../shared/errors/tallyman-error.ts';
import { isCancellation, TallymanError, toErrorData } from '../../shared/errors/tallyman-error.ts';
import { saveFileName } from './save-file-name.ts';

/** First part of every address that `content.saveAddress` gives; hosts route it to `answerSave`. */
export const SAVE_PATH = '/blob/save/';
/** How long an address can be used. */
export const SAVE_TICKET_LIFE_MS = 60_000;
/** Addresses that may wait at once; the oldest goes when there are more. */
export const SAVE_TICKET_LIMIT = 100;

/** What one address gives, once. */
export interface Savable {
  readonly fileName: string;
  /** Bytes of the whole content, as its descriptor says; the stream fails when they turn out different. */
  readonly size: number;
  /** Begins to read; the iterable fails at its end when the bytes do not match their digest. */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** One-time addresses for saving content: nobody can name a path, a digest or a place through them (bar, W8 and W9). */
export interface SaveRoute {
  /** The address, below the page's own origin. */
  offer(savable: Savable): string;
  /**
   * Answers a GET of such an address, in both hosts the same: an attachment that no browser renders or runs. A ticket works once;
   * 404 for everything else. Content that fails its check breaks the connection off, so that no file looks finished.
   */
  readonly answerSave: (path: string) => Promise<Response>;
  close(): void;
}

/** @param now - the clock in milliseconds; tests bring their own. */
export function createSaveRoute(now: () => number = Date.now): SaveRoute {
  const tickets = new Map<string, { readonly savable: Savable; readonly expires: number }>();
  const running = new Set<AbortController>();

  return {
    offer(savable) {
      for (const [ticket, { expires }] of tickets) if (expires <= now()) tickets.delete(ticket);
      for (const ticket of tickets.keys()) if (tickets.size >= SAVE_TICKET_LIMIT) tickets.delete(ticket);
      const ticket = randomBytes(32).toString('base64url');
      tickets.set(ticket, { savable, expires: now() + SAVE_TICKET_LIFE_MS });
      return SAVE_PATH + ticket;
    },

    async answerSave(path) {
      const ticket = path.startsWith(SAVE_PATH) ? path.slice(SAVE_PATH.length) : '';
      const found = tickets.get(ticket);
      tickets.delete(ticket);
      if (found === undefined || found.expires <= now())
        return refusal(404, 'This address was used already or is too old: choose Save again.');
      const controller = new AbortController();
      running.add(controller);
      return await answerWith(found.savable, controller, () => running.delete(controller));
    },

    close() {
      tickets.clear();
      for (const controller of running) controller.abort();
      running.clear();
    },
  };
}

async function answerWith(
  savable: Savable,
  controller: AbortController,
  done: () => void,
): Promise<Response> {
  const chunks = savable.read(controller.signal)[Symbol.asyncIterator]();
  let first: IteratorResult<Uint8Array, unknown>;
  try {
    // The first bytes decide between an answer and a refusal; after that a fault can only cut the stream off.
    first = await chunks.next();
  } catch (error) {
    done();
    const { code, message, hint } = toErrorData(error);
    const known = error instanceof TallymanError || isCancellation(error);
    return refusal(
      statusOf(code),
      known ? [message, hint].filter(Boolean).join(' ') : 'The content could not be read.',
    );
  }
  let waiting: IteratorResult<Uint8Array, unknown> | undefined = first;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(stream) {
        try {
          const next = waiting ?? (await chunks.next());
          waiting = undefined;
          if (next.done !== true) {
            stream.enqueue(next.value);
            return;
          }
          done();
          stream.close();
        } catch (error) {
          done();
          stream.error(error);
        }
      },
      async cancel() {
        done();
        controller.abort();
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    status: 200,
    headers: {
      ...GUARDS,
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(savable.size),
      'Content-Disposition': attachment(savable.fileName),
    },
  });
}

/** Whatever a browser makes of the bytes, it may neither show nor run them, nor keep them (bar, W8). */
const GUARDS = {
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
} as const;

function refusal(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...GUARDS, 'Content-Type': 'text/plain; charset=utf-8' },
  });
}

function statusOf(code: ErrorCode): number {
  if (code === 'NOT_FOUND' || code === 'MISSING') return 404;
  if (code === 'UNAUTHORIZED' || code === 'DENIED') return 403;
  return code === 'INTERNAL' || code === 'CANCELLED' ? 500 : 502;
}

/** RFC 6266: an ASCII name for old clients, and the real one (RFC 8187). */
function attachment(name: string): string {
  const safe = saveFileName(name, 'content');
  const ascii = safe.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(safe).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
