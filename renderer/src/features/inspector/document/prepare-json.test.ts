import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareJson, type PreparedDocument } from './prepare-json.ts';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

/** What the links of a document cover, and where they lead. */
function linked({ text, links }: PreparedDocument): [text: string, digest: string, mediaType?: string][] {
  return links.map(({ from, to, digest, mediaType }) =>
    mediaType === undefined ? [text.slice(from, to), digest] : [text.slice(from, to), digest, mediaType],
  );
}

describe('prepareJson', () => {
  it('formats as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(prepareJson(text, 'formatted').text.trim()).toBe(JSON.stringify(JSON.parse(text), null, 2));
      }),
      // Numbers may be written in several ways, and doubled keys survive here: both are covered below.
      { examples: [['{}'], ['[]'], ['{"a":[]}'], ['[{},[1]]'], ['" {\\"a\\":1} "']] },
    );
  });

  it('changes nothing of what was received when it is not to be formatted', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.string({ unit: 'binary' })), (text) => {
        expect(prepareJson(text, 'as-received').text).toBe(text);
      }),
    );
  });

  it('keeps numbers, escapes and doubled keys as they were written', () => {
    const text = '{"big":12345678901234567890,"float":1.0,"exponent":1E+2,"escape":"\\u202e\\/","a":1,"a":2}';
    const { text: shown } = prepareJson(text, 'formatted');
    expect(shown.replaceAll(/\s/g, '')).toBe(text);
  });

  it('never loses or adds anything but blanks, whatever the text', () => {
    const visible = (text: string): string => text.replaceAll(/\s/gu, '');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'a', ' ') }),
        ),
        (text) => {
          expect(visible(prepareJson(text, 'formatted').text)).toBe(visible(text));
        },
      ),
    );
  });

  it('makes a link of every digest, and of the type beside it', () => {
    const text = JSON.stringify({
      config: { mediaType: 'a/b', digest: A, size: 2 },
      layers: [{ digest: B, mediaType: 'c/d' }],
    });
    for (const form of ['formatted', 'as-received'] as const) {
      expect(linked(prepareJson(text, form))).toEqual([
        ['a/b', A, 'a/b'],
        [A, A, 'a/b'],
        [B, B, 'c/d'],
        ['c/d', B, 'c/d'],
      ]);
    }
  });

  it('leads from the word subject to the subject', () => {
    const text = JSON.stringify({ mediaType: 'a/b', subject: { mediaType: 'c/d', digest: A, size: 1 } });
    expect(linked(prepareJson(text, 'formatted'))).toEqual([
      ['subject', A, 'c/d'],
      ['c/d', A, 'c/d'],
      [A, A, 'c/d'],
    ]);
  });

  it('makes links of digests in annotations and lists, but not of what layers unpack to', () => {
    const text = JSON.stringify({
      annotations: { 'org.example.base': A },
      list: [B],
      rootfs: { diff_ids: [A, B] },
    });
    expect(linked(prepareJson(text, 'formatted'))).toEqual([
      [A, A],
      [B, B],
    ]);
  });

  it('makes no link of a host with its port, which has the grammar of a digest', () => {
    const text = JSON.stringify({ annotations: { registry: 'localhost:5000', mirror: '127.0.0.1:443' } });
    expect(prepareJson(text, 'formatted').links).toEqual([]);
  });

  it('makes no link of what only looks like a digest', () => {
    const text = JSON.stringify({ digest: 'sha256:abc', other: `${A}?`, script: 'javascript:alert(1)' });
    expect(prepareJson(text, 'formatted').links).toEqual([]);
  });

  it('has its links in order and without overlaps, also in text that is cut off or no JSON', () => {
    const whole = JSON.stringify({
      manifests: [{ mediaType: 'a/b', digest: A, subject: { digest: B } }],
      subject: { digest: A },
    });
    for (let length = 0; length <= whole.length; length++) {
      let end = 0;
      for (const link of prepareJson(whole.slice(0, length), 'formatted').links) {
        expect(link.from).toBeGreaterThanOrEqual(end);
        expect(link.to).toBeGreaterThan(link.from);
        end = link.to;
      }
    }
  });

  it('reads deep and wide documents without running out of stack', () => {
    expect(prepareJson('['.repeat(50_000), 'as-received').text).toHaveLength(50_000);
    const wide = JSON.stringify({
      manifests: Array.from({ length: 20_000 }, () => ({ mediaType: 'a/b', digest: A, size: 1 })),
    });
    expect(prepareJson(wide, 'formatted').links).toHaveLength(40_000);
  });
});
