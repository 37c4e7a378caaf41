import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../errors/tallyman-error.ts';
import { isDigest, parseDigest } from './digest.ts';
import { formatReference, parseReference, type Reference } from './reference.ts';
import { parseCompanionTag, referrersTag } from './referrers-tag.ts';
import { isRepositoryName } from './repository-name.ts';
import { isTag } from './tag.ts';

/**
 * How many random texts are tried (reliability bar, check 10: 200,000). The short form runs every time; for the long one:
 * `TALLYMAN_FUZZ_CASES=200000 npx vitest run --project node shared/oci/grammar-fuzz.test.ts`.
 */
const CASES = Number(process.env['TALLYMAN_FUZZ_CASES'] ?? '20000');

const HEX = '5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270';

/** Valid and nearly valid texts: what the mutations start from. */
const SEEDS = [
  'alpine',
  'alpine:3.19',
  'user/app',
  'localhost:5000',
  'localhost:5000/team/app:1.2',
  'ghcr.io',
  'ghcr.io/org/app:latest',
  `ghcr.io/org/app@sha256:${HEX}`,
  `a/b:c@sha512:${HEX}${HEX}`,
  'a/b@multihash+base58:QmRZxt2b1FVZ',
  '[::1]:5000/a',
  '[2001:db8::1]/a/b',
  '192.168.1.1:5000/a',
  'https://localhost:5000/a',
  'docker://alpine',
  'oci://ghcr.io/org/chart:1',
  'docker.io/library/foo',
  `sha256:${HEX}`,
  `sha256-${HEX}.sig`,
  'a__b/c--d.e',
  'xn--n3h.com/x',
  'ghcr。io/a',
  'GHCR.IO/A',
];

/** Pieces that break parsers, path builders, terminals and URL builders. */
const DICTIONARY = [
  '',
  '/',
  '//',
  '/../',
  '..',
  '.',
  '-',
  '_',
  '__',
  '___',
  ':',
  '::',
  '@',
  '@@',
  '%2f',
  '%2e%2e',
  '%',
  '?',
  '#',
  '&',
  '=',
  '+',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '\u001b[31m',
  '\u202e',
  '\u200b',
  '\ufeff',
  '。',
  '．',
  '／',
  '：',
  '＠',
  'é',
  'ﬀ',
  'K',
  'ſ',
  '\ud800',
  '😀',
  '[',
  ']',
  '[::1]',
  '0x7f.1',
  '127.1',
  ':0',
  ':65536',
  ':99999999999',
  'sha256:',
  '@sha256:',
  `@sha256:${HEX}`,
  'SHA256:',
  'https://',
  'http://',
  'file://',
  'javascript:',
  'docker.io',
  'localhost',
  '~',
  '\\',
  '"',
  "'",
  '`',
  '$(x)',
  '{}',
  '<b>',
  '__proto__',
  'constructor',
  'a'.repeat(300),
  '-'.repeat(300),
  'a/'.repeat(200),
  '.-'.repeat(200),
];

const text = fc.oneof(
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
  {
    weight: 3,
    arbitrary: fc.string({ unit: fc.constantFrom(...Array.from('ab09.:/-_@+[]%AZ ')), maxLength: 40 }),
  },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.constantFrom(...SEEDS, ...DICTIONARY), { maxLength: 6 })
      .map((pieces) => pieces.join('')),
  },
);

/** Every seed with every piece put in at its start, its end and after each character that separates something. */
function mutations(): readonly string[] {
  return SEEDS.flatMap((seed) => {
    const positions = [
      0,
      seed.length,
      ...Array.from(seed).flatMap((character, index) =>
        /[/:@.\]-]/.test(character) ? [index, index + 1] : [],
      ),
    ];
    return positions.flatMap((position) =>
      DICTIONARY.map((piece) => seed.slice(0, position) + piece + seed.slice(position)),
    );
  });
}

/** All that must hold of any text whatsoever. */
function check(candidate: string): void {
  const reference = readOrRefuse(candidate);
  if (reference !== undefined) {
    expect(parseReference(formatReference(reference))).toEqual(reference);
    expectHarmlessUrl(reference);
  }
  if (isDigest(candidate)) {
    expect(parseDigest(candidate)).toBe(candidate);
    expect(isTag(referrersTag(candidate))).toBe(true);
  } else {
    expect(() => parseDigest(candidate)).toThrow(TallymanError);
  }
  const companion = parseCompanionTag(candidate);
  if (companion !== undefined)
    expect(
      isDigest(
        `${companion.algorithm}:${companion.encoded.padEnd(companion.algorithm === 'sha512' ? 128 : 64, '0')}`,
      ),
    ).toBe(true);
}

function readOrRefuse(candidate: string): Reference | undefined {
  try {
    return parseReference(candidate);
  } catch (error) {
    expect(error).toMatchObject({ name: 'TallymanError', code: 'INVALID_REFERENCE' });
    // What is refused is shown: no control character may get through, nor a text without end.
    const { message, hint } = error as TallymanError;
    expect(`${message}${hint ?? ''}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    expect(message.length).toBeLessThan(2_500);
    return undefined;
  }
}

/** The address made from a reference is the address meant: no part of it is decoded, normalised or moved into another part. */
function expectHarmlessUrl({ registry, repository = 'x', tag, digest }: Reference): void {
  const path = `/v2/${repository}/manifests/${digest ?? tag ?? 'latest'}`;
  const url = new URL(`https://${registry}${path}`);
  expect(url.host).toBe(registry.replace(/:443$/, ''));
  expect([url.pathname, url.search, url.hash, url.username, url.password]).toEqual([path, '', '', '', '']);
  expect(isRepositoryName(repository)).toBe(true);
  if (tag !== undefined) expect(isTag(tag)).toBe(true);
}

describe('references, digests and tags out of anything', () => {
  it(`keep their promises for ${CASES} random texts`, { timeout: 600_000 }, () => {
    fc.assert(fc.property(text, check), { numRuns: CASES });
  });

  it('keep their promises for valid texts broken by a dictionary', () => {
    const corpus = mutations();
    expect(corpus.length).toBeGreaterThan(10_000);
    corpus.forEach(check);
  });
});
