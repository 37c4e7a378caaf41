import { getRequestListener } from '@hono/node-server';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from '../dispatch.ts';
import type { DropSpool } from '../files/drop-spool.ts';
import type { AssetMap } from '../page/asset-map.ts';
import { pageHeaders } from '../page/page-headers.ts';
import { refusal } from './gate.ts';
import {
  CONNECTION_LIMIT,
  HEADER_TIME_LIMIT,
  IDLE_LIMIT,
  REQUEST_RATE_LIMIT,
  REQUEST_TIME_LIMIT,
} from './limits.ts';
import { createRequestRate } from './request-rate.ts';
import { createRoutes } from './routes.ts';
import { createSession } from './session.ts';
import { BEARER_PROTOCOL, createSockets } from './socket.ts';

/** Path of the WebSocket. */
const SOCKET_PATH = '/socket';

export interface LoopbackOptions {
  /** 0 or absent: any free one. A port that is taken makes the start fail; no other one is tried. */
  readonly port?: number;
  readonly assets: AssetMap;
  readonly dispatcher: Dispatcher;
  readonly answerSave: (path: string) => Promise<Response>;
  readonly receiveDrop: DropSpool['receive'];
  /** The host closed itself: nobody used it for a long time, or somebody was guessing its secret. */
  readonly onEnd?: (reason: 'idle' | 'guessed') => void;
  /** The clock in milliseconds; tests bring their own. */
  readonly now?: () => number;
}

/** A running loopback host. */
export interface LoopbackHost {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** An address that opens one session within a minute; an older one stops working. */
  launchAddress(): string;
  close(): Promise<void>;
}

/**
 * Serves the window and the services on 127.0.0.1, to the person who started it and to nobody else on the machine or in the
 * browser (reliability bar, §6). Every request and every upgrade passes the gate before anything looks at it.
 */
export async function startLoopbackHost(options: LoopbackOptions): Promise<LoopbackHost> {
  const now = options.now ?? Date.now;
  const server = createServer({
    headersTimeout: HEADER_TIME_LIMIT,
    requestTimeout: REQUEST_TIME_LIMIT,
    connectionsCheckingInterval: 2000,
  });
  server.maxConnections = CONNECTION_LIMIT;
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');

  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const headers = pageHeaders(`ws://${host}`);
  let lastUse = now();
  const touch = (): void => {
    lastUse = now();
  };

  const end = (reason: 'idle' | 'guessed'): void => {
    void close();
    options.onEnd?.(reason);
  };
  const session = createSession(port, () => end('guessed'), now);
  const sockets = createSockets(options.dispatcher, touch);
  const routes = createRoutes({
    assets: options.assets,
    session,
    headers,
    answerSave: options.answerSave,
    receiveDrop: options.receiveDrop,
  });
  const answer = getRequestListener(routes.fetch, { overrideGlobalObjects: false });
  const withinRate = createRequestRate(REQUEST_RATE_LIMIT, now);

  server.on('request', (request, response) => {
    touch();
    const status = refusal(request, host) ?? (withinRate() ? undefined : 429);
    if (status === undefined) void answer(request, response);
    else response.writeHead(status, { 'Content-Length': 0, Connection: 'close' }).end();
  });

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    touch();
    socket.on('error', () => socket.destroy());
    const status = refusal(request, host) ?? (withinRate() ? refuseSocket(request) : 429);
    if (status === undefined) sockets.accept(request, socket, head);
    else socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });

  const refuseSocket = (request: IncomingMessage): 401 | 404 | undefined => {
    if (request.url !== SOCKET_PATH || request.headers.upgrade?.toLowerCase() !== 'websocket') return 404;
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    const bearer =
      protocols.find((each) => each.startsWith(BEARER_PROTOCOL))?.slice(BEARER_PROTOCOL.length) ?? '';
    return session.holds(request.headers.cookie, bearer) ? undefined : 401;
  };

  const idle = setInterval(() => {
    if (sockets.count() === 0 && now() - lastUse > IDLE_LIMIT) end('idle');
  }, 60_000);
  idle.unref();

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      clearInterval(idle);
      sockets.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    })();
    return closing;
  };

  return {
    origin: `http://${host}`,
    launchAddress: () => `http://${host}/#t=${session.launch()}`,
    close,
  };
}
