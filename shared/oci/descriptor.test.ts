import { describe, expect, it } from 'vitest';
import type { ErrorData } from '../errors/tallyman-error.ts';
import { parseDescriptor, readDescriptor } from './descriptor.ts';

const DIGEST = 'sha256:5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270';
const HEX = DIGEST.slice('sha256:'.length);
const MANIFEST = { mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 7682, digest: DIGEST };
const TEXT = {
  mediaType: 'text/plain',
  size: 34,
  digest: 'sha256:2690af59371e9eca9453dc29882643f46e5ca47ec2862bd517b5e17351325153',
};
const LONGEST = '1234567890'.repeat(12) + '1234567';

function without(field: keyof typeof MANIFEST): unknown {
  return Object.fromEntries(Object.entries(MANIFEST).filter(([name]) => name !== field));
}

function config(digest: string): unknown {
  return { mediaType: 'application/vnd.oci.image.config.v1+json', size: 1470, digest };
}

describe('parseDescriptor', () => {
  // The cases of image-spec schema/descriptor_test.go, as data.
  it.each([
    ['an ordinary descriptor', MANIFEST],
    [
      'a blob of no bytes',
      {
        mediaType: 'application/octet-stream',
        size: 0,
        digest: `sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`,
      },
    ],
    ['the longest type and subtype', { ...MANIFEST, mediaType: `${LONGEST}/${LONGEST}` }],
    ['a URL', { ...MANIFEST, urls: ['https://example.com/foo'] }],
    ['an artifactType', { ...MANIFEST, artifactType: 'application/vnd.oci.image.manifest.v1+json' }],
    ['data in base64', { ...TEXT, data: 'aHR0cHM6Ly9naXRodWIuY29tL29wZW5jb250YWluZXJzCg==' }],
    ['another algorithm', config(`sha256+b64:${HEX}`)],
    ['an algorithm of three parts', config(`sha256+foo-bar:${HEX}`)],
    ['an algorithm with a dot', config(`sha256.foo-bar:${HEX}`)],
    ['a multihash', config('multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8')],
    ['another encoding', config('sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564')],
    [
      'padding in the encoding',
      config('sha256+b64u.unknownlength:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564='),
    ],
  ])('takes %s', (_what, value) => {
    expect(parseDescriptor(value, 'config')).toEqual(value);
  });

  it.each([
    ['no mediaType', without('mediaType'), 'config.mediaType is absent, not a media type.'],
    [
      'a mediaType without subtype',
      { ...MANIFEST, mediaType: 'application' },
      'config.mediaType is “application”, which is no media type.',
    ],
    [
      'a mediaType that begins with a dot',
      { ...MANIFEST, mediaType: '.foo/bar' },
      'config.mediaType is “.foo/bar”, which is no media type.',
    ],
    [
      'a subtype that begins with a dot',
      { ...MANIFEST, mediaType: 'foo/.bar' },
      'config.mediaType is “foo/.bar”, which is no media type.',
    ],
    ['too long a type', { ...MANIFEST, mediaType: `${LONGEST}8/bar` }, 'which is no media type.'],
    ['too long a subtype', { ...MANIFEST, mediaType: `foo/${LONGEST}8` }, 'which is no media type.'],
    ['no size', without('size'), 'config.size is absent, not a whole number of bytes from 0 to 2^53 − 1.'],
    [
      'a size in a string',
      { ...MANIFEST, size: '7682' },
      'config.size is a string, not a whole number of bytes',
    ],
    ['no digest', without('digest'), 'config.digest is absent, not a digest.'],
    [
      'a digest without algorithm',
      { ...MANIFEST, digest: `:${HEX}` },
      'which is no digest: its algorithm is not made of',
    ],
    ['a digest without value', { ...MANIFEST, digest: 'sha256' }, 'which is no digest: it has no “:”'],
    [
      'an upper-case algorithm',
      { ...MANIFEST, digest: `SHA256:${HEX}` },
      'which is no digest: its algorithm is not made of',
    ],
    [
      'upper-case hexadecimal',
      { ...MANIFEST, digest: `sha256:${HEX.toUpperCase()}` },
      'which is no digest: sha256 is written in',
    ],
    ['a URL without scheme', { ...MANIFEST, urls: ['value'] }, 'config.urls[0] is “value”, which is no URL.'],
    [
      'an artifactType that is no media type',
      { ...MANIFEST, artifactType: 'foo/.bar' },
      'config.artifactType is “foo/.bar”, which is no media type.',
    ],
    ['repeated separators in the algorithm', config(`sha256+foo+-b:${HEX}`), 'which is no digest'],
    [
      'base64 without padding',
      { ...TEXT, data: 'aHR0cHM6Ly9naXRodWIuY29tL29wZW5jb250YWluZXJzCg' },
      'config.data is not base64 with padding',
    ],
    ['a negative size', { ...MANIFEST, size: -7682 }, 'config.size is -7682, not a whole number of bytes'],
  ])('refuses %s', (_what, value, message) => {
    expect(() => parseDescriptor(value, 'config')).toThrow(
      expect.objectContaining({ code: 'MALFORMED', message: expect.stringContaining(message) }),
    );
  });

  // V18 and what JSON can hold besides.
  it.each([2 ** 53, 1.5, NaN, Infinity, 1e308, null, true, [], {}])('refuses the size %j', (size) => {
    expect(() => parseDescriptor({ ...MANIFEST, size }, 'layers[0]')).toThrow('layers[0].size is');
  });

  it.each([null, [], 'x', 7, undefined])('refuses %j for a descriptor', (value) => {
    expect(() => parseDescriptor(value, 'subject')).toThrow('not a descriptor.');
  });

  it('reads platform and annotations, and takes null and empty ones for none', () => {
    const value = {
      ...MANIFEST,
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
      annotations: { a: 'b' },
    };
    expect(parseDescriptor(value, 'manifests[0]')).toEqual(value);
    const empty = { ...MANIFEST, platform: {}, annotations: null, urls: null, data: null, artifactType: '' };
    expect(parseDescriptor(empty, 'manifests[0]')).toEqual(MANIFEST);
  });

  it('keeps parameters of a media type and ignores unknown fields', () => {
    expect(
      parseDescriptor({ ...MANIFEST, mediaType: 'text/plain;q=1', vendor: { x: 1 } }, 'layers[0]'),
    ).toEqual({ ...MANIFEST, mediaType: 'text/plain;q=1' });
  });

  it('refuses a second spelling of a field that decides what it points to', () => {
    for (const name of ['Digest', 'SIZE', 'mediatype', 'ſize']) {
      expect(() => parseDescriptor({ ...MANIFEST, [name]: 1 }, 'layers[0]')).toThrow(
        expect.objectContaining({ code: 'AMBIGUOUS' }),
      );
    }
    expect(parseDescriptor({ ...MANIFEST, sizes: 1, 'x-digest': 2 }, 'layers[0]')).toEqual(MANIFEST);
  });

  it('shows hostile values safely and shortened in its message', () => {
    expect(() => parseDescriptor({ ...MANIFEST, mediaType: '\u001b[31mtext\u202E' }, 'config')).toThrow(
      '“⟨U+001B⟩[31mtext⟨U+202E⟩”',
    );
    expect(() => parseDescriptor({ ...MANIFEST, digest: 'x'.repeat(100_000) }, 'config')).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,300}$/u) }),
    );
  });

  it('gives annotations without a prototype, so that no key means more than it says', () => {
    const value: unknown = JSON.parse(
      `{"mediaType":"a/b","size":1,"digest":"${DIGEST}","annotations":{"__proto__":"x","constructor":"y"}}`,
    );
    const { annotations } = parseDescriptor(value, 'layers[0]');
    expect(Object.entries(annotations!)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(annotations)).toBeNull();
    expect('toString' in annotations!).toBe(false);
  });
});

describe('readDescriptor', () => {
  const read = (value: unknown): readonly [unknown, number] => {
    const problems: ErrorData[] = [];
    return [readDescriptor(value, 'layers[0]', problems), problems.length];
  };

  it('keeps a descriptor whose digest and size hold, without the fields that are wrong', () => {
    const value = {
      ...MANIFEST,
      platform: { os: 'linux' },
      urls: ['x', 'https://example.com/'],
      data: '?',
      annotations: { a: 1, b: 'c' },
    };
    expect(read(value)).toEqual([
      { ...MANIFEST, urls: ['https://example.com/'], annotations: { b: 'c' } },
      4,
    ]);
    expect(read({ ...MANIFEST, mediaType: 'odd' })).toEqual([{ ...MANIFEST, mediaType: 'odd' }, 1]);
    expect(read({ ...MANIFEST, artifactType: 'odd' })).toEqual([{ ...MANIFEST, artifactType: 'odd' }, 1]);
  });

  it('gives none, and a problem for each field, without digest, size or a media type that can be shown', () => {
    expect(read({})).toEqual([undefined, 3]);
    expect(read({ ...MANIFEST, mediaType: 'a/'.repeat(1000) })).toEqual([undefined, 1]);
  });

  it('reads only own fields', () => {
    const inherited = Object.create({ digest: DIGEST }) as Record<string, unknown>;
    inherited['mediaType'] = 'a/b';
    inherited['size'] = 1;
    expect(read(inherited)).toEqual([undefined, 1]);
  });
});
