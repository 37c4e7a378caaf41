import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTag } from './tag.ts';

describe('isTag', () => {
  it.each(['a', '_x', '0', 'V1.0', '1.0.0_build.7', 'sha256-abc.sig', 'a'.repeat(128)])('takes %s', (tag) => {
    expect(isTag(tag)).toBe(true);
  });

  it.each([
    '',
    '.x',
    '-x',
    'v1.0+meta',
    'a/b',
    'a:b',
    'a@b',
    'a b',
    'ünï',
    'a\n',
    '\na',
    'a\0',
    'a'.repeat(129),
  ])('refuses %j', (tag) => {
    expect(isTag(tag)).toBe(false);
  });

  it('is exactly what the grammar of distribution-spec says', () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('aZ0_.-+/ é\n')), maxLength: 8 });
    fc.assert(
      fc.property(text, (tag) => {
        expect(isTag(tag)).toBe(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(tag));
      }),
      { numRuns: 5_000 },
    );
  });
});
