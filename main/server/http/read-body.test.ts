import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BODY_QUEUE_SIZE, SOCKET_BUFFER_SIZE } from '../limits.ts';
import { readBody } from './read-body.ts';

const MIB = 1024 * 1024;

/** A server that hands each request to the test; its answer is 200 when the test is done with it. */
async function listen(work: (request: IncomingMessage) => Promise<void>): Promise<{
  readonly send: (length: number, agent?: Agent) => ClientRequest;
  /** Connections so far. */
  readonly connections: () => number;
}> {
  let connections = 0;
  const server = createServer({ highWaterMark: SOCKET_BUFFER_SIZE }, (request, response) => {
    work(request).then(
      () => response.end(),
      () => response.destroy(),
    );
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    connections: () => connections,
    send(length, agent) {
      const outgoing = httpRequest({
        port,
        host: '127.0.0.1',
        method: 'PUT',
        headers: { 'content-length': length },
        ...(agent === undefined ? {} : { agent }),
      });
      outgoing.on('error', () => undefined);
      return outgoing;
    },
  };
}

const never = new AbortController().signal;

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function answerOf(outgoing: ClientRequest): Promise<number | undefined> {
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.resume();
  await once(incoming, 'end');
  return incoming.statusCode;
}

describe('readBody', () => {
  it.each([0, 1, 300_000, 5 * MIB])('gives the %i bytes that were sent', async (length) => {
    const bytes = randomBytes(length);
    let received: Buffer | undefined;
    const { send } = await listen(async (request) => {
      received = await collect(readBody(request, never));
    });
    const outgoing = send(length);
    outgoing.end(bytes);
    expect(await answerOf(outgoing)).toBe(200);
    expect(received?.equals(bytes)).toBe(true);
  });

  it('gives nothing of a body that was read before', async () => {
    let again: Buffer | undefined;
    const { send } = await listen(async (request) => {
      await collect(readBody(request, never));
      again = await collect(readBody(request, never));
    });
    const outgoing = send(3);
    outgoing.end('abc');
    expect(await answerOf(outgoing)).toBe(200);
    expect(again).toEqual(Buffer.alloc(0));
  });

  it('takes no more from the client than a little while nobody takes it', async () => {
    const bytes = randomBytes(40 * MIB);
    let length = 0;
    let most = 0;
    const { send } = await listen(async (request) => {
      for await (const chunk of readBody(request, never)) {
        if (length === 0) {
          await expect.poll(() => request.isPaused(), { timeout: 20_000 }).toBe(true);
          most = request.socket.bytesRead;
        }
        length += chunk.byteLength;
      }
    });
    const outgoing = send(bytes.byteLength);
    outgoing.end(bytes);
    expect(await answerOf(outgoing)).toBe(200);
    expect(length).toBe(bytes.byteLength);
    expect(most).toBeGreaterThanOrEqual(BODY_QUEUE_SIZE);
    expect(most).toBeLessThan(BODY_QUEUE_SIZE + 2 * SOCKET_BUFFER_SIZE);
  });

  it('gives what came before the client went away, and then fails', async () => {
    let received = 0;
    let failure: unknown;
    const { send } = await listen(async (request) => {
      try {
        for await (const chunk of readBody(request, never)) {
          received += chunk.byteLength;
          if (received === 100_000) outgoing.destroy();
        }
      } catch (error) {
        failure = error;
      }
    });
    const outgoing = send(200_000);
    outgoing.write(randomBytes(100_000));
    await expect.poll(() => failure, { timeout: 20_000 }).toBeInstanceOf(Error);
    expect(received).toBe(100_000);
  });

  it('ends with the reason of the signal while it waits, and before it begins', async () => {
    const reason = new Error('the server stops');
    const failures: unknown[] = [];
    const { send } = await listen(async (request) => {
      const stop = new AbortController();
      const body = readBody(request, stop.signal);
      await body.next();
      const waiting = body.next().catch((error: unknown) => failures.push(error));
      stop.abort(reason);
      await waiting;
      await readBody(request, AbortSignal.abort(reason))
        .next()
        .catch((error: unknown) => failures.push(error));
    });
    const outgoing = send(200);
    outgoing.write(randomBytes(100));
    outgoing.flushHeaders();
    await expect.poll(() => failures, { timeout: 20_000 }).toEqual([reason, reason]);
    outgoing.destroy();
  });

  it('keeps the connection when it is left in the middle', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const { send, connections } = await listen(async (request) => {
      for await (const chunk of readBody(request, never)) if (chunk.byteLength > 0) break;
    });
    for (let turn = 0; turn < 3; turn += 1) {
      const outgoing = send(3 * MIB, agent);
      outgoing.end(randomBytes(3 * MIB));
      expect(await answerOf(outgoing)).toBe(200);
    }
    expect(connections()).toBe(1);
  });
});
