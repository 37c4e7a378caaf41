import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DROP_PIECE_SIZE } from '../../../shared/contract/transfer-words.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { createDropSpool, type DropSpool } from './drop-spool.ts';
import { createFileGrants, type FileGrants } from './file-grants.ts';

let folder: string;
let grants: FileGrants;
let used: Set<string>;
let spool: DropSpool;
let clock = 0;

beforeEach(async () => {
  folder = path.join(await temporaryFolder(), 'drops');
  grants = createFileGrants();
  used = new Set();
  spool = createDropSpool({
    folder,
    grants,
    now: () => clock,
    isUsed: (drop) => [...used].some((file) => file.startsWith(drop)),
  });
});

// eslint-disable-next-line @typescript-eslint/require-await
async function* pieceOf(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

/** Sends everything in pieces of some size. */
async function send(address: string, bytes: Buffer, size: number): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength; offset += size) {
    const piece = bytes.subarray(offset, offset + size).toString('latin1');
    expect(await spool.receive(`${address}${offset}`, pieceOf(piece))).toBe(204);
  }
}

describe('the spool of dropped files', () => {
  it('takes files and folders apart again, wherever the pieces are cut, and names the top ones by tokens', async () => {
    const file = fc.record({
      path: fc.constantFrom('a.txt', 'docs/b.txt', 'docs/deep/c.txt', 'empty', 'd'),
      text: fc.string({ unit: 'binary-ascii', maxLength: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(file, { selector: (each) => each.path, minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        async (files, size) => {
          const { drop, address } = await spool.begin(
            files.map(({ path: place, text }) => ({ path: place, size: Buffer.byteLength(text) })),
          );
          await send(address, Buffer.from(files.map(({ text }) => text).join('')), size);
          const { files: granted = [] } = spool.state(drop);
          for (const { path: place, text } of files) {
            const [top = '', ...below] = place.split('/');
            const token = granted.find(({ name }) => name === top)!;
            expect(token.kind).toBe(below.length > 0 ? 'folder' : 'file');
            const found = path.join(grants.pathOf(token.token, 'read'), ...below);
            expect(await readFile(found, 'utf8')).toBe(text);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('makes empty folders, and folders as large as what is in them', async () => {
    const { drop, address } = await spool.begin([{ path: 'docs/empty' }, { path: 'docs/a', size: 3 }]);
    expect(spool.state(drop)).toEqual({ received: 0, total: 3 });
    await send(address, Buffer.from('abc'), 2);
    const [docs] = spool.state(drop).files!;
    expect(docs).toMatchObject({ name: 'docs', kind: 'folder', size: 3, location: 'docs' });
    expect((await readdir(grants.pathOf(docs!.token, 'read'))).sort()).toEqual(['a', 'empty']);
  });

  it('goes on behind what came of a piece that broke off', async () => {
    const { drop, address } = await spool.begin([{ path: 'a', size: 6 }]);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* pieceOf('abc');
      throw new Error('aborted');
    }
    await expect(spool.receive(`${address}0`, broken())).rejects.toThrow('aborted');
    expect(spool.state(drop).received).toBe(3);
    expect(await spool.receive(`${address}0`, pieceOf('abcdef'))).toBe(409);
    expect(await spool.receive(`${address}3`, pieceOf('def'))).toBe(204);
    const [file] = spool.state(drop).files!;
    expect(await readFile(grants.pathOf(file!.token, 'read'), 'utf8')).toBe('abcdef');
  });

  it('refuses more bytes than were announced, pieces that are too large, and addresses of others', async () => {
    const { address } = await spool.begin([{ path: 'a', size: 2 }]);
    expect(await spool.receive(`${address}0`, pieceOf('abc'))).toBe(413);
    const large = await spool.begin([{ path: 'a', size: DROP_PIECE_SIZE + 5 }]);
    const half = 'x'.repeat(DROP_PIECE_SIZE / 2 + 1);
    expect(await spool.receive(`${large.address}0`, pieceOf(half, half))).toBe(413);
    expect(await spool.receive('/drop/unknown/0', pieceOf('a'))).toBe(404);
    expect(await spool.receive(`${address}../../x`, pieceOf('a'))).toBe(404);
  });

  it.each([
    '../a',
    'a/../../b',
    '/etc/passwd',
    'a//b',
    '.',
    '',
    'a\\b',
    'a\0b',
    'a\nb',
    'x'.repeat(256),
    'd/'.repeat(70) + 'e',
  ])('refuses the path %j and writes nothing', async (place) => {
    await expect(spool.begin([{ path: place, size: 1 }])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await readdir(folder).catch(() => [])).toEqual([]);
  });

  it.each([[['a', 'a']], [['A.txt', 'a.txt']], [['a', 'a/b']], [['a/b', 'a']], [['é', 'e\u0301']]])(
    'refuses %j, of which one would take the place of the other',
    async (places) => {
      await expect(spool.begin(places.map((place) => ({ path: place, size: 1 })))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
    },
  );

  it('refuses what the disk has no room for', async () => {
    await expect(spool.begin([{ path: 'a', size: Number.MAX_SAFE_INTEGER }])).rejects.toMatchObject({
      code: 'LIMIT',
    });
  });

  it('removes what no job needs: when it is forgotten, when its job has ended, and when it is old', async () => {
    const [first, second, third] = await Promise.all(
      ['a', 'b', 'c'].map((name) => spool.begin([{ path: name, size: 0 }])),
    );
    const pathOf = (drop: string): string => grants.pathOf(spool.state(drop).files![0]!.token, 'read');
    const { token } = spool.state(first!.drop).files![0]!;
    used.add(pathOf(second!.drop));
    await spool.forget(first!.drop);
    await spool.forget(second!.drop);
    expect(await readdir(folder)).toHaveLength(2);
    expect(() => grants.pathOf(token, 'read')).toThrow();
    const ended = [...used];
    used.clear();
    await spool.letGo(ended);
    expect(await readdir(folder)).toEqual([third!.drop]);
    clock += 2 * 60 * 60 * 1000;
    const fresh = await spool.begin([{ path: 'd', size: 0 }]);
    expect(await readdir(folder)).toEqual([fresh.drop]);
    await spool.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps, of an earlier run, what a job still needs', async () => {
    for (const name of ['needed', 'leftover']) {
      await mkdir(path.join(folder, name), { recursive: true });
      await writeFile(path.join(folder, name, 'a'), 'a');
    }
    used.add(path.join(folder, 'needed', 'a'));
    await spool.sweep();
    expect(await readdir(folder)).toEqual(['needed']);
  });
});
