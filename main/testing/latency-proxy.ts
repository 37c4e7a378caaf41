import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that costs time, as a registry on another continent does. */
export interface LatencyProxy {
  /** `127.0.0.1:PORT` to use in place of the server's own host. */
  readonly host: string;
  readonly port: number;
  /** Connections that were opened so far. */
  readonly connectionsOpened: number;
  /** Ends every connection and the proxy. */
  close(): Promise<void>;
}

/**
 * Starts a TCP proxy on a free loopback port. Every byte arrives half of `roundTrip` later in each direction,
 * whatever the protocol above, and a new connection waits one `roundTrip` as a TCP handshake would.
 *
 * @param upstream - `HOST:PORT` of the server behind it.
 * @param roundTrip - milliseconds there and back.
 */
export async function startLatencyProxy(upstream: string, roundTrip: number): Promise<LatencyProxy> {
  const target = new URL(`tcp://${upstream}`);
  const port = Number(target.port);
  const hostname = target.hostname.replace(/^\[(.*)\]$/, '$1');
  const sockets = new Set<Socket>();
  let connectionsOpened = 0;

  const track = (socket: Socket, other: () => Socket | undefined): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      other()?.destroy();
    });
  };

  const server = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    connectionsOpened += 1;
    const started: { server?: Socket } = {};
    track(client, () => started.server);
    // Loopback opens a connection at once: the handshake's round trip is paid here.
    setTimeout(() => {
      if (client.destroyed) return;
      const server = connect(port, hostname);
      started.server = server;
      track(server, () => client);
      forwardLater(client, server, roundTrip / 2);
      forwardLater(server, client, roundTrip / 2);
    }, roundTrip);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const own = (server.address() as AddressInfo).port;
  return {
    host: `127.0.0.1:${own}`,
    port: own,
    get connectionsOpened() {
      return connectionsOpened;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Bytes that wait in one direction before reading stops, so that a fast sender does not fill the memory. */
const WAITING_LIMIT = 8 * 1024 * 1024;

function forwardLater(from: Socket, to: Socket, delay: number): void {
  let waiting = 0;
  from.on('data', (chunk: Buffer) => {
    waiting += chunk.byteLength;
    if (waiting > WAITING_LIMIT) from.pause();
    // Timers of one length fire in the order in which they were set, so bytes keep their order.
    setTimeout(() => {
      waiting -= chunk.byteLength;
      if (waiting <= WAITING_LIMIT) from.resume();
      if (!to.destroyed) to.write(chunk);
    }, delay);
  });
  from.on('end', () => setTimeout(() => to.end(), delay));
  from.resume();
}
