import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDigest } from './digest.ts';
import { cosignTag, parseCompanionTag, referrersTag } from './referrers-tag.ts';
import { isTag } from './tag.ts';

const HEX_64 = 'a'.repeat(64);

describe('referrersTag', () => {
  // The table of distribution-spec, Referrers Tag Schema, and the digest of `{}` by SHA-512.
  it.each([
    [`sha256:${'aaaaaaaa'.repeat(8)}`, `sha256-${'aaaaaaaa'.repeat(8)}`],
    [`sha512:${'ba'.repeat(64)}`, `sha512-${'ba'.repeat(32)}`],
    [
      'test+algorithm+using+algorithm+separators+and+lots+of+characters+to+excercise+overall+truncation:alsoSome=InTheEncodedSectionToShowHyphenReplacementAndLotsAndLotsOfCharactersToExcerciseEncodedTruncation',
      'test-algorithm-using-algorithm-s-alsoSome-InTheEncodedSectionToShowHyphenReplacementAndLotsAndLot',
    ],
    [
      `sha512:${createHash('sha512').update('{}').digest('hex')}`,
      'sha512-27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9',
    ],
  ])('of %s is cut and made of characters that tags can hold', (digest, tag) => {
    expect(referrersTag(parseDigest(digest))).toBe(tag);
  });

  it('is a tag for every digest', () => {
    const algorithm = fc.array(
      fc.string({ unit: fc.constantFrom(...Array.from('az09')), minLength: 1, maxLength: 12 }),
      { minLength: 1, maxLength: 6 },
    );
    const encoded = fc.string({
      unit: fc.constantFrom(...Array.from('azAZ09=_-')),
      minLength: 1,
      maxLength: 120,
    });
    fc.assert(
      fc.property(algorithm, fc.constantFrom('+', '.', '_', '-'), encoded, (parts, separator, value) => {
        fc.pre(!['sha256', 'sha512', 'blake3'].includes(parts.join(separator)));
        expect(isTag(referrersTag(parseDigest(`${parts.join(separator)}:${value}`)))).toBe(true);
      }),
    );
  });
});

describe('parseCompanionTag', () => {
  it.each(['sig', 'att', 'sbom'] as const)('reads the tag that cosign gives a .%s', (form) => {
    const tag = cosignTag(parseDigest(`sha256:${HEX_64}`), form);
    expect(tag).toBe(`sha256-${HEX_64}.${form}`);
    expect(parseCompanionTag(tag)).toEqual({ form, algorithm: 'sha256', encoded: HEX_64 });
  });

  it('reads fallback tags, of sha512 whole or cut', () => {
    expect(parseCompanionTag(`sha256-${HEX_64}`)).toEqual({
      form: 'fallback',
      algorithm: 'sha256',
      encoded: HEX_64,
    });
    expect(parseCompanionTag(`sha512-${HEX_64}`)).toEqual({
      form: 'fallback',
      algorithm: 'sha512',
      encoded: HEX_64,
    });
    expect(parseCompanionTag(`sha512-${HEX_64}${HEX_64}`)).toEqual({
      form: 'fallback',
      algorithm: 'sha512',
      encoded: HEX_64 + HEX_64,
    });
  });

  it.each([
    '',
    'latest',
    '1.0.0',
    'sha256',
    'sha256-',
    `sha256-${HEX_64}.`,
    `sha256-${HEX_64}.sig.sig`,
    `sha256-${HEX_64}.SIG`,
    `sha256-${HEX_64}.sig2`,
    `sha256-${HEX_64}a`,
    `sha256-${HEX_64.slice(1)}`,
    `sha256-${HEX_64.toUpperCase()}`,
    `SHA256-${HEX_64}`,
    `sha1-${'a'.repeat(40)}`,
    `x-sha256-${HEX_64}`,
    `-${HEX_64}`,
    `sha256-${HEX_64}-1`,
  ])('takes %s for an ordinary tag', (tag) => {
    expect(parseCompanionTag(tag)).toBeUndefined();
  });

  it('reads back every fallback tag of a digest that can be verified', () => {
    const hex = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789abcdef')),
      minLength: 128,
      maxLength: 128,
    });
    fc.assert(
      fc.property(hex, fc.boolean(), (value, isSha512) => {
        const digest = parseDigest(isSha512 ? `sha512:${value}` : `sha256:${value.slice(0, 64)}`);
        const companion = parseCompanionTag(referrersTag(digest));
        expect(digest.startsWith(`${companion?.algorithm ?? ''}:${companion?.encoded ?? ''}`)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
