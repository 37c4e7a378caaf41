import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trimEndWhile } from './trim-end-while.ts';

describe('trimEndWhile', () => {
  it('takes away what the regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '/', '.', ' '), maxLength: 12 });
    fc.assert(
      fc.property(text, (value) => {
        expect(trimEndWhile(value, (character) => '/.'.includes(character))).toBe(
          value.replace(/[/.]+$/, ''),
        );
      }),
    );
  });
});
