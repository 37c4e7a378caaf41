import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import type { Dispatcher } from '../dispatch.ts';
import { BODY_LIMIT, HEARTBEAT_INTERVAL, UNREAD_LIMIT } from './limits.ts';

/** First part of the subprotocol's name that carries the bearer of the tab; the answer names the same one. */
export const BEARER_PROTOCOL = 'tallyman.bearer.';

/** The sockets of all tabs. */
export interface Sockets {
  /** Takes over a connection that the gate and the session let pass. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tabs that are connected now. */
  count(): number;
  close(): void;
}

/**
 * Carries the contract's messages as JSON text between tabs and the dispatcher. A tab that does not answer heartbeats, reads
 * nothing, or sends what is no JSON text is cut off; it may come again.
 *
 * @param onClosed - called after each tab that went
 */
export function createSockets(dispatcher: Dispatcher, onClosed: () => void): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: BODY_LIMIT,
    perMessageDeflate: false,
    handleProtocols: (offered) => [...offered].find((each) => each.startsWith(BEARER_PROTOCOL)) ?? false,
  });
  const silent = new WeakSet<WebSocket>();
  const heartbeat = setInterval(() => {
    for (const tab of server.clients) {
      if (silent.has(tab)) {
        tab.terminate();
        continue;
      }
      silent.add(tab);
      tab.ping();
    }
  }, HEARTBEAT_INTERVAL);
  heartbeat.unref();

  const attach = (tab: WebSocket): void => {
    const connection = dispatcher.connect((message) => {
      if (tab.bufferedAmount > UNREAD_LIMIT) tab.terminate();
      else tab.send(JSON.stringify(message));
    });
    tab.on('pong', () => silent.delete(tab));
    tab.on('message', (data: RawData, isBinary: boolean) => {
      silent.delete(tab);
      const message = isBinary ? undefined : parseJson(textOf(data));
      if (message === undefined) tab.close(1003);
      else connection.receive(message);
    });
    // Faults of the protocol are followed by `close`; there is nobody else to tell.
    tab.on('error', () => tab.terminate());
    tab.on('close', () => {
      connection.close();
      onClosed();
    });
  };

  return {
    accept: (request, socket, head) => server.handleUpgrade(request, socket, head, attach),
    count: () => server.clients.size,
    close() {
      clearInterval(heartbeat);
      for (const tab of server.clients) tab.terminate();
      server.close();
    },
  };
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.from(data as Buffer).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
