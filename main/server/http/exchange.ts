import type { IncomingMessage } from 'node:http';
import type { ServedOptions, ServedRegistry } from '../served-registry.ts';
import { readBody } from './read-body.ts';

/** One request, as the handlers see it. */
export interface Exchange extends ServedOptions {
  readonly registry: ServedRegistry;
  /** GET for a HEAD: its answer is the same without the body. */
  readonly method: string;
  readonly isHead: boolean;
  /** The path as it was sent, for `Link`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** A header that counts once; undefined when it is absent. */
  readonly header: (name: string) => string | undefined;
  /** What `Content-Length` says; undefined for a body whose end is not known before it comes. */
  readonly bodyLength: number | undefined;
  /** The body, once. Leaving it early does not end the connection. */
  readonly body: (signal?: AbortSignal) => AsyncIterable<Uint8Array>;
}

export interface ExchangeOptions extends ServedOptions {
  readonly registry: ServedRegistry;
}

export function createExchange(request: IncomingMessage, options: ExchangeOptions): Exchange {
  const { method = 'GET', url = '', headers } = request;
  const question = url.indexOf('?');
  const length = headers['content-length'];
  return {
    ...options,
    method: method === 'HEAD' ? 'GET' : method,
    isHead: method === 'HEAD',
    path: question === -1 ? url : url.slice(0, question),
    query: new URLSearchParams(question === -1 ? '' : url.slice(question + 1)),
    header(name) {
      const value = headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    bodyLength: bodyLengthOf(length, headers['transfer-encoding'] !== undefined),
    body: (signal = options.signal) => readBody(request, signal),
  };
}

/** A request with neither header has no body (RFC 9112, section 6.3). */
function bodyLengthOf(contentLength: string | undefined, isChunked: boolean): number | undefined {
  if (isChunked) return undefined;
  return contentLength === undefined ? 0 : Number(contentLength);
}
