import { describe, expect, it } from 'vitest';
import { checkLayoutHeader } from './layout-header.ts';

function check(text: string): void {
  checkLayoutHeader(new TextEncoder().encode(text), '/data/release');
}

describe('checkLayoutHeader', () => {
  // The cases of image-spec schema/imagelayout_test.go are the first of each table.
  it.each(['{"imageLayoutVersion":"1.0.0"}', ' {\n"imageLayoutVersion": "1.0.0", "vendor": {"x": 1}}\n'])(
    'takes %s',
    (text) => {
      expect(() => check(text)).not.toThrow();
    },
  );

  it.each([
    ['{"imageLayoutVersion": 1.0.0}', 'MALFORMED'],
    ['', 'MALFORMED'],
    ['[]', 'MALFORMED'],
    ['{}', 'MALFORMED'],
    ['{"imageLayoutVersion":1}', 'MALFORMED'],
    ['{"imageLayoutVersion":null}', 'MALFORMED'],
    ['{"imageLayoutVersion":"1.0.0","imageLayoutVersion":"2.0.0"}', 'MALFORMED'],
    ['{"__proto__":{"imageLayoutVersion":"1.0.0"}}', 'MALFORMED'],
    ['{"imageLayoutVersion":"2.0.0"}', 'LAYOUT_VERSION'],
    ['{"imageLayoutVersion":"1.0"}', 'LAYOUT_VERSION'],
    ['{"imageLayoutVersion":""}', 'LAYOUT_VERSION'],
  ])('refuses %s with %s', (text, code) => {
    expect(() => check(text)).toThrow(expect.objectContaining({ code }));
  });
});
