import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { TallymanError, isCancellation } from '../../shared/errors/tallyman-error.ts';
import { answerRequest } from './http/answer-request.ts';
import type { Answer } from './http/answer.ts';
import { failureAnswer } from './http/describe-failure.ts';
import { createExchange } from './http/exchange.ts';
import { passGate } from './http/request-gate.ts';
import { sendAnswer } from './http/send-answer.ts';
import { Warnings } from './http/warnings.ts';
import {
  CONNECTION_LIMIT,
  HEADER_TIME_LIMIT,
  IDLE_TIME_LIMIT,
  KEEP_ALIVE_TIME,
  SOCKET_BUFFER_SIZE,
  STOP_TIME_LIMIT,
} from './limits.ts';
import type { ServedRegistry } from './served-registry.ts';

export interface RegistryServerOptions {
  readonly registry: ServedRegistry;
  /** 0: any free one. */
  readonly port: number;
  /** Nothing else is ever listened on. */
  readonly host?: '127.0.0.1' | '::1';
  /** What clients must know; see `passGate`. */
  readonly token?: string;
  /** Faults of this side: what a client cannot be told the reason of. */
  readonly onFault?: (error: unknown) => void;
}

/** A registry that answers on this machine. */
export interface RegistryServer {
  readonly port: number;
  /** `127.0.0.1:5000` or `[::1]:5000`. */
  readonly address: string;
  /**
   * Stops. Answers under way get a few seconds, uploads are kept to be resumed, and the store is closed.
   */
  close(): Promise<void>;
}

/**
 * Serves a registry over the OCI distribution API on loopback.
 * @throws TallymanError CONFLICT when the port is taken, UNREADABLE when it may not be listened on.
 */
export async function startRegistryServer(options: RegistryServerOptions): Promise<RegistryServer> {
  const { registry, host = '127.0.0.1' } = options;
  const running = new Set<Promise<void>>();
  let stopping = false;
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_TIME,
      headersTimeout: HEADER_TIME_LIMIT,
      // A blob of any size may come as slowly as it likes, as long as something comes.
      requestTimeout: 0,
      noDelay: true,
      highWaterMark: SOCKET_BUFFER_SIZE,
    },
    (request, response) => {
      if (stopping) response.setHeader('Connection', 'close');
      const exchange = serveRequest(request, response, options).finally(() => running.delete(exchange));
      running.add(exchange);
    },
  );
  server.maxConnections = CONNECTION_LIMIT;
  server.setTimeout(IDLE_TIME_LIMIT);
  await listen(server, options.port, host);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: host === '::1' ? `[::1]:${port}` : `127.0.0.1:${port}`,
    async close() {
      stopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const deadline = new AbortController();
      await registry.suspendUploads();
      await Promise.race([
        Promise.all(running),
        setTimeout(STOP_TIME_LIMIT, undefined, { signal: deadline.signal }).catch(() => undefined),
      ]);
      deadline.abort();
      server.closeAllConnections();
      await closed;
      await registry.close();
    },
  };
}

async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { registry, token, onFault = () => undefined }: RegistryServerOptions,
): Promise<void> {
  const client = new AbortController();
  // Aborting makes an error object, which costs as much as a small answer: only where somebody went away.
  response.once('close', () => {
    if (!response.writableFinished) client.abort();
  });
  const warnings = new Warnings();
  const isHead = request.method === 'HEAD';
  const writing = request.method !== 'GET' && !isHead;
  try {
    const answer = await answerOf(request, { token, writing, onFault }, () =>
      answerRequest(
        createExchange(request, { registry, signal: client.signal, note: (text) => warnings.add(text) }),
      ),
    );
    if (response.destroyed) return;
    await sendAnswer(response, answer, { isHead, warnings: warnings.values });
  } catch (error) {
    if (!response.writableFinished) response.destroy();
    if (!client.signal.aborted && !isCancellation(error)) onFault(error);
  }
}

async function answerOf(
  request: IncomingMessage,
  {
    token,
    writing,
    onFault,
  }: {
    readonly token: string | undefined;
    readonly writing: boolean;
    readonly onFault: (error: unknown) => void;
  },
  answer: () => Promise<Answer>,
): Promise<Answer> {
  try {
    passGate(request, token);
    return await answer();
  } catch (error) {
    const failure = failureAnswer(error, writing);
    if (failure.status >= 500 && !isCancellation(error) && !request.destroyed) onFault(error);
    return failure;
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        new TallymanError(
          {
            code: taken ? 'CONFLICT' : 'UNREADABLE',
            message: taken
              ? `Port ${port} of ${host} is taken by another program.`
              : `Nothing can be served on port ${port} of ${host}: ${error.message}.`,
            hint: 'Choose another port, or none for any free one.',
          },
          { cause: error },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
