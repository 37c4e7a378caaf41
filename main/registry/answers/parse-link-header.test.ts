import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextLink } from './parse-link-header.ts';

describe('Link header', () => {
  it.each([
    ['</v2/x/tags/list?last=b&n=2>; rel="next"', '/v2/x/tags/list?last=b&n=2'],
    [
      '<https://registry.example.com/v2/_catalog?n=1>; rel=next',
      'https://registry.example.com/v2/_catalog?n=1',
    ],
    ['</first>; rel="first", </next>; rel="next"', '/next'],
    ['</a>; rel="prev"; title="x, rel=next", </b>; rel="next"', '/b'],
    ['</a> ; REL = "previous NEXT"', '/a'],
    ['</a,b;c>; title="q\\"u, <o>"; rel=next', '/a,b;c'],
    ['/v2/_catalog?next_page=x; rel="next"', '/v2/_catalog?next_page=x'],
    ['<>; rel="next"', ''],
  ])('%s', (line, expected) => {
    expect(nextLink([line])).toBe(expected);
  });

  it.each([
    '', '</a>', '</a>; rel="prev"', '</a>; rel="nextish"', '</a>; rev="next"', '</a>; rel="prev"; rel="next"', '</a; rel="next"',
    'rel="next"', `<${'a'.repeat(20_000)}>; rel="next"`,
  ])('has no next page: %.40s', (line) => {
    expect(nextLink([line])).toBeUndefined();
  }); // prettier-ignore

  it('looks at every line', () => {
    expect(nextLink(['</a>; rel="prev"', '</b>; rel="next"'])).toBe('/b');
  });

  it('never throws, and is linear', () => {
    fc.assert(fc.property(fc.string(), (line) => ['string', 'undefined'].includes(typeof nextLink([line]))));
    const start = performance.now();
    for (const piece of ['<', '>', '<>', '<>;', ';', ',', '"', '\\', '<a>;b="c",', ' ']) {
      nextLink([piece.repeat(16 * 1024).slice(0, 16 * 1024)]);
    }
    expect(performance.now() - start).toBeLessThan(200);
  });
});
