import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeAllOf } from './durable-write.ts';
import type { OpenFile } from './file-system.ts';
import { nodeFileSystem } from './node-file-system.ts';

/** A file in memory that takes so many bytes at each call, as a disk that is nearly full. */
function memoryFile(takes: readonly number[]): { readonly file: OpenFile; readonly content: () => Buffer } {
  let content = Buffer.alloc(0);
  let calls = 0;
  const take = (bytes: Uint8Array, position: number): Promise<number> => {
    const count = Math.min(bytes.byteLength, takes[calls++ % takes.length]!);
    content = Buffer.concat([content.subarray(0, position), bytes.subarray(0, count)]);
    return Promise.resolve(count);
  };
  const unused = (): never => {
    throw new Error('nobody asks for it');
  };
  return {
    content: () => content,
    file: {
      read: unused,
      write: (buffer, offset, length, position) => take(buffer.subarray(offset, offset + length), position),
      writeMany: (buffers, position) => take(Buffer.concat(buffers), position),
      sync: unused,
      truncate: unused,
      info: unused,
      close: unused,
    },
  };
}

describe('writeAllOf', () => {
  const someBuffers = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });

  it('writes everything in its order, however little each call takes', async () => {
    const takes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(someBuffers, takes, fc.boolean(), async (buffers, taken, oneByOne) => {
        const { file, content } = memoryFile(taken);
        const { writeMany, ...single } = file;
        await writeAllOf(oneByOne ? single : file, [Buffer.from('head')], 0);
        await writeAllOf(oneByOne ? single : file, buffers, 4);
        expect(writeMany).toBeDefined();
        expect(content().equals(Buffer.concat([Buffer.from('head'), ...buffers]))).toBe(true);
      }),
    );
  });

  it('fails on a disk that takes nothing any more', async () => {
    const { file } = memoryFile([3, 0]);
    await expect(writeAllOf(file, [Buffer.from('ab'), Buffer.from('cd')], 0)).rejects.toMatchObject({
      code: 'ENOSPC',
    });
  });

  it('writes to the real disk what is in memory', async () => {
    const place = path.join(await temporaryFolder(), 'file');
    const buffers = Array.from({ length: 300 }, (_, index) => Buffer.alloc(index * 10, index));
    const file = await nodeFileSystem.open(place, 'create');
    await writeAllOf(file, buffers, 0);
    await writeAllOf(file, [], 1);
    await file.close();
    expect((await readFile(place)).equals(Buffer.concat(buffers))).toBe(true);
  });
});
