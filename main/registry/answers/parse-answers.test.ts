import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWarningCollector } from './warning-collector.ts';
import { isWebPage, parseErrorBody } from './parse-error-body.ts';
import { parseWarning } from './parse-warning-header.ts';
import { readAnswerHeaders } from '../http/answer-headers.ts';
import { parseContentRange } from '../blobs/content-range.ts';
import { parseRetryAfter } from '../http/parse-retry-after.ts';

describe('error body', () => {
  const parse = (text: string): unknown => parseErrorBody(Buffer.from(text));

  it('reads codes and messages, whatever the detail is', () => {
    expect(
      parse(
        '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"x"}},{"code":"DENIED"}]}',
      ),
    ).toEqual([{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }, { code: 'DENIED' }]);
  });

  it.each([
    '',
    '<html>',
    '{"errors":[]}',
    '{"errors":null}',
    '{"errors":{"code":"X"}}',
    '{"errors":[1,null,"x",{"code":5},{"code":"lower"}]}',
    '{"error',
    'null',
    '[]',
    '{"code":"X"}',
  ])('has nothing to say about %j', (text) => {
    expect(parse(text)).toEqual([]);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => Array.isArray(parseErrorBody(bytes))));
    fc.assert(fc.property(fc.json(), (text) => Array.isArray(parse(text))));
  });

  it('knows a web page by its type or its beginning', () => {
    const page = Buffer.from('\n <!DOCTYPE html><title>x</title>');
    expect([
      isWebPage(page, undefined),
      isWebPage(Buffer.from('<HTML>'), 'application/json'),
      isWebPage(Buffer.from(''), 'text/html; charset=utf-8'),
      isWebPage(Buffer.from('{}'), 'application/json'),
    ]).toEqual([true, true, true, false]);
  });
});

describe('Warning header', () => {
  it('takes the one form registries use, unescaped', () => {
    expect([
      parseWarning('299 - "Your auth token will expire"'),
      parseWarning(String.raw`299 - "msg \"q\" \\ end"`),
      parseWarning('110 - "Response is stale"'),
      parseWarning('299 registry "text"'),
      parseWarning('299 - "text" "Sat, 25 Aug 2012 23:34:45 GMT"'),
      parseWarning('299 - text'),
      parseWarning('299 - ""'),
      parseWarning(`299 - "${'a'.repeat(5000)}"`),
    ]).toEqual([
      'Your auth token will expire',
      'msg "q" \\ end',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('tells each warning once, safe to show, and stops at a hundred', () => {
    const told: string[] = [];
    const warnings = createWarningCollector((text) => told.push(text));
    const collect = (...lines: string[]): void => warnings.collect(readAnswerHeaders({ warning: lines }));
    collect('299 - "a"', '299 - "b"', '110 - "c"');
    collect('299 - "a"', '299 - "evil\u001b[31m"');
    expect(told).toEqual(['a', 'b', 'evil⟨U+001B⟩[31m']);
    for (let index = 0; index < 1000; index += 1) collect(`299 - "n${index}"`);
    expect(told).toHaveLength(100);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);

  it('reads seconds and HTTP-dates and nothing else', () => {
    const parse = (value?: string): number | undefined => parseRetryAfter(value, now);
    expect(parse('2')).toBe(2000);
    expect(parse('0')).toBe(0);
    expect(parse('Fri, 02 Jan 2026 03:04:15 GMT')).toBe(10_000);
    expect(parse('Friday, 02-Jan-26 03:04:15 GMT')).toBe(10_000);
    expect(parse('Fri, 02 Jan 2026 03:04:00 GMT')).toBe(0);
    expect(parse('315360000')).toBe(315_360_000_000);
    for (const nonsense of [
      '',
      '-1',
      '1.5',
      '880µs',
      '2e3',
      'soon',
      'Fri, 99 Foo 2026 03:04:15 GMT',
      '2026-01-02T03:04:05Z',
      '99999999999',
    ]) {
      expect([nonsense, parse(nonsense)]).toEqual([nonsense, undefined]);
    }
    expect(parse(undefined)).toBeUndefined();
  });
});

describe('Content-Range', () => {
  it('reads bytes of a known or unknown total and refuses contradictions', () => {
    expect(parseContentRange('bytes 0-499/1234')).toEqual({ start: 0, end: 499, total: 1234 });
    expect(parseContentRange('bytes 5-5/*')).toEqual({ start: 5, end: 5, total: undefined });
    for (const wrong of [
      'bytes 5-4/10',
      'bytes 0-10/10',
      'bytes */10',
      '0-4/10',
      'bytes -5/10',
      'bytes 0-/10',
      'items 0-4/10',
      '',
      undefined,
    ]) {
      expect(parseContentRange(wrong)).toBeUndefined();
    }
  });
});
