import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../errors/tallyman-error.ts';
import { JSON_DEPTH_LIMIT, JSON_NODE_LIMIT, parseStrictJson } from './strict-json.ts';

const utf8 = new TextEncoder();

function parse(text: string): unknown {
  return parseStrictJson(utf8.encode(text));
}

function codeOf(bytes: Uint8Array): string {
  try {
    parseStrictJson(bytes);
    return 'parsed';
  } catch (error) {
    if (error instanceof TallymanError) return error.code;
    throw error;
  }
}

describe('parseStrictJson', () => {
  it('gives what JSON.parse gives for any document without a name twice', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (text, space) => {
        const spaced = JSON.stringify(JSON.parse(text), null, space);
        expect(parse(spaced)).toEqual(JSON.parse(spaced));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    'null',
    'true',
    ' "x" ',
    '1',
    '-0.5e+3',
    '[]',
    '{}',
    '[[],{}]',
    '"a\\\\"',
    '"\\\\\\""',
    '{"a":"}","b":"\\"{"}',
    '{"":0}',
  ])('reads %s', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['HTML', '<html><body>404</body></html>'],
    ['a cut document', '{"a":[1,2'],
    ['a text without end', '{"a":"b'],
    ['a text whose end is escaped', '"a\\"'],
    ['two documents', '{}{}'],
    ['a comma at the end', '[1,]'],
    ['single quotes', "{'a':1}"],
    ['a comment', '{}//x'],
    ['NaN', '[NaN]'],
    ['a leading zero', '[01]'],
    ['a version number', '{"imageLayoutVersion": 1.0.0}'],
    ['brackets of two kinds', '[}'],
    ['more closed than opened', ']]]]'],
    ['a name that is no text', '{1:2}'],
    ['a missing comma', '{"a":1 "b":2}'],
    ['a raw line break in a text', '"a\nb"'],
    ['an unknown escape', '{"\\x":1}'],
    ['a cut escape in a name', '{"\\u00":1}'],
  ])('refuses %s as no JSON', (_what, text) => {
    expect(codeOf(utf8.encode(text))).toBe('MALFORMED');
  });

  it('refuses a byte order mark, of UTF-8 and of others', () => {
    expect(codeOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toBe('MALFORMED');
    expect(codeOf(Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0))).toBe('MALFORMED');
    expect(() => parseStrictJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toThrow('byte order mark');
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a cut character', [0xe2, 0x82]],
  ])('refuses %s as invalid UTF-8', (_what, bytes) => {
    expect(() => parseStrictJson(Uint8Array.of(0x22, ...bytes, 0x22))).toThrow(
      expect.objectContaining({
        code: 'MALFORMED',
        message: 'The document is no JSON: it is not valid UTF-8.',
      }),
    );
  });

  it.each([
    ['{"a":1,"a":2}'],
    ['{"a":1,"a":1}'],
    ['[{"b":{"a":[],"x":0,"a":[]}}]'],
    ['{"a":1,"\\u0061":2}'],
    ['{"\\/":1,"/":2}'],
    ['{"":1,"":2}'],
    ['{"__proto__":1,"__proto__":2}'],
    ['{"a":{"a":1},"b":[{"a":2}],"a":3}'],
    [`{${Array.from({ length: 40 }, (_, index) => `"${index}":0`).join()},"7":1}`],
  ])('refuses the name twice in %s', (text) => {
    expect(codeOf(utf8.encode(text))).toBe('AMBIGUOUS');
  });

  it('finds a name twice wherever it is, and never where there is none', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '"', '\\', 'é', '{', ',', ':'), maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 2 })), { maxLength: 20 }), (members) => {
        const text = `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`;
        const isTwice = new Set(members.map(([key]) => key)).size < members.length;
        expect(codeOf(utf8.encode(text))).toBe(isTwice ? 'AMBIGUOUS' : 'parsed');
      }),
      { numRuns: 2_000 },
    );
  });

  it('lets equal names stand in different objects and in texts', () => {
    expect(parse('{"a":{"a":1},"b":{"a":"a"},"c":["a","a"]}')).toEqual({
      a: { a: 1 },
      b: { a: 'a' },
      c: ['a', 'a'],
    });
  });

  it('keeps a lone surrogate in a text and refuses it in a name, where it would make two names one', () => {
    expect(parse('["\\ud83d"]')).toEqual(['\ud83d']);
    expect(parse('{"\\ud83d\\ude00":1}')).toEqual({ '😀': 1 });
    expect(codeOf(utf8.encode('{"\\ud83d":1}'))).toBe('MALFORMED');
  });

  it('reads numbers that a double cannot hold as near as it can', () => {
    expect(parse('[12345678901234567890,1e400,1.0]')).toEqual([Number('12345678901234567890'), Infinity, 1]);
  });

  it('reads to the depth limit and not one deeper', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(codeOf(utf8.encode(nested(JSON_DEPTH_LIMIT)))).toBe('parsed');
    expect(codeOf(utf8.encode(nested(JSON_DEPTH_LIMIT + 1)))).toBe('LIMIT');
  });

  it('ends with the depth limit, not with a stack overflow, at 100,000 levels of any kind', () => {
    expect(codeOf(utf8.encode('['.repeat(100_000)))).toBe('LIMIT');
    expect(codeOf(utf8.encode('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)))).toBe('LIMIT');
  });

  it('reads as many values as the limit says and not one more', () => {
    const list = (length: number): Uint8Array => utf8.encode(`[${'0,'.repeat(length - 1)}0]`);
    expect(codeOf(list(JSON_NODE_LIMIT - 1))).toBe('parsed');
    expect(codeOf(list(JSON_NODE_LIMIT))).toBe('LIMIT');
  });

  it('changes no prototype', () => {
    const document = parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    ) as object;
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
    expect(Object.keys(document)).toEqual(['__proto__', 'constructor']);
  });

  it('takes time in proportion to hostile documents: quotes, backslashes, names', () => {
    const size = 1 << 20;
    const hostile = [
      '"' + '\\'.repeat(size),
      '"' + '\\"'.repeat(size / 2),
      '"'.repeat(size),
      '{' + '"a":'.repeat(size / 4),
      `{${Array.from({ length: size / 16 }, (_, index) => `"${index}":0`).join()}}`,
      ','.repeat(size),
      '1'.repeat(size),
    ];
    // A quadratic scan of any of these would take minutes; the bound is far above what a slow machine needs.
    const start = performance.now();
    for (const text of hostile) codeOf(utf8.encode(text));
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
