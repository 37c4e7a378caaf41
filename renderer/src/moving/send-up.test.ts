import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../../shared/contract/client.ts';
import type { GrantedFile } from '../../../shared/contract/files.ts';
import { DROP_PIECE_SIZE } from '../../../shared/contract/transfer-words.ts';
import { listDropped, sendUp } from './send-up.ts';
import type { DroppedEntry } from './send-up.ts';

afterEach(() => void vi.unstubAllGlobals());

const GRANTED: GrantedFile = { token: 'token', name: 'a', kind: 'file', location: 'a', size: 1 };

/** A host that takes pieces as the real one does, and breaks off where it is told to. */
function hostThat(breaksAt: readonly number[] = []): {
  readonly client: Client;
  readonly calls: string[];
  readonly posts: { readonly at: number; readonly bytes: number }[];
  readonly taken: () => number;
} {
  const breaks = new Set(breaksAt);
  const calls: string[] = [];
  const posts: { at: number; bytes: number }[] = [];
  let total = 0;
  let received = 0;
  vi.stubGlobal('fetch', (address: string, { body }: { body: Blob }) => {
    const at = Number(/^\/drop\/token\/(\d+)$/.exec(address)?.[1]);
    posts.push({ at, bytes: body.size });
    if (breaks.delete(at)) {
      received += Math.floor(body.size / 2); // what came is kept
      return Promise.reject(new TypeError('network'));
    }
    if (at !== received) return Promise.resolve({ ok: false, status: 409 });
    received += body.size;
    return Promise.resolve({ ok: true, status: 204 });
  });
  const client: Client = {
    call: ((name: string, input: { files?: readonly { size?: number }[] }) => {
      calls.push(name);
      if (name === 'files.drop') {
        total = (input.files ?? []).reduce((sum, { size = 0 }) => sum + size, 0);
        return Promise.resolve({ drop: 'drop', address: '/drop/token/' });
      }
      if (name === 'files.dropped')
        return Promise.resolve({ received, total, ...(received === total ? { files: [GRANTED] } : {}) });
      return Promise.resolve({});
    }) as unknown as Client['call'],
    on: () => () => undefined,
  };
  return { client, calls, posts, taken: () => received };
}

function fileOf(path: string, size: number): DroppedEntry {
  return { path, file: new File([new Uint8Array(size)], path) };
}

function options(): {
  signal: AbortSignal;
  onProgress: (received: number, total: number) => void;
  told: number[];
} {
  const told: number[] = [];
  return { signal: new AbortController().signal, told, onProgress: (received) => told.push(received) };
}

describe('sending files up to the host', () => {
  it('sends them one behind the other in pieces, over their borders, and answers what stands for them', async () => {
    const { client, posts } = hostThat();
    const how = options();
    const files = await sendUp(
      client,
      [fileOf('a', 10), fileOf('b', DROP_PIECE_SIZE), { path: 'empty' }],
      how,
    );
    expect(files).toEqual([GRANTED]);
    expect(posts).toEqual([
      { at: 0, bytes: DROP_PIECE_SIZE },
      { at: DROP_PIECE_SIZE, bytes: 10 },
    ]);
    expect(how.told).toEqual([DROP_PIECE_SIZE, DROP_PIECE_SIZE + 10]);
  });

  it('goes on where the host has it when a piece breaks off', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const { client, posts, taken } = hostThat([DROP_PIECE_SIZE]);
    const sending = sendUp(client, [fileOf('a', DROP_PIECE_SIZE + 100)], options());
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(posts.at(-1)).toEqual({ at: DROP_PIECE_SIZE + 50, bytes: 50 }));
    expect(await sending).toEqual([GRANTED]);
    expect(taken()).toBe(DROP_PIECE_SIZE + 100);
    vi.useRealTimers();
  });

  it('gives up with a word after some tries, and lets go of what was taken in', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const { client, calls } = hostThat();
    vi.stubGlobal('fetch', () => Promise.resolve({ ok: false, status: 507 }));
    const sending = sendUp(client, [fileOf('a', 10)], options());
    const outcome = expect(sending).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('disk is full') as string,
    });
    await vi.advanceTimersByTimeAsync(20_000);
    await outcome;
    expect(calls.at(-1)).toBe('files.forgetDrop');
    vi.useRealTimers();
  });

  it('stops when it is cancelled', async () => {
    const { client, posts, calls } = hostThat();
    await expect(
      sendUp(client, [fileOf('a', 10)], { signal: AbortSignal.abort(), onProgress: () => undefined }),
    ).rejects.toThrow();
    expect(posts).toEqual([]);
    expect(calls).toContain('files.forgetDrop');
  });
});

describe('what is in a drop', () => {
  it('are the files in its folders, in pages, and folders without any', async () => {
    const file = (name: string): FileSystemEntry =>
      ({
        isFile: true,
        name,
        file: (take: (file: File) => void) => take(new File([name], name)),
      }) as unknown as FileSystemEntry;
    const folder = (name: string, ...pages: FileSystemEntry[][]): FileSystemEntry =>
      ({
        isFile: false,
        name,
        createReader: () => {
          const left = [...pages];
          return { readEntries: (take: (entries: FileSystemEntry[]) => void) => take(left.shift() ?? []) };
        },
      }) as unknown as FileSystemEntry;
    const dropped = await listDropped([
      folder('docs', [file('a.md'), folder('deep', [file('b.md')])], [file('c.md')]),
      folder('empty'),
      file('x.txt'),
      new File(['y'], 'made by a page.txt'),
    ]);
    expect(dropped.map(({ path, file: each }) => `${path}${each === undefined ? '/' : ''}`)).toEqual([
      'docs/a.md',
      'docs/deep/b.md',
      'docs/c.md',
      'empty/',
      'x.txt',
      'made by a page.txt',
    ]);
  });
});
