import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trimEndOf } from './trim-end-of.ts';

describe('trimming the end of a text', () => {
  it('takes away what is named, and nothing in front of it', () => {
    expect(trimEndOf('a.b...', '.')).toBe('a.b');
    expect(trimEndOf('a \0 \0', ' \0')).toBe('a');
    expect(trimEndOf('...', '.')).toBe('');
    expect(trimEndOf('a', '')).toBe('a');
  });

  it('does what the regular expression does', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab.]{0,12}$/), (text) => {
        expect(trimEndOf(text, '.b')).toBe(text.replace(/[.b]+$/, ''));
      }),
    );
  });
});
