import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_LIMIT } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { pageOf, type Page } from './page.ts';
import { parseByteRange } from './parse-byte-range.ts';
import { parseContentRange } from './parse-content-range.ts';
import { parseRoute } from './parse-route.ts';
import { Warnings } from './warnings.ts';

describe('parseRoute', () => {
  it.each([
    ['/v2/', { kind: 'ping' }],
    ['/v2', { kind: 'ping' }],
    ['/v2/_catalog', { kind: 'catalog' }],
    ['/v2/a/tags/list', { kind: 'tags', name: 'a' }],
    ['/v2/a/b/manifests/v1', { kind: 'manifest', name: 'a/b', reference: 'v1' }],
    ['/v2/a/manifests/sha256%3Aabc', { kind: 'manifest', name: 'a', reference: 'sha256:abc' }],
    ['/v2/a/blobs/sha256:abc', { kind: 'blob', name: 'a', digest: 'sha256:abc' }],
    ['/v2/a/blobs/uploads/', { kind: 'uploads', name: 'a' }],
    ['/v2/a/blobs/uploads', { kind: 'uploads', name: 'a' }],
    ['/v2/a/blobs/uploads/x', { kind: 'upload', name: 'a', id: 'x' }],
    ['/v2/a/referrers/sha256:abc', { kind: 'referrers', name: 'a', digest: 'sha256:abc' }],
    // Names of repositories may hold the words of the API.
    ['/v2/blobs/uploads/blobs/uploads/', { kind: 'uploads', name: 'blobs/uploads' }],
    ['/v2/tags/list/tags/list', { kind: 'tags', name: 'tags/list' }],
    ['/v2/manifests/manifests/manifests', { kind: 'manifest', name: 'manifests', reference: 'manifests' }],
    ['/v2/a/blobs/blobs/x', { kind: 'blob', name: 'a/blobs', digest: 'x' }],
  ])('%s is %j', (path, expected) => {
    expect(parseRoute(path)).toEqual(expected);
  });

  it.each([
    '/',
    '/v1/',
    '/v2/a',
    '/v2/a/tags',
    '/v2/a/tags/listing',
    '/v2/a/manifests/',
    '/v2/a/manifests/%zz',
    '//v2/',
  ])('%s is no address', (path) => {
    expect(parseRoute(path)).toBeUndefined();
  });

  it.each(['A', 'a%2Fb', '..', 'a/../b', 'a//b', '', 'a'.repeat(241), '%61', 'ä', '_a'])(
    'the name %j is refused',
    (name) => {
      expect(() => parseRoute(`/v2/${name}/tags/list`)).toThrow(Refusal);
    },
  );

  it('never fails otherwise', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseRoute(`/v2/${text}`);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });
});

describe('parseByteRange', () => {
  it('stays within the blob, whatever is asked for', () => {
    const number = fc.oneof(fc.constant(''), fc.nat().map(String), fc.stringMatching(/^\d{1,20}$/));
    fc.assert(
      fc.property(number, number, fc.nat(), (from, to, size) => {
        const range = parseByteRange(`bytes=${from}-${to}`, size);
        if (range.kind !== 'part') return;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeGreaterThanOrEqual(range.first);
        expect(range.last).toBeLessThan(size);
      }),
    );
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['whole', 'part', 'unsatisfiable']).toContain(parseByteRange(text, 10).kind);
      }),
    );
  });
});

describe('parseContentRange', () => {
  it('reads both ways of writing a range, and holds it to the length', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 1_000_000 }), (first, more) => {
        const [last, length] = [first + more, more + 1];
        for (const text of [
          `${first}-${last}`,
          `bytes ${first}-${last}/*`,
          `bytes ${first}-${last}/${last + 1}`,
        ]) {
          expect(parseContentRange(text, length)).toEqual({ first, last });
          expect(parseContentRange(text, undefined)).toEqual({ first, last });
          expect(() => parseContentRange(text, length + 1)).toThrow(Refusal);
        }
      }),
    );
  });

  it('refuses every other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/\d-\d/.test(text));
        expect(() => parseContentRange(text, undefined)).toThrow(Refusal);
      }),
    );
  });
});

describe('pageOf', () => {
  const page = (names: readonly string[], address: string): Page => {
    const { pathname, searchParams } = new URL(address, 'http://localhost');
    return pageOf(names, { path: pathname, query: searchParams });
  };

  it('gives every name once, in order, when its links are followed', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.integer({ min: 1, max: 5 }), (names, size) => {
        const sorted = [...names].sort((left, right) =>
          Buffer.compare(Buffer.from(left), Buffer.from(right)),
        );
        const seen: string[] = [];
        for (let next: string | undefined = `/v2/_catalog?n=${size}`; next !== undefined;) {
          const { names: some, headers } = page(sorted, next);
          expect(some.length).toBeLessThanOrEqual(size);
          seen.push(...some);
          next = /<([^>]+)>/.exec(headers['Link'] ?? '')?.[1];
        }
        expect(seen).toEqual(sorted);
      }),
    );
  });

  it('is bounded, also when nobody asks for a number', () => {
    const names = Array.from({ length: PAGE_LIMIT + 5 }, (_, number) => String(number).padStart(6, '0'));
    for (const query of ['', '?n=999999']) {
      const { names: some, headers } = page(names, `/v2/_catalog${query}`);
      expect(some).toHaveLength(PAGE_LIMIT);
      expect(headers['Link']).toContain(`last=${names[PAGE_LIMIT - 1]!}`);
    }
  });
});

describe('Warnings', () => {
  it('are printable ASCII in one form, said once, and bounded in all', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 2_000 })), (texts) => {
        const warnings = new Warnings();
        for (const text of [...texts, ...texts]) warnings.add(text);
        for (const value of warnings.values) {
          const text = /^299 - "(.*)"$/.exec(value)?.[1] ?? 'no warning';
          expect(text.replace(/\\["\\]/g, '')).toMatch(/^[ !#-[\]-~]*$/);
        }
        expect(new Set(warnings.values).size).toBe(warnings.values.length);
        expect(warnings.values.join('').length).toBeLessThanOrEqual(4_096);
      }),
    );
  });
});
