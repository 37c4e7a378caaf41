import type { Dispatcher } from 'undici';
import { describe, expect, it, vi } from 'vitest';
import { collect } from '../../testing/open-registry.ts';
import { exchange, type ArrivingAnswer } from './exchange.ts';

const BUFFER = 10;

/** One exchange whose other side the test plays; the pool only takes it. */
function begin(method: 'GET' | 'HEAD' = 'GET'): {
  readonly answer: Promise<ArrivingAnswer>;
  readonly abort: AbortController;
  readonly controller: Record<'pause' | 'resume' | 'abort', ReturnType<typeof vi.fn>>;
  readonly onEnd: ReturnType<typeof vi.fn>;
  readonly connect: () => void;
  readonly start: (status?: number, headers?: Record<string, string>) => void;
  readonly data: (text: string) => void;
  readonly end: () => void;
  readonly fail: (message: string) => void;
} {
  let handler: Dispatcher.DispatchHandler = {};
  const pool = { dispatch: (_options: unknown, given: Dispatcher.DispatchHandler) => (handler = given) };
  const abort = new AbortController();
  const onEnd = vi.fn();
  const controller = { pause: vi.fn(), resume: vi.fn(), abort: vi.fn() };
  const given = controller as unknown as Dispatcher.DispatchController;
  const answer = exchange(pool as unknown as Dispatcher, {
    request: { method, path: '/' },
    signal: abort.signal,
    buffer: BUFFER,
    explain: (error) => new Error(`explained: ${error instanceof Error ? error.message : 'nothing'}`),
    onEnd,
  });
  return {
    answer,
    abort,
    controller,
    onEnd,
    connect: () => handler.onRequestStart?.(given, undefined),
    start: (status = 200, headers = {}) => handler.onResponseStart?.(given, status, headers),
    data: (text) => handler.onResponseData?.(given, Buffer.from(text)),
    end: () => handler.onResponseEnd?.(given, {}),
    fail: (message) => handler.onResponseError?.(given, new Error(message)),
  };
}

/** The same with its answer. */
async function answered(
  headers: Record<string, string> = {},
  method?: 'GET' | 'HEAD',
): Promise<ReturnType<typeof begin> & ArrivingAnswer> {
  const begun = begin(method);
  begun.connect();
  begun.start(100);
  begun.start(200, headers);
  return { ...begun, ...(await begun.answer) };
}

describe('an answer', () => {
  it('is the first one that is no announcement, and its body comes as it is sent', async () => {
    const { status, body, data, end, onEnd } = await answered();
    expect(status).toBe(200);
    data('early');
    const all = collect(body);
    await Promise.resolve();
    data(' late');
    end();
    expect(Buffer.from(await all).toString()).toBe('early late');
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('that nobody reads stops the socket, and reading lets it go on', async () => {
    const { body, data, controller } = await answered();
    data('123456789');
    expect(controller.pause).not.toHaveBeenCalled();
    data('0');
    expect(controller.pause).toHaveBeenCalledTimes(1);
    await body[Symbol.asyncIterator]().next();
    expect(controller.resume).toHaveBeenCalledTimes(1);
  });

  it('that breaks off gives what came, then the reason', async () => {
    const { body, data, fail, onEnd } = await answered();
    data('came');
    fail('reset');
    const chunks = body[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toEqual(Buffer.from('came'));
    await expect(chunks.next()).rejects.toThrow('explained: reset');
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('that breaks off while somebody waits tells him', async () => {
    const { body, fail } = await answered();
    const waiting = body[Symbol.asyncIterator]().next();
    fail('reset');
    await expect(waiting).rejects.toThrow('explained: reset');
  });

  it('whose reader leaves ends its connection', async () => {
    const { body, data, controller, onEnd } = await answered();
    data('one');
    for await (const chunk of body) {
      expect(chunk).toBeDefined();
      break;
    }
    expect(controller.abort).toHaveBeenCalledTimes(1);
    expect(onEnd).toHaveBeenCalledTimes(1);
  });
});

describe('an abort', () => {
  it('is told at once while there is no connection, which is then not used', async () => {
    const { answer, abort, connect, controller, onEnd } = begin();
    abort.abort();
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(onEnd).toHaveBeenCalledTimes(1);
    connect();
    expect(controller.abort).toHaveBeenCalledTimes(1);
  });

  it('in the middle of a body drops what came and ends the connection', async () => {
    const { body, data, abort, controller } = await answered();
    data('came');
    abort.abort();
    await expect(collect(body)).rejects.toThrow('explained: Cancelled.');
    expect(controller.abort).toHaveBeenCalledTimes(1);
  });

  it('after the end does nothing', async () => {
    const { body, data, end, abort, controller } = await answered();
    data('all');
    end();
    abort.abort();
    expect(Buffer.from(await collect(body)).toString()).toBe('all');
    expect(controller.abort).not.toHaveBeenCalled();
  });
});

describe('a body that is given up', () => {
  it('is read to its end while it is short, so that the connection can be used again', async () => {
    const { body, data, end, controller, onEnd } = await answered({ 'content-length': '8' });
    data('1234');
    body.discard(8);
    data('5678');
    end();
    expect(controller.abort).not.toHaveBeenCalled();
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it('goes on where the socket was stopped', async () => {
    const { body, data, controller } = await answered();
    data('1234567890');
    body.discard(20);
    expect(controller.resume).toHaveBeenCalled();
  });

  it('ends its connection when it is long, announced or not', async () => {
    const announced = await answered({ 'content-length': '9' });
    announced.body.discard(8);
    expect(announced.controller.abort).toHaveBeenCalledTimes(1);
    const silent = await answered();
    silent.body.discard(8);
    silent.data('12345678');
    expect(silent.controller.abort).not.toHaveBeenCalled();
    silent.data('9');
    expect(silent.controller.abort).toHaveBeenCalledTimes(1);
    expect(silent.onEnd).toHaveBeenCalledTimes(1);
  });

  it('is none after a HEAD, whatever length was announced', async () => {
    const { body, end, controller } = await answered({ 'content-length': '9' }, 'HEAD');
    body.discard(8);
    end();
    expect(controller.abort).not.toHaveBeenCalled();
  });
});
