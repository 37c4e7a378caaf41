import { describe, expect, it } from 'vitest';
import { createClient } from '../../shared/contract/client.ts';
import { contract, type ProcedureName } from '../../shared/contract/contract.ts';
import type { HostMessage } from '../../shared/contract/message.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { createBroadcaster } from './broadcaster.ts';
import { createDispatcher, IN_FLIGHT_LIMIT, type Connection, type DispatchedServices } from './dispatch.ts';
import type { Handlers } from './handlers.ts';
import { connectInProcess } from './in-process-transport.ts';
import type { LogLine } from './log.ts';

const NODE = {
  target: { source: 'local' },
  digest: `sha256:${'a'.repeat(64)}`,
  mediaType: 'a/b',
  size: 1,
  manifest: false,
};

interface Door {
  readonly services: DispatchedServices & { readonly log: (line: LogLine) => void };
  readonly log: LogLine[];
  readonly broadcaster: ReturnType<typeof createBroadcaster>;
}

/** Services of which only the named handlers exist; every other one fails the test that meets it. */
function services(handlers: Partial<Handlers>): Door {
  const log: LogLine[] = [];
  const broadcaster = createBroadcaster();
  const missing = (): Promise<never> => Promise.reject(new Error('This handler is not part of the test.'));
  const all = Object.fromEntries(Object.keys(contract).map((name) => [name, missing])) as unknown as Handlers;
  return {
    services: {
      handlers: { ...all, ...handlers },
      log: (line) => void log.push(line),
      onBroadcast: broadcaster.onBroadcast,
    },
    log,
    broadcaster,
  };
}

/** A connection with everything that it sent, and a wait for the end of one call. */
function connect(door: Door): {
  readonly connection: Connection;
  readonly sent: HostMessage[];
  end(id: number): Promise<HostMessage>;
} {
  const sent: HostMessage[] = [];
  const waiting = new Map<number, (message: HostMessage) => void>();
  const connection = createDispatcher(door.services).connect((message) => {
    sent.push(message);
    if (message.type === 'result' || message.type === 'error') waiting.get(message.id)?.(message);
  });
  return {
    connection,
    sent,
    end: (id) => {
      const there = sent.find(
        (message) => (message.type === 'result' || message.type === 'error') && message.id === id,
      );
      return there === undefined
        ? new Promise((resolve) => waiting.set(id, resolve))
        : Promise.resolve(there);
    },
  };
}

describe('dispatcher', () => {
  it('answers a call with its steps in order and then its result', async () => {
    const { connection, sent, end } = connect(
      services({
        'repositories.list': (_input, { step }) => {
          step({ repositories: ['a'] });
          step({ repositories: ['b', 'c'] });
          return Promise.resolve({ total: 3 });
        },
      }),
    );
    connection.receive({
      type: 'call',
      id: 7,
      name: 'repositories.list',
      input: { source: 'registry:localhost:5000' },
    });
    await end(7);
    expect(sent).toEqual([
      { type: 'step', id: 7, step: { repositories: ['a'] } },
      { type: 'step', id: 7, step: { repositories: ['b', 'c'] } },
      { type: 'result', id: 7, value: { total: 3 } },
    ]);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'nothing.here', ''])(
    'answers INVALID_INPUT to a procedure called “%s”',
    async (name) => {
      const { connection, end } = connect(services({}));
      connection.receive({ type: 'call', id: 1, name, input: {} });
      expect(await end(1)).toMatchObject({
        type: 'error',
        error: { code: 'INVALID_INPUT', message: expect.stringContaining('unknown procedure') },
      });
    },
  );

  it('refuses input that breaks the schema, names where, and repeats none of it', async () => {
    const { connection, end } = connect(services({}));
    connection.receive({
      type: 'call',
      id: 1,
      name: 'content.read',
      input: { ...NODE, size: 'canary-secret' },
    });
    const answer = await end(1);
    expect(answer).toMatchObject({
      type: 'error',
      error: { code: 'INVALID_INPUT', message: expect.stringContaining('size') },
    });
    expect(JSON.stringify(answer)).not.toContain('canary');
  });

  it('strips what the contract does not name from input and output', async () => {
    let seen: unknown;
    const { connection, end } = connect(
      services({
        'sources.remove': (input) => {
          seen = input;
          return Promise.resolve({ secret: 'canary' } as unknown as Record<string, never>);
        },
      }),
    );
    connection.receive({ type: 'call', id: 1, name: 'sources.remove', input: { source: 'x', more: 'y' } });
    expect(await end(1)).toEqual({ type: 'result', id: 1, value: {} });
    expect(seen).toEqual({ source: 'x' });
  });

  it.each([
    ['output', { 'repositories.list': () => Promise.resolve({ total: 'many' as unknown as number }) }],
    [
      'step',
      {
        'repositories.list': (_input: unknown, { step }: { step(step: unknown): void }) => {
          step({ repositories: 'canary-secret' });
          return Promise.resolve({ total: 0 });
        },
      },
    ],
  ])(
    'makes an INTERNAL error of a handler whose %s breaks the contract, and logs where',
    async (part, handlers) => {
      const door = services(handlers);
      const { connection, sent, end } = connect(door);
      connection.receive({ type: 'call', id: 1, name: 'repositories.list', input: { source: 'x' } });
      expect(await end(1)).toMatchObject({ type: 'error', error: { code: 'INTERNAL' } });
      expect(sent.filter(({ type }) => type === 'step')).toEqual([]);
      expect(door.log).toMatchObject([
        {
          level: 'error',
          message: expect.stringContaining(`The ${part} of repositories.list breaks the contract`),
        },
      ]);
    },
  );

  it('passes typed errors on whole and hides text and stack of every other fault', async () => {
    const typed = new TallymanError({
      code: 'TLS',
      message: 'The certificate is out of date.',
      hint: 'Ask its owner.',
      details: { days: 3 },
    });
    const door = services({
      'sources.probe': () => Promise.reject(typed),
      'sources.list': () => Promise.reject(new TypeError('canary-password in /home/somebody/secret.ts')),
    });
    const { connection, end } = connect(door);
    connection.receive({ type: 'call', id: 1, name: 'sources.probe', input: { source: 'x' } });
    connection.receive({ type: 'call', id: 2, name: 'sources.list', input: {} });
    expect(await end(1)).toEqual({
      type: 'error',
      id: 1,
      error: {
        code: 'TLS',
        message: 'The certificate is out of date.',
        hint: 'Ask its owner.',
        details: { days: 3 },
      },
    });
    const hidden = await end(2);
    expect(hidden).toMatchObject({
      type: 'error',
      error: { code: 'INTERNAL', message: 'sources.list failed unexpectedly (TypeError).' },
    });
    expect(JSON.stringify(hidden)).not.toMatch(/canary|somebody|dispatch\.test/);
    expect(door.log[0]).toMatchObject({
      level: 'error',
      message: expect.stringContaining('canary-password'),
      stack: expect.stringContaining('TypeError'),
    });
  });

  it('carries a cancel to the handler and sends nothing of that call any more', async () => {
    let aborted = false;
    let late: (() => void) | undefined;
    const { connection, sent } = connect(
      services({
        'repositories.list': (_input, { signal, step }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              step({ repositories: ['late'] });
              late = () => resolve({ total: 1 });
            });
          }),
      }),
    );
    connection.receive({ type: 'call', id: 1, name: 'repositories.list', input: { source: 'x' } });
    connection.receive({ type: 'cancel', id: 1 });
    expect(aborted).toBe(true);
    late?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([]);
  });

  it('refuses more calls at once than the limit, and takes new ones when earlier ones have ended', async () => {
    const ends: (() => void)[] = [];
    const { connection, end } = connect(
      services({ 'sources.list': () => new Promise((resolve) => ends.push(() => resolve({ sources: [] }))) }),
    );
    for (let id = 1; id <= IN_FLIGHT_LIMIT; id += 1)
      connection.receive({ type: 'call', id, name: 'sources.list', input: {} });
    // A cancel makes no room before the handler has really ended.
    connection.receive({ type: 'cancel', id: 1 });
    connection.receive({ type: 'call', id: 1000, name: 'sources.list', input: {} });
    expect(await end(1000)).toMatchObject({ error: { code: 'LIMIT', details: { limit: IN_FLIGHT_LIMIT } } });
    for (const finish of ends) finish();
    await end(2);
    connection.receive({ type: 'call', id: 1001, name: 'sources.list', input: {} });
    ends.at(-1)?.();
    expect(await end(1001)).toMatchObject({ type: 'result' });
  });

  it('refuses a number that is in use, and leaves the first call alone', async () => {
    let finish: (() => void) | undefined;
    const { connection, sent, end } = connect(
      services({ 'sources.list': () => new Promise((resolve) => (finish = () => resolve({ sources: [] }))) }),
    );
    connection.receive({ type: 'call', id: 1, name: 'sources.list', input: {} });
    connection.receive({ type: 'call', id: 1, name: 'sources.list', input: {} });
    expect(await end(1)).toMatchObject({ type: 'error', error: { code: 'INVALID_INPUT' } });
    finish?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.at(-1)).toMatchObject({ type: 'result', id: 1 });
  });

  it.each([
    undefined,
    null,
    1,
    'call',
    [[]],
    {},
    { type: 'call' },
    { type: 'call', id: 'x', name: 'sources.list' },
    { type: 'call', id: 1.5, name: 'a' },
    { type: 'step', id: 1 },
  ])('drops the message %j without an answer', async (message) => {
    const door = services({});
    const { connection, sent } = connect(door);
    connection.receive(message);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([]);
    expect(door.log).toHaveLength(1);
  });

  it('sends broadcasts to every open connection, and only what the contract allows', () => {
    const door = services({});
    const first = connect(door);
    const second = connect(door);
    first.connection.close();
    door.broadcaster.send('place.open', { text: 'alpine', secret: 'canary' } as { text: string });
    door.broadcaster.send('place.open', { text: 5 } as unknown as { text: string });
    expect(first.sent).toEqual([]);
    expect(second.sent).toEqual([{ type: 'broadcast', name: 'place.open', payload: { text: 'alpine' } }]);
    expect(door.log).toMatchObject([
      { message: expect.stringContaining('Broadcast place.open breaks the contract') },
    ]);
  });

  it('cancels every call when its connection closes', () => {
    const signals: AbortSignal[] = [];
    const { connection } = connect(
      services({
        'sources.list': (_input, { signal }) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
      }),
    );
    connection.receive({ type: 'call', id: 1, name: 'sources.list', input: {} });
    connection.receive({ type: 'call', id: 2, name: 'sources.list', input: {} });
    connection.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});

describe('in-process transport', () => {
  it('behaves like a remote one: later, in order, and without shared objects', async () => {
    const repositories = ['a'];
    const transport = connectInProcess(
      createDispatcher(
        services({
          'repositories.list': (_input, { step }) => {
            step({ repositories });
            repositories.push('b');
            step({ repositories });
            return Promise.resolve({ total: 2 });
          },
        }).services,
      ),
    );
    const steps: unknown[] = [];
    const call = createClient(transport).call(
      'repositories.list',
      { source: 'x' },
      { onStep: (step) => steps.push(step) },
    );
    expect(steps).toEqual([]);
    expect(await call).toEqual({ total: 2 });
    expect(steps).toEqual([{ repositories: ['a'] }, { repositories: ['a', 'b'] }]);
  });

  it('rejects calls in flight with UNREACHABLE when it closes', async () => {
    const transport = connectInProcess(
      createDispatcher(services({ 'sources.list': () => new Promise(() => undefined) }).services),
    );
    const call = createClient(transport).call('sources.list', {});
    transport.close();
    await expect(call).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('rejects with CANCELLED at once when its signal is aborted', async () => {
    const transport = connectInProcess(
      createDispatcher(services({ 'sources.list': () => new Promise(() => undefined) }).services),
    );
    const controller = new AbortController();
    const call = createClient(transport).call('sources.list', {}, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('contract', () => {
  it('names no procedure that an object has by itself', () => {
    const names = Object.keys(contract) as ProcedureName[];
    expect(names.filter((name) => name in {})).toEqual([]);
  });
});
