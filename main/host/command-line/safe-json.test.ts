import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSafeJson } from './safe-json.ts';

describe('JSON for a terminal', () => {
  it('writes controls, bidi overrides, zero-width and tag characters as escapes', () => {
    const text = 'a\u001b[2J\u007f\u009b\u202e\u2066\u200b\ufeff\u{e0041}\u2028\ud800b';
    const json = toSafeJson({ text });
    expect(json).toBe(
      `{\n  "text": "a\\u001b[2J\\u007f\\u009b\\u202e\\u2066\\u200b\\ufeff\\udb40\\udc41\\u2028\\ud800b"\n}`,
    );
    expect(JSON.parse(json)).toEqual({ text });
  });

  it('leaves letters of every script as they are', () => {
    expect(toSafeJson('Größe · 大小 · חבילה')).toBe('"Größe · 大小 · חבילה"');
  });

  it('is the same value as plain JSON and holds no control character but the line feeds between lines, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const json = toSafeJson(value);
        expect(json).not.toMatch(/(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
