import {
  createServer,
  request as ask,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A request as it comes through. */
export interface PassingRequest {
  readonly method: string;
  /** Path and query, nothing decoded. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Counted from 1 over all requests. */
  readonly number: number;
}

/** What happens to one request on its way. */
export type Fault =
  /** The server never sees it. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /**
   * The answer breaks off after so many bytes of its body: by a reset, by an end that comes too early, or, after a silence of
   * `stall` milliseconds, by a reset.
   */
  | { readonly kind: 'cut'; readonly after: number; readonly how: 'reset' | 'end'; readonly stall?: number }
  /** The server gets all of it, the client gets no answer. */
  | { readonly kind: 'lose-answer' }
  /** The connection is reset after so many bytes of the request's body. */
  | { readonly kind: 'cut-request'; readonly after: number }
  /** Headers of the request and of the answer, status and bytes become others. `undefined` takes a header away. */
  | {
      readonly kind: 'change';
      readonly request?: Readonly<Record<string, string | undefined>>;
      readonly status?: number;
      readonly answer?: Readonly<Record<string, string | undefined>>;
      readonly bytes?: (chunk: Buffer, offset: number) => Buffer;
    };

/** An HTTP proxy in front of one registry that spoils what it is told to spoil, and counts. */
export interface FaultProxy {
  /** `127.0.0.1:PORT` to use in place of the registry's own. */
  readonly host: string;
  readonly requests: readonly PassingRequest[];
  /** Bytes of bodies of answers that went to clients. */
  readonly sentToClient: number;
  /** Bytes of bodies of requests that came from clients. */
  readonly receivedFromClient: number;
  /** Requests whose answer has not ended. */
  readonly underWay: number;
  /** Connections that are open, idle ones too. */
  readonly connections: number;
  /** Decides about each request from now on; undefined lets it pass. */
  spoil(choose: (request: PassingRequest) => Fault | undefined): void;
  /** Lets everything pass and forgets what was counted. */
  forget(): void;
  close(): Promise<void>;
}

/** Bytes written to a client before it is waited for. */
const SETTLE_MS = 25;

/** @param upstream - `HOST:PORT` of the registry, which speaks plain HTTP. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const requests: PassingRequest[] = [];
  const sockets = new Set<Socket>();
  const counts = { sentToClient: 0, receivedFromClient: 0, underWay: 0, number: 0 };
  let choose: (request: PassingRequest) => Fault | undefined = () => undefined;

  const server = createServer((incoming, outgoing) => {
    counts.number += 1;
    const { method = 'GET', url: target = '/', headers } = incoming;
    const passing: PassingRequest = { method, target, headers, number: counts.number };
    requests.push(passing);
    counts.underWay += 1;
    outgoing.once('close', () => (counts.underWay -= 1));
    incoming.on('error', () => undefined);
    outgoing.on('error', () => undefined);
    incoming.on('data', (chunk: Buffer) => (counts.receivedFromClient += chunk.byteLength));
    incoming.pause();
    const fault = choose(passing);
    if (fault?.kind === 'answer') refuse(incoming, outgoing, fault);
    else pass(incoming, outgoing, fault, upstream, counts);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get sentToClient() {
      return counts.sentToClient;
    },
    get receivedFromClient() {
      return counts.receivedFromClient;
    },
    get underWay() {
      return counts.underWay;
    },
    get connections() {
      return sockets.size;
    },
    spoil(next) {
      choose = next;
    },
    forget() {
      choose = () => undefined;
      requests.length = 0;
      counts.sentToClient = counts.receivedFromClient = counts.number = 0;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Counts {
  sentToClient: number;
}

function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { status, headers = {}, body = '' }: Extract<Fault, { readonly kind: 'answer' }>,
): void {
  // The rest of the request is read, so that the client sees the answer and no reset.
  incoming.resume();
  const answer = (): void =>
    void outgoing.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
  if (incoming.complete) answer();
  else incoming.once('end', answer);
}

function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Exclude<Fault, { readonly kind: 'answer' }> | undefined,
  upstream: string,
  counts: Counts,
): void {
  const [hostname, port] = [
    upstream.slice(0, upstream.lastIndexOf(':')),
    upstream.slice(upstream.lastIndexOf(':') + 1),
  ];
  const headers: IncomingHttpHeaders = { ...incoming.headers };
  // The Host header stays: what the registry names by its own address leads here again.
  if (fault?.kind === 'change') change(headers, fault.request);
  const onward = ask({
    hostname,
    port,
    method: incoming.method,
    path: incoming.url,
    headers,
    setHost: false,
    agent: false,
  });
  const reset = (): void => {
    onward.destroy();
    outgoing.socket?.resetAndDestroy();
  };
  onward.on('error', () => {
    if (!outgoing.destroyed) outgoing.socket?.resetAndDestroy();
  });
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) onward.destroy();
  });
  sendOn(incoming, onward, fault, reset);
  onward.on('response', (answer) => {
    answer.on('error', () => undefined);
    if (fault?.kind === 'lose-answer') {
      answer.resume();
      answer.once('end', reset);
      return;
    }
    const answerHeaders: IncomingHttpHeaders = { ...answer.headers };
    let status = answer.statusCode ?? 502;
    if (fault?.kind === 'change') {
      change(answerHeaders, fault.answer);
      status = fault.status ?? status;
    }
    outgoing.writeHead(status, answerHeaders);
    outgoing.flushHeaders();
    void sendBack(answer, outgoing, fault, counts).catch(() => outgoing.destroy());
  });
}

function sendOn(
  incoming: IncomingMessage,
  onward: ClientRequest,
  fault: Fault | undefined,
  reset: () => void,
): void {
  let passed = 0;
  incoming.on('data', (chunk: Buffer) => {
    passed += chunk.byteLength;
    if (fault?.kind === 'cut-request' && passed >= fault.after) {
      onward.write(chunk.subarray(0, chunk.byteLength - (passed - fault.after)));
      incoming.pause();
      // What was taken must be on its way before the line breaks, as a real one would have it.
      setTimeout(reset, SETTLE_MS);
      return;
    }
    if (!onward.write(chunk)) {
      incoming.pause();
      onward.once('drain', () => incoming.resume());
    }
  });
  incoming.on('end', () => onward.end());
  incoming.on('close', () => {
    if (!incoming.complete) onward.destroy();
  });
  incoming.resume();
}

async function sendBack(
  answer: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | undefined,
  counts: Counts,
): Promise<void> {
  let offset = 0;
  for await (const read of answer) {
    const whole =
      fault?.kind === 'change' && fault.bytes ? fault.bytes(read as Buffer, offset) : (read as Buffer);
    offset += (read as Buffer).byteLength;
    const rest = fault?.kind === 'cut' ? fault.after - (offset - whole.byteLength) : Infinity;
    const chunk = rest < whole.byteLength ? whole.subarray(0, Math.max(rest, 0)) : whole;
    counts.sentToClient += chunk.byteLength;
    await write(outgoing, chunk);
    if (fault?.kind !== 'cut' || offset < fault.after) continue;
    answer.destroy();
    // A reset takes away what the other side has not read yet: that would be counted as fetched twice.
    await pause(Math.max(fault.stall ?? 0, SETTLE_MS));
    if (fault.how === 'end') outgoing.socket?.destroySoon();
    else outgoing.socket?.resetAndDestroy();
    return;
  }
  outgoing.end();
}

function change(
  headers: IncomingHttpHeaders,
  changes: Readonly<Record<string, string | undefined>> = {},
): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) Reflect.deleteProperty(headers, name);
    else headers[name] = value;
  }
}

/** Resolves when the bytes left for the client, or it went away. */
function write(outgoing: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (outgoing.destroyed) {
      resolve();
      return;
    }
    const done = (): void => {
      outgoing.off('close', done);
      resolve();
    };
    outgoing.once('close', done);
    outgoing.write(bytes, done);
  });
}
