import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRepositoryName } from './repository-name.ts';

describe('isRepositoryName', () => {
  it.each([
    'a',
    'a__b',
    'a--b',
    'a---b',
    'a.b/c_d/e--f',
    '0',
    'a/b/c',
    'a'.repeat(255),
    'xn--7o8h.com/myimage',
  ])('takes %s', (name) => {
    expect(isRepositoryName(name)).toBe(true);
  });

  it.each([
    '',
    'a___b',
    'a._b',
    'a_.b',
    'a..b',
    'a-.b',
    'a.-b',
    'a_-b',
    'a_',
    'a.',
    'a-',
    '-a',
    '.a',
    '_a',
    'A/b',
    'a/B',
    'a//b',
    '/a',
    'a/',
    'a/_b',
    'a/..',
    '../a',
    'é',
    'a b',
    'a:b',
    'a@b',
    'a\n',
    'a\0b',
    'a'.repeat(256),
  ])('refuses %j', (name) => {
    expect(isRepositoryName(name)).toBe(false);
  });

  it('is exactly what the grammar of distribution-spec says', () => {
    const grammar = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
    const text = fc.string({ unit: fc.constantFrom(...Array.from('ab0._-/A\n')), maxLength: 12 });
    fc.assert(
      fc.property(text, (name) => {
        expect(isRepositoryName(name)).toBe(grammar.test(name));
      }),
      { numRuns: 20_000 },
    );
  });
});
