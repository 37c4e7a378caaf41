import { describe, expect, it, vi } from 'vitest';
import type { CallOptions, Client } from '../../../../../shared/contract/client.ts';
import { TallymanError } from '../../../../../shared/errors/tallyman-error.ts';
import { fakeDigest } from '../../../testing/fake-digest.ts';
import type { Row } from './row.ts';
import { createRowStore } from './row-store.ts';

const TARGET = { source: 'registry:localhost:5000', repository: 'team/app' };
const rowsOf = (...tags: string[]): Row[] => tags.map((tag) => ({ key: tag, tags: [tag], companion: false }));
const settle = (milliseconds = 30): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A client whose answers the test gives by hand. */
function scripted(): {
  readonly client: Client;
  readonly calls: {
    readonly name: string;
    readonly keys: string[];
    readonly options: CallOptions<'repository.resolve'>;
    readonly end: () => void;
    readonly fail: (error: unknown) => void;
  }[];
} {
  const calls: ReturnType<typeof scripted>['calls'] = [];
  const client: Client = {
    call: (name, input, options) =>
      new Promise((resolve, reject) => {
        const { tags, digests } = input as { readonly tags?: string[]; readonly digests?: string[] };
        options?.signal?.addEventListener('abort', () =>
          reject(new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' })),
        );
        calls.push({
          name,
          keys: tags ?? digests ?? [],
          options: (options ?? {}) as never,
          end: () => resolve({} as never),
          fail: reject,
        });
      }),
    on: () => () => undefined,
  };
  return { client, calls };
}

describe('the store of rows', () => {
  it('asks for the tags on screen first, then for the digests they turn out to name', async () => {
    const { client, calls } = scripted();
    const store = createRowStore(client, TARGET);
    store.wantVisible(rowsOf('1', '2'));
    await settle();
    expect(calls.map(({ name, keys }) => [name, keys])).toEqual([['repository.resolve', ['1', '2']]]);
    calls[0]!.options.onStep?.({ rows: [{ tag: '1', digest: fakeDigest('1') }] });
    await settle();
    expect(calls.slice(1).map(({ name, keys }) => [name, keys])).toEqual([
      ['repository.describe', [fakeDigest('1')]],
    ]);
    store.pause();
  });

  it('stops asking when nothing of a batch is on screen any more, and asks again when it comes back', async () => {
    const { client, calls } = scripted();
    const store = createRowStore(client, TARGET);
    store.wantVisible(rowsOf('1', '2'));
    await settle();
    store.wantVisible(rowsOf('900'));
    await settle(150);
    expect(calls[0]!.options.signal?.aborted).toBe(true);
    expect(calls[1]!.keys).toEqual(['900']);
    store.wantVisible(rowsOf('2'));
    await settle(150);
    expect(calls[2]!.keys).toEqual(['2']);
    store.pause();
  });

  it('goes on with a batch while one of its rows is still on screen', async () => {
    const { client, calls } = scripted();
    const store = createRowStore(client, TARGET);
    store.wantVisible(rowsOf('1', '2'));
    await settle();
    store.wantVisible(rowsOf('2', '3'));
    await settle(150);
    expect(calls[0]!.options.signal?.aborted).toBe(false);
    expect(calls[1]!.keys).toEqual(['3']);
    store.pause();
  });

  it('asks for nothing while rows only fly by', async () => {
    const { client, calls } = scripted();
    const store = createRowStore(client, TARGET);
    store.wantVisible(rowsOf('0'));
    await settle();
    for (let at = 1; at < 12; at++) {
      store.wantVisible(rowsOf(String(at)));
      await settle(5);
    }
    expect(calls).toHaveLength(1);
    await settle(150);
    expect(calls.at(-1)?.keys).toEqual(['11']);
    store.pause();
  });

  it('keeps the reason with each row of a batch that failed', async () => {
    const { client, calls } = scripted();
    const store = createRowStore(client, TARGET);
    store.wantVisible(rowsOf('1'));
    await settle();
    calls[0]!.fail(new TallymanError({ code: 'UNREACHABLE', message: 'No route.' }));
    await settle();
    expect(store.resolved('1')).toMatchObject({ tag: '1', error: { code: 'UNREACHABLE' } });
    expect(store.resolved('1')?.digest).toBeUndefined();
    await settle(120);
    expect(calls).toHaveLength(1);
    store.pause();
  });

  it('never asks for more than a hundred rows at once', async () => {
    const { client, calls } = scripted();
    const store = createRowStore(client, TARGET);
    store.wantAlways({ resolve: Array.from({ length: 250 }, (_, at) => String(at)), describe: [] });
    await settle();
    expect(calls.map(({ keys }) => keys.length)).toEqual([100, 100, 50]);
    store.pause();
  });

  it('shows what it knew until "Read again" has the new answer', async () => {
    const { client, calls } = scripted();
    const store = createRowStore(client, TARGET);
    store.wantVisible(rowsOf('1'));
    await settle();
    calls[0]!.options.onStep?.({ rows: [{ tag: '1', digest: fakeDigest('old') }] });
    calls[0]!.end();
    await settle();
    store.readAgain();
    await settle();
    expect(store.resolved('1')?.digest).toBe(fakeDigest('old'));
    const again = calls.findLast(({ name }) => name === 'repository.resolve');
    expect(again).not.toBe(calls[0]);
    again!.options.onStep?.({ rows: [{ tag: '1', digest: fakeDigest('new') }] });
    expect(store.resolved('1')?.digest).toBe(fakeDigest('new'));
    store.pause();
  });

  it('tells its listeners once for a burst of answers', async () => {
    const { client, calls } = scripted();
    const store = createRowStore(client, TARGET);
    const listener = vi.fn();
    store.subscribe(listener);
    store.wantVisible(rowsOf('1', '2', '3'));
    await settle();
    for (const tag of ['1', '2', '3'])
      calls[0]!.options.onStep?.({ rows: [{ tag, digest: fakeDigest(tag) }] });
    await settle(40);
    expect(listener).toHaveBeenCalledOnce();
    store.pause();
  });
});
