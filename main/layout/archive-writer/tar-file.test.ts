import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import type { ByteSource } from '../byte-source.ts';
import { fileSource } from '../byte-source.ts';
import { nodeFileSystem } from '../node-file-system.ts';
import { readTarEntries, type TarEntry } from '../tar-entries.ts';
import { tarEntryHeader } from './tar-entry-header.ts';
import { TarFile } from './tar-file.ts';

const { signal } = new AbortController();

async function entriesOf(source: ByteSource): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = [];
  for await (const entry of readTarEntries(source, signal)) entries.push(entry);
  return entries;
}

async function* chunksOf(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength || start === 0; start += size)
    yield await Promise.resolve(bytes.subarray(start, start + size));
}

/** Ends in an error after so many bytes. */
async function* cut(bytes: Uint8Array, after: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes.subarray(0, after));
  throw new Error('cut');
}

async function writeTar(write: (tar: TarFile) => Promise<void>): Promise<string> {
  const file = path.join(await temporaryFolder(), 'some.tar');
  const handle = await nodeFileSystem.open(file, 'create');
  const tar = new TarFile(handle);
  await write(tar);
  await tar.end();
  await handle.close();
  return file;
}

async function contentsOf(file: string): Promise<Readonly<Record<string, string>>> {
  const handle = await nodeFileSystem.open(file, 'read');
  const source = fileSource(handle, (await handle.info()).size);
  const contents: Record<string, string> = {};
  for (const { path: name, offset, size } of await entriesOf(source))
    contents[name] = Buffer.from(await source.readAt(offset, size)).toString('latin1');
  await handle.close();
  return contents;
}

const large = Buffer.alloc(700_001, 'large content ');
const other = Buffer.alloc(300_000, 'other ');

describe('a tar that is written', () => {
  it('is read by GNU tar, names of sha512 digests too', async () => {
    const long = `blobs/sha512/${'ab'.repeat(64)}`;
    const file = await writeTar(async (tar) => {
      await tar.add('oci-layout', 2, chunksOf(Buffer.from('{}')));
      await tar.add('empty', 0, chunksOf(new Uint8Array()));
      await tar.add(long, 5, chunksOf(Buffer.from('12345')));
      await tar.add('large', large.byteLength, chunksOf(large));
    });
    expect(execFileSync('tar', ['-tf', file]).toString().split('\n').filter(Boolean)).toEqual([
      'oci-layout',
      'empty',
      long,
      'large',
    ]);
    expect(execFileSync('tar', ['-xOf', file, 'large']).equals(large)).toBe(true);
    expect(execFileSync('tar', ['-xOf', file, long]).toString()).toBe('12345');
  });

  it('has the same bytes each time', async () => {
    const write = (): Promise<string> =>
      writeTar(async (tar) => {
        await tar.add('a', large.byteLength, chunksOf(large));
      });
    const [first, second] = [await readFile(await write()), await readFile(await write())];
    expect(first.equals(second)).toBe(true);
  });

  it('takes several files at the same time', async () => {
    const file = await writeTar(async (tar) => {
      await Promise.all([
        tar.add('large', large.byteLength, chunksOf(large, 7_000)),
        tar.add('other', other.byteLength, chunksOf(other, 90_000)),
        tar.add('small', 3, chunksOf(Buffer.from('abc'))),
      ]);
    });
    expect(await contentsOf(file)).toEqual({
      large: large.toString('latin1'),
      other: other.toString('latin1'),
      small: 'abc',
    });
  });

  it('has no trace of a file whose content failed, wherever it lay', async () => {
    const file = await writeTar(async (tar) => {
      const first = tar.add('large', large.byteLength, cut(large, 400_000));
      const second = tar.add('other', other.byteLength, chunksOf(other));
      await expect(first).rejects.toThrow('cut');
      const written = await second;
      const before = written.part().offset;
      await tar.add('later', other.byteLength, chunksOf(other));
      await expect(tar.add('last', large.byteLength, cut(large, 300_000))).rejects.toThrow('cut');
      await tar.end();
      expect(written.part().offset).toBeLessThan(before);
    });
    expect(await contentsOf(file)).toEqual({
      other: other.toString('latin1'),
      later: other.toString('latin1'),
    });
    expect((await readFile(file)).includes('large content')).toBe(false);
  });

  it('gives the place of a failed file to its next try', async () => {
    const file = await writeTar(async (tar) => {
      const failed = tar.add('large', large.byteLength, cut(large, 400_000));
      const beside = tar.add('other', other.byteLength, chunksOf(other));
      await expect(failed).rejects.toThrow('cut');
      const { offset } = (await beside).part();
      expect((await tar.add('large', large.byteLength, chunksOf(large))).part().offset).toBeLessThan(offset);
    });
    expect(Object.keys(await contentsOf(file)).sort()).toEqual(['large', 'other']);
  });

  it('refuses content of another size than announced', async () => {
    await writeTar(async (tar) => {
      for (const size of [large.byteLength - 1, large.byteLength + 1])
        await expect(tar.add('large', size, chunksOf(large))).rejects.toMatchObject({
          code: 'SIZE_MISMATCH',
        });
    });
  });

  it('says any size and any path in its headers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[a-z0-9/._-]{1,300}$/).filter((name) => !name.endsWith('/')),
        fc.oneof(
          fc.nat(100_000),
          fc.maxSafeNat().map((size) => Math.floor(size / 2)),
        ),
        async (name, size) => {
          const header = tarEntryHeader(name, size);
          // As if so much content followed: readers skip it.
          const source: ByteSource = {
            size: Number.MAX_SAFE_INTEGER,
            readAt: (position, length) => {
              const bytes = Buffer.alloc(length);
              if (position < header.byteLength)
                Buffer.from(header).copy(bytes, 0, position, position + length);
              return Promise.resolve(bytes);
            },
          };
          const [entry, ...more] = await entriesOf(source);
          expect(more).toEqual([]);
          expect(entry).toMatchObject({ path: name, size, type: 'file', offset: header.byteLength });
        },
      ),
    );
  });
});
