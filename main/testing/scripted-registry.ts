import {
  createServer as createPlainServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type CertificateFlavour, TEST_CERTIFICATES } from './test-certificates.ts';

/** A request as it arrived, whole. */
export interface ScriptedRequest {
  readonly method: string;
  /** The request target exactly as sent: path and query, nothing decoded. */
  readonly target: string;
  /** The part of `target` before the question mark, nothing decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent: to see repeated headers. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  /** The address the server was reached by, as the Host header says. */
  readonly host: string;
}

type HeaderValues = Readonly<Record<string, string | readonly string[]>>;

/** What the script answers; every fault a network or a hostile registry can bring is a field. */
export interface ScriptedAnswer {
  /** 200 when absent. */
  readonly status?: number;
  readonly headers?: HeaderValues;
  /** Text, bytes, or a stream (sent chunked unless a `content-length` header is given). */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Milliseconds before the status line. */
  readonly delay?: number;
  /** Milliseconds between status line and body. */
  readonly bodyDelay?: number;
  /** After this many body bytes the connection is reset. The announced length stays whole. */
  readonly cutAfter?: number;
  /** After this many body bytes nothing more is sent, and the connection stays open. */
  readonly stallAfter?: number;
  /** Take the request and never answer. */
  readonly silent?: boolean;
  /** Reset the connection instead of answering. */
  readonly reset?: boolean;
  /** Raw bytes in place of an HTTP answer; the connection is closed after them. */
  readonly raw?: string | Uint8Array;
}

/** Answers one request; undefined is a 404 as registries write it. */
export type Script = (
  request: ScriptedRequest,
) => ScriptedAnswer | undefined | Promise<ScriptedAnswer | undefined>;

export interface ScriptedRegistryOptions {
  /** Speak TLS with this certificate; plain HTTP when absent. */
  readonly certificate?: CertificateFlavour;
  /** Loopback address to listen on, `127.0.0.1` when absent. 127.0.0.2 makes "another host" on Linux. */
  readonly address?: string;
}

/** A server on loopback that does what its script says and remembers what it was asked. */
export interface ScriptedRegistry {
  /** `127.0.0.1:PORT`, as a person would type it. */
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:PORT` or `https://…`, without a slash at the end. */
  readonly origin: string;
  /** Every request so far, oldest first. */
  readonly requests: readonly ScriptedRequest[];
  /** Connections that were opened so far, also those that never sent a request. */
  readonly connectionsOpened: number;
  /** Connections that are open now. */
  readonly connectionsOpen: number;
  /** Most requests that were under way at the same time. */
  readonly mostAtOnce: number;
  /** Replaces the script for requests from now on. */
  follow(script: Script): void;
  /** Forgets requests and counts. */
  forget(): void;
  /** Ends every connection and the server; the returned promise resolves when the port is free. */
  close(): Promise<void>;
}

/** Starts a server on a free loopback port that answers as `script` says. */
export async function startScriptedRegistry(
  script: Script,
  options: ScriptedRegistryOptions = {},
): Promise<ScriptedRegistry> {
  const { certificate, address = '127.0.0.1' } = options;
  const requests: ScriptedRequest[] = [];
  const sockets = new Set<Socket>();
  let current = script;
  let connectionsOpened = 0;
  let underWay = 0;
  let mostAtOnce = 0;

  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    outgoing.once('close', () => (underWay -= 1));
    // A client that goes away in the middle is what many tests are about, not a fault of the server.
    incoming.on('error', () => undefined);
    outgoing.on('error', () => undefined);
    void readRequest(incoming).then(async (request) => {
      if (request === undefined) return;
      requests.push(request);
      await answer(outgoing, (await current(request)) ?? NOT_FOUND, request.method);
    });
  };
  const limits = { maxHeaderSize: 1024 * 1024 };
  const server: Server =
    certificate === undefined
      ? createPlainServer(limits, listener)
      : createSecureServer(
          {
            ...limits,
            cert: TEST_CERTIFICATES[certificate].certificate,
            key: TEST_CERTIFICATES[certificate].key,
          },
          listener,
        );
  server.on('connection', (socket: Socket) => {
    connectionsOpened += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  // A handshake that the client breaks off (it refuses the certificate) is expected here.
  server.on('tlsClientError', () => undefined);
  server.on('clientError', (_error, socket) => socket.destroy());

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return {
    host,
    port,
    origin: `${certificate === undefined ? 'http' : 'https'}://${host}`,
    requests,
    get connectionsOpened() {
      return connectionsOpened;
    },
    get connectionsOpen() {
      return sockets.size;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    follow(next) {
      current = next;
    },
    forget() {
      requests.length = 0;
      connectionsOpened = 0;
      mostAtOnce = 0;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const NOT_FOUND: ScriptedAnswer = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"the script has no answer"}]}',
};

async function readRequest(incoming: IncomingMessage): Promise<ScriptedRequest | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  } catch {
    return undefined;
  }
  const target = incoming.url ?? '/';
  const [path = '/', query = ''] = target.split(/\?(.*)/s);
  return {
    method: incoming.method ?? 'GET',
    target,
    path,
    query: new URLSearchParams(query),
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    body: Buffer.concat(chunks),
    host: incoming.headers.host ?? '',
  };
}

async function answer(outgoing: ServerResponse, scripted: ScriptedAnswer, method: string): Promise<void> {
  const { socket } = outgoing;
  if (scripted.delay !== undefined) await pause(scripted.delay);
  if (scripted.silent === true) return;
  if (scripted.reset === true) {
    socket?.resetAndDestroy();
    return;
  }
  if (scripted.raw !== undefined) {
    socket?.end(scripted.raw);
    return;
  }
  const body = typeof scripted.body === 'string' ? Buffer.from(scripted.body) : scripted.body;
  outgoing.statusCode = scripted.status ?? 200;
  for (const [name, value] of Object.entries(scripted.headers ?? {})) {
    outgoing.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
  if (
    body instanceof Uint8Array &&
    !outgoing.hasHeader('content-length') &&
    !outgoing.hasHeader('transfer-encoding')
  ) {
    outgoing.setHeader('content-length', body.byteLength);
  }
  if (method === 'HEAD' || body === undefined) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  if (scripted.bodyDelay !== undefined) await pause(scripted.bodyDelay);
  await sendBody(outgoing, body instanceof Uint8Array ? [body] : body, scripted);
}

async function sendBody(
  outgoing: ServerResponse,
  body: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  { cutAfter, stallAfter }: ScriptedAnswer,
): Promise<void> {
  const stop = Math.min(cutAfter ?? Infinity, stallAfter ?? Infinity);
  let sent = 0;
  for await (const chunk of body) {
    if (outgoing.destroyed) return;
    const part = chunk.subarray(0, Math.min(chunk.byteLength, stop - sent));
    sent += part.byteLength;
    if (part.byteLength > 0) await write(outgoing, part);
    if (sent >= stop) break;
  }
  if (sent < stop) {
    outgoing.end();
  } else if (cutAfter !== undefined && cutAfter <= sent) {
    outgoing.socket?.destroy();
  }
}

/** Resolves when the bytes left for the client, so that an endless body does not pile up in memory. */
function write(outgoing: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('close', done);
      resolve();
    };
    outgoing.once('close', done);
    outgoing.write(bytes, done);
  });
}
