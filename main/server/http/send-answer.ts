import type { ServerResponse } from 'node:http';
import { letGoOf } from '../let-go-of.ts';
import type { Answer, StreamedBody } from './answer.ts';

/** What every answer says. Content is foreign: no browser may take it for anything. */
const COMMON_HEADERS = {
  'Docker-Distribution-API-Version': 'registry/2.0',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

export interface SendOptions {
  readonly isHead: boolean;
  readonly warnings: readonly string[];
}

/**
 * Sends an answer, as fast as the client takes it. A body that ends early or fails breaks the connection off: the client was
 * promised a length and must not take a part for the whole.
 * @throws what the body throws, after the connection is broken off.
 */
export async function sendAnswer(
  response: ServerResponse,
  { status, headers = {}, body }: Answer,
  { isHead, warnings }: SendOptions,
): Promise<void> {
  for (const [name, value] of Object.entries({ ...COMMON_HEADERS, ...headers })) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  if (warnings.length > 0) response.setHeader('Warning', [...warnings]);
  const size = body === undefined ? 0 : body instanceof Uint8Array ? body.byteLength : body.size;
  if (status !== 204 && status !== 304) response.setHeader('Content-Length', size);
  response.writeHead(status);
  if (isHead || body === undefined || status === 304) {
    response.end();
    return;
  }
  if (body instanceof Uint8Array) {
    response.end(body);
    return;
  }
  try {
    await stream(response, body);
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
}

/** Reads one chunk ahead of what the client takes. */
async function stream(
  response: ServerResponse,
  { size, read, areChunksOwn = false }: StreamedBody,
): Promise<void> {
  const chunks = read()[Symbol.asyncIterator]();
  let sent = 0;
  let next = chunks.next();
  try {
    for (;;) {
      const chunk = await next;
      if (chunk.done === true) break;
      next = chunks.next();
      next.catch(() => undefined); // it is awaited in the next turn
      sent += chunk.value.byteLength;
      const { value } = chunk;
      const onSent = (error: unknown): void => {
        if (areChunksOwn && (error === undefined || error === null)) letGoOf([value]);
      };
      if (!response.write(value, onSent)) await drained(response);
    }
  } finally {
    await next.catch(() => undefined);
    await chunks.return?.();
  }
  if (sent !== size) throw new Error(`the content has ${sent} bytes instead of ${size}`);
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      response.off('drain', onDrain).off('close', onClose);
    };
    const onDrain = (): void => {
      done();
      resolve();
    };
    const onClose = (): void => {
      done();
      reject(new Error('the client went away'));
    };
    if (response.destroyed) reject(new Error('the client went away'));
    else response.on('drain', onDrain).on('close', onClose);
  });
}
