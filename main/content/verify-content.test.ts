import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Digest } from '../../shared/oci/digest.ts';
import { digestOf } from './digest-of.ts';
import { readAll, verifyBytes, verifyContent, type ExpectedContent } from './verify-content.ts';

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size)
    yield await Promise.resolve(bytes.subarray(start, start + size));
}

function expectedOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): ExpectedContent {
  return { digest: digestOf(bytes, algorithm), size: bytes.byteLength };
}

/** Bytes that came through, and the code of what ended them. */
async function passThrough(
  source: AsyncIterable<Uint8Array>,
  expected: ExpectedContent,
): Promise<{ bytes: Buffer; code: string }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of verifyContent(source, expected)) chunks.push(chunk);
    return { bytes: Buffer.concat(chunks), code: 'ok' };
  } catch (error) {
    return { bytes: Buffer.concat(chunks), code: (error as { code: string }).code };
  }
}

const content = Buffer.from(Array.from({ length: 3_000 }, (_, index) => index % 251));

describe('verifyContent', () => {
  it.each(['sha256', 'sha512'] as const)(
    'passes content on that has its %s digest and size',
    async (algorithm) => {
      for (const chunkSize of [1, 7, 4096]) {
        const { bytes, code } = await passThrough(
          inChunks(content, chunkSize),
          expectedOf(content, algorithm),
        );
        expect(code).toBe('ok');
        expect(bytes.equals(content)).toBe(true);
      }
    },
  );

  it('passes empty content', async () => {
    expect((await passThrough(inChunks(Buffer.alloc(0), 1), expectedOf(Buffer.alloc(0)))).code).toBe('ok');
  });

  it('fails for a flipped bit at any place (bar, check 8)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(content.byteLength - 1),
        fc.nat(7),
        fc.integer({ min: 1, max: 4096 }),
        async (position, bit, chunkSize) => {
          const flipped = Buffer.from(content);
          flipped[position] = flipped[position]! ^ (1 << bit);
          expect((await passThrough(inChunks(flipped, chunkSize), expectedOf(content))).code).toBe(
            'DIGEST_MISMATCH',
          );
          expect(() => verifyBytes(flipped, expectedOf(content))).toThrow(/have the digest/);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('fails for content of any other length, and lets no byte beyond the size through (bar, check 8)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(2 * content.byteLength),
        fc.integer({ min: 1, max: 4096 }),
        async (length, chunkSize) => {
          fc.pre(length !== content.byteLength);
          const other = Buffer.concat([content, content]).subarray(0, length);
          const { bytes, code } = await passThrough(inChunks(other, chunkSize), expectedOf(content));
          expect(code).toBe('SIZE_MISMATCH');
          expect(bytes.byteLength).toBeLessThanOrEqual(content.byteLength);
          expect(() => verifyBytes(other, expectedOf(content))).toThrow(/bytes/);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('stops reading a source that has no end', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 1;
        yield await Promise.resolve(Buffer.alloc(1000));
      }
    }
    expect((await passThrough(endless(), expectedOf(content))).code).toBe('SIZE_MISMATCH');
    expect(given).toBe(4);
  });

  it('verifies nothing by an algorithm that it cannot compute', async () => {
    const digest = `blake3:${'0'.repeat(64)}` as Digest;
    expect((await passThrough(inChunks(content, 100), { digest, size: content.byteLength })).code).toBe(
      'UNSUPPORTED',
    );
    expect(() => verifyBytes(content, { digest, size: content.byteLength })).toThrow(/cannot be verified/);
  });

  it('closes its source when nobody wants more', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield await Promise.resolve(content);
      } finally {
        closed = true;
      }
    }
    const reading = verifyContent(source(), expectedOf(content));
    await reading.next();
    await reading.return();
    expect(closed).toBe(true);
  });
});

describe('readAll', () => {
  it('puts chunks together', async () => {
    expect(Buffer.from(await readAll(inChunks(content, 999), 3_000)).equals(content)).toBe(true);
    expect(await readAll(inChunks(Buffer.alloc(0), 1), 0)).toHaveLength(0);
  });

  it('fails above its limit, which it names', async () => {
    await expect(readAll(inChunks(content, 999), 2_999, 'The config')).rejects.toMatchObject({
      code: 'LIMIT',
      message: 'The config has more than 2999 bytes.',
      details: { limit: 2_999 },
    });
  });
});
