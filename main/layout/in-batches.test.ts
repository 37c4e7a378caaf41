import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inBatches } from './in-batches.ts';

async function* chunksOf(lengths: readonly number[], failure?: Error): AsyncGenerator<Uint8Array> {
  for (const [index, length] of lengths.entries()) yield await Promise.resolve(Buffer.alloc(length, index));
  if (failure !== undefined) throw failure;
}

describe('inBatches', () => {
  it('passes the same chunks on, in batches that are large enough but never of too many', async () => {
    const lengths = fc.array(fc.oneof(fc.nat(3), fc.nat(2_000)), { maxLength: 700 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 1, max: 5_000 }), async (sizes, size) => {
        const batches: (readonly Uint8Array[])[] = [];
        for await (const batch of inBatches(chunksOf(sizes), size)) batches.push(batch);
        expect(batches.flat().map(({ byteLength }) => byteLength)).toEqual(sizes);
        expect(Buffer.concat(batches.flat()).equals(Buffer.concat(await all(chunksOf(sizes))))).toBe(true);
        for (const [index, batch] of batches.entries()) {
          const before = batch.slice(0, -1).reduce((sum, { byteLength }) => sum + byteLength, 0);
          expect(before).toBeLessThan(size); // no longer than needed
          expect(batch.length).toBeLessThanOrEqual(256);
          if (index === batches.length - 1) expect(batch.length).toBeGreaterThan(0);
          else expect(batch.length === 256 || before + batch.at(-1)!.byteLength >= size).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('passes on what came before the source failed, and then fails', async () => {
    const failure = new Error('the client went away');
    const batches = inBatches(chunksOf([4, 4, 4], failure), 8);
    expect((await batches.next()).value).toHaveLength(2);
    expect((await batches.next()).value).toHaveLength(1);
    await expect(batches.next()).rejects.toBe(failure);
    expect(await batches.next()).toEqual({ done: true, value: undefined });
  });

  it('ends the source when nobody wants more', async () => {
    let ended = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield await Promise.resolve(Buffer.alloc(10));
      } finally {
        ended = true;
      }
    }
    for await (const batch of inBatches(source(), 20)) {
      expect(batch).toHaveLength(2);
      break;
    }
    expect(ended).toBe(true);
  });
});

async function all(source: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return chunks;
}
