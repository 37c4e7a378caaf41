import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Length, decodeBase64 } from './base64.ts';
import type { Descriptor } from './descriptor.ts';
import { parseDigest } from './digest.ts';
import { EMPTY_DESCRIPTOR } from './empty-descriptor.ts';
import { decodeInlineData, INLINE_DATA_LIMIT } from './inline-data.ts';

function withData(data: string, size: number): Descriptor {
  return { ...EMPTY_DESCRIPTOR, data, size };
}

describe('decodeBase64', () => {
  it('gives back what Node encodes, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(base64Length(text)).toBe(bytes.length);
        expect(decodeBase64(text)).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it('takes one spelling only: whatever it takes encodes to the same text again', () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('AB9+/=-_ \n')), maxLength: 12 });
    fc.assert(
      fc.property(text, (candidate) => {
        const bytes = decodeBase64(candidate);
        if (bytes !== undefined) expect(Buffer.from(bytes).toString('base64')).toBe(candidate);
        else expect(base64Length(candidate)).toBeUndefined();
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    'e30',
    'e30==',
    'e3',
    '=',
    '====',
    'e30=e30=',
    'e3-_',
    'e30=\n',
    ' e30=',
    'e31=',
    'é30=',
    'aHR0cHM6Ly9naXRodWIuY29tL29wZW5jb250YWluZXJzCg',
  ])('refuses %j', (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });
});

describe('decodeInlineData', () => {
  it('decodes the empty descriptor to the bytes of its digest', () => {
    const bytes = decodeInlineData(EMPTY_DESCRIPTOR);
    expect(new TextDecoder().decode(bytes)).toBe('{}');
    expect(`sha256:${createHash('sha256').update(bytes!).digest('hex')}`).toBe(EMPTY_DESCRIPTOR.digest);
  });

  it('decodes content of no bytes, which is not absent content', () => {
    expect(decodeInlineData(withData('', 0))).toEqual(new Uint8Array());
    expect(
      decodeInlineData({ mediaType: 'a/b', digest: parseDigest(`sha256:${'0'.repeat(64)}`), size: 0 }),
    ).toBeUndefined();
  });

  it.each([
    ['shorter than the size', withData('e30=', 3)],
    ['longer than the size', withData('e30=', 1)],
    ['unpadded', withData('e30', 2)],
    ['above the limit', withData('A'.repeat(((INLINE_DATA_LIMIT + 2) / 3) * 4), INLINE_DATA_LIMIT + 1)],
    ['of an absurd size', withData('e30=', Number.MAX_SAFE_INTEGER)],
  ])('has no content when the data is %s', (_what, descriptor) => {
    expect(decodeInlineData(descriptor)).toBeUndefined();
  });

  it('decodes content at the limit', () => {
    const bytes = Buffer.alloc(INLINE_DATA_LIMIT, 7);
    expect(decodeInlineData(withData(bytes.toString('base64'), bytes.length))?.length).toBe(
      INLINE_DATA_LIMIT,
    );
  });
});
