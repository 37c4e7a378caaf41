import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { readAnswerHeaders } from '../http/answer-headers.ts';
import { parseStoredRange } from './stored-range.ts';
import { closingUrl, uploadLocation } from './upload-location.ts';

const DIGEST = parseDigest(`sha256:${'0123456789abcdef'.repeat(4)}`);
const ASKED = new URL('https://registry.test/v2/team/app/blobs/uploads/');

function located(location: string | undefined): URL | undefined {
  const headers = readAnswerHeaders(location === undefined ? {} : { location });
  return uploadLocation({ headers, url: ASKED }, 'registry.test');
}

/** Characters that a query may hold as they are. */
const queryPart = fc.stringMatching(/^[A-Za-z0-9._~!$()*+,;:@/?%=-]{0,40}$/);

describe('location of an upload', () => {
  it.each([
    ['/v2/x?_state=a%2Fb', 'https://registry.test/v2/x?_state=a%2Fb'],
    ['upload/1', 'https://registry.test/v2/team/app/blobs/uploads/upload/1'],
    ['?_state=1', 'https://registry.test/v2/team/app/blobs/uploads/?_state=1'],
    ['https://registry.test:443/up#part', 'https://registry.test/up'],
    ['https://other.test/up?x', 'https://other.test/up?x'],
    ['//other.test/up', 'https://other.test/up'],
  ])('%s is %s', (location, expected) => {
    expect(located(location)?.href).toBe(expected);
  });

  it('is undefined where there is none', () => {
    expect(located(undefined)).toBeUndefined();
    expect(located('')).toBeUndefined();
  });

  it('never throws anything but a typed error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          located(text);
        } catch (error) {
          expect(error).toMatchObject({ name: 'TallymanError' });
        }
      }),
    );
  });
});

describe('URL that closes an upload', () => {
  it.each([
    ['https://registry.test/up', `https://registry.test/up?digest=${DIGEST}`],
    ['https://registry.test/up?', `https://registry.test/up?digest=${DIGEST}`],
    [
      'https://registry.test/up?_state=a%2Fb+c&x=',
      `https://registry.test/up?_state=a%2Fb+c&x=&digest=${DIGEST}`,
    ],
    ['https://registry.test/up?digest=sha256:0&y', `https://registry.test/up?y&digest=${DIGEST}`],
    ['https://registry.test/up?mydigest=1', `https://registry.test/up?mydigest=1&digest=${DIGEST}`],
  ])('of %s is %s', (location, expected) => {
    expect(closingUrl(new URL(location), DIGEST).href).toBe(expected);
  });

  it('keeps what the registry put into the query, byte for byte, and has exactly one digest', () => {
    fc.assert(
      fc.property(fc.array(queryPart, { maxLength: 5 }), (parts) => {
        const location = new URL(`https://registry.test/up?${parts.join('&')}`);
        const before = location.search;
        const { search } = closingUrl(location, DIGEST);
        const kept = before
          .slice(1)
          .split('&')
          .filter((part) => part !== '' && part !== 'digest' && !part.startsWith('digest='));
        expect(search).toBe(`?${[...kept, `digest=${DIGEST}`].join('&')}`);
        expect(new URLSearchParams(search).getAll('digest')).toEqual([DIGEST]);
        expect(location.search).toBe(before);
      }),
    );
  });
});

describe('range of what is stored', () => {
  it('says how much it is, with and without unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (last) => {
        expect(parseStoredRange(`0-${last}`)).toEqual({ stored: last + 1 });
        expect(parseStoredRange(`bytes=0-${last}`)).toEqual({ stored: last + 1 });
      }),
    );
    expect(parseStoredRange('0-0')).toEqual({ stored: 'none-or-one' });
  });

  it('says nothing for anything else', () => {
    for (const text of [
      undefined,
      '',
      '0',
      '1-5',
      '0--1',
      '0-',
      'bytes 0-5',
      '0-5/6',
      '0-1e3',
      `0-${'9'.repeat(16)}`,
    ])
      expect(parseStoredRange(text)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        const range = parseStoredRange(text);
        if (range !== undefined) expect(text).toMatch(/^(bytes=)?0-\d{1,15}$/);
      }),
    );
  });
});
