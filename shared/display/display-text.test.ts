import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DISPLAY_TEXT_LIMIT, displayText, hasHiddenCharacter, quoteText } from './display-text.ts';

/** What reliability bar G1 lists, as first and last code point, and what else a renderer may leave invisible. */
const HIDDEN_RANGES: readonly (readonly [what: string, first: number, last: number])[] = [
  ['C0 controls', 0x00, 0x1f],
  ['DEL and C1 controls', 0x7f, 0x9f],
  ['the soft hyphen', 0xad, 0xad],
  ['the combining grapheme joiner', 0x34f, 0x34f],
  ['the Arabic letter mark', 0x61c, 0x61c],
  ['Hangul fillers', 0x115f, 0x1160],
  ['the Mongolian vowel separator', 0x180e, 0x180e],
  ['zero-width spaces and joiners, direction marks', 0x200b, 0x200f],
  ['line and paragraph separators, directional embeddings and overrides', 0x2028, 0x202e],
  ['invisible operators', 0x2060, 0x2064],
  ['directional isolates and old format characters', 0x2066, 0x206f],
  ['the blank Braille cell', 0x2800, 0x2800],
  ['the Hangul filler', 0x3164, 0x3164],
  ['private use', 0xe000, 0xe00f],
  ['variation selectors', 0xfe00, 0xfe0f],
  ['the byte order mark', 0xfeff, 0xfeff],
  ['the halfwidth Hangul filler', 0xffa0, 0xffa0],
  ['interlinear annotations', 0xfff9, 0xfffb],
  ['noncharacters', 0xfffe, 0xffff],
  ['tags', 0xe0000, 0xe007f],
  ['variation selectors of the supplement', 0xe0100, 0xe01ef],
  ['lone high surrogates', 0xd800, 0xdbff],
  ['lone low surrogates', 0xdc00, 0xdfff],
  ['unassigned code points', 0x378, 0x379],
  ['the last plane', 0x10fffe, 0x10ffff],
];

describe('displayText', () => {
  it.each(HIDDEN_RANGES)('makes %s visible', (_what, first, last) => {
    for (let code = first; code <= last; code++) {
      const name = code.toString(16).toUpperCase().padStart(4, '0');
      expect(displayText(`a${String.fromCodePoint(code)}b`)).toBe(`a⟨U+${name}⟩b`);
    }
  });

  // Check 28: what terminals, logs and reviewers fall for.
  it.each([
    ['\u001b[31mred\u001b[0m', '⟨U+001B⟩[31mred⟨U+001B⟩[0m'],
    [
      '\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007',
      '⟨U+001B⟩]8;;https://evil.example⟨U+0007⟩link⟨U+001B⟩]8;;⟨U+0007⟩',
    ],
    ['\u009b2J', '⟨U+009B⟩2J'],
    ['ok\r\nINFO forged line', 'ok⟨U+000D⟩⟨U+000A⟩INFO forged line'],
    ['\u001b[201~rm -rf /\n', '⟨U+001B⟩[201~rm -rf /⟨U+000A⟩'],
    ['invoice\u202Egpj.exe', 'invoice⟨U+202E⟩gpj.exe'],
    ['\u2066if (admin)\u2069', '⟨U+2066⟩if (admin)⟨U+2069⟩'],
    ['lat\u200best', 'lat⟨U+200B⟩est'],
    ['name\u{E0061}\u{E007F}', 'name⟨U+E0061⟩⟨U+E007F⟩'],
    ['\ud83d', '⟨U+D83D⟩'],
    ['a\bb', 'a⟨U+0008⟩b'],
  ])('shows %j as %s', (text, shown) => {
    expect(displayText(text)).toBe(shown);
  });

  it.each([
    '',
    'plain text',
    'größe',
    'Ελληνικά',
    '中文字',
    'עברית',
    'नमस्ते',
    'a\u0301',
    '😀',
    '☃ ❤\uFE0F',
    '<script>alert(1)</script>',
    '⟨U+202E⟩',
    'a b\u00a0c',
  ])('leaves %j as it is', (text) => {
    expect(displayText(text)).toBe(text);
  });

  it('lets the emoji form follow a pictograph and nothing else', () => {
    expect(displayText('❤\uFE0F')).toBe('❤\uFE0F');
    expect(displayText('app\uFE0F')).toBe('app⟨U+FE0F⟩');
    expect(displayText('\uFE0F')).toBe('⟨U+FE0F⟩');
    expect(displayText('❤\uFE0F\uFE0F')).toBe('❤\uFE0F⟨U+FE0F⟩');
  });

  it('cuts a long text with a mark that says how much is missing, and never through a character', () => {
    expect(displayText('x'.repeat(DISPLAY_TEXT_LIMIT))).toBe('x'.repeat(DISPLAY_TEXT_LIMIT));
    expect(displayText('x'.repeat(DISPLAY_TEXT_LIMIT + 5))).toBe(
      `${'x'.repeat(DISPLAY_TEXT_LIMIT)}⟨… 5 more⟩`,
    );
    expect(displayText(`${'x'.repeat(DISPLAY_TEXT_LIMIT - 1)}😀y`)).toBe(
      `${'x'.repeat(DISPLAY_TEXT_LIMIT - 1)}⟨… 3 more⟩`,
    );
  });

  it('gives for any text one that is bounded, visible, and stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        const shown = displayText(text);
        expect(shown.replace(/\p{Extended_Pictographic}\uFE0F/gu, '')).not.toMatch(
          /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u,
        );
        expect(shown.length).toBeLessThanOrEqual(DISPLAY_TEXT_LIMIT * 10 + 40);
        if (shown.length <= DISPLAY_TEXT_LIMIT) expect(displayText(shown)).toBe(shown);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('quoteText', () => {
  it('quotes, shows safely and shortens', () => {
    expect(quoteText('a\u0000')).toBe('“a⟨U+0000⟩”');
    expect(quoteText('x'.repeat(200))).toBe(`“${'x'.repeat(120)}⟨… 80 more⟩”`);
  });
});

describe('hasHiddenCharacter', () => {
  it('is true exactly for what displayText would make visible', () => {
    expect(hasHiddenCharacter('größe 😀')).toBe(false);
    expect(hasHiddenCharacter('a\nb')).toBe(true);
  });
});
