import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../errors/tallyman-error.ts';
import {
  digestAlgorithm,
  digestEncoded,
  isDigest,
  isVerifiable,
  isVerifiableDigest,
  parseDigest,
  shortDigest,
} from './digest.ts';

const HEX_64 = '5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270';
const HEX_128 = HEX_64 + HEX_64;

describe('parseDigest', () => {
  // The cases of image-spec schema/descriptor_test.go and go-digest digest_test.go as data, and our own around them.
  it.each([
    ['a sha256', `sha256:${HEX_64}`],
    ['a sha512', `sha512:${HEX_128}`],
    ['a blake3', `blake3:${HEX_64}`],
    [
      'an unregistered algorithm',
      'sha384:d3fc7881460b7e22e3d172954463dddd7866d17597e7248453c48b3e9d26d9596bf9c4a9cf8072c9d5bad76e19af801d',
    ],
    ['an encoding of another alphabet', 'sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564'],
    ['padding in the value', 'sha256+b64u.unknownlength:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564='],
    ['a plus in the algorithm', `sha256+b64:${HEX_64}`],
    ['two separators apart', `sha256+foo-bar:${HEX_64}`],
    ['a dot in the algorithm', `sha256.foo-bar:${HEX_64}`],
    ['an underscore in the algorithm', `sha384_foo+bar:${HEX_64}`],
    ['a multihash', 'multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8'],
    ['one character each', 'a:B'],
  ])('takes %s', (_what, text) => {
    expect(parseDigest(text)).toBe(text);
    expect(isDigest(text)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['white space', '     '],
    ['a colon', ':'],
    ['no value', 'sha256:'],
    ['no value of an unregistered algorithm', 'foo:'],
    ['no colon', 'sha256'],
    ['a value alone', HEX_64],
    ['no algorithm', `:${HEX_64}`],
    ['an upper-case algorithm', `SHA256:${HEX_64}`],
    ['upper-case hexadecimal', `sha256:${HEX_64.toUpperCase()}`],
    ['one upper-case character', `sha256:${HEX_64.slice(1)}A`],
    ['63 characters', `sha256:${HEX_64.slice(1)}`],
    ['65 characters', `sha256:${HEX_64}0`],
    ['white space as the value', `sha256:${' '.repeat(64)}`],
    ['a letter that is no hexadecimal digit', `sha256:m${HEX_64.slice(1)}`],
    ['a sha512 as long as a sha256', `sha512:${HEX_64}`],
    ['a blake3 as long as a sha512', `blake3:${HEX_128}`],
    ['a path as the value', 'sha256:../../x'],
    ['a path as the value of an unregistered algorithm', 'foo:../../x'],
    ['a path as the algorithm', `../sha256:${HEX_64}`],
    ['two separators in a row', `sha256+foo+-b:${HEX_64}`],
    ['two equal separators in a row', 'sha256++x:a'],
    ['two underscores in a row', `sha384__foo+bar:${HEX_64}`],
    ['a separator at the start', '+sha256:a'],
    ['a separator at the end', 'sha256+:a'],
    ['two colons', 'a:b:c'],
    ['a line break at the end', `sha256:${HEX_64}\n`],
    ['a NUL', 'foo:a\0'],
    ['a look-alike letter', 'foo:а'],
    ['more than 256 characters', `foo:${'a'.repeat(253)}`],
  ])('refuses %s', (_what, text) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(
      expect.objectContaining({ name: 'TallymanError', code: 'INVALID_REFERENCE' }),
    );
  });

  it('says what is wrong, and shows the digest safely', () => {
    const message = (text: string): string => {
      try {
        return parseDigest(text);
      } catch (error) {
        return error instanceof TallymanError ? error.message : String(error);
      }
    };
    expect(message('sha256:ff')).toBe(
      '“sha256:ff” is no digest: sha256 has 64 characters after the colon, this has 2.',
    );
    expect(message('sha256:\u202Eff')).toContain('“sha256:⟨U+202E⟩ff”');
    expect(message('x'.repeat(1000)).length).toBeLessThan(250);
  });
});

describe('a digest', () => {
  it('falls into algorithm and encoded part, which make the digest again', () => {
    const digest = parseDigest('sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564');
    expect(digestAlgorithm(digest)).toBe('sha256+b64u');
    expect(digestEncoded(digest)).toBe('LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564');
    expect(isVerifiable(digest)).toBe(false);
  });

  it('is verifiable with sha256 and sha512 and no other algorithm', () => {
    expect(isVerifiable(parseDigest(`sha256:${HEX_64}`))).toBe(true);
    expect(isVerifiable(parseDigest(`sha512:${HEX_128}`))).toBe(true);
    expect(isVerifiable(parseDigest(`blake3:${HEX_64}`))).toBe(false);
  });

  it('is told apart from a host with its port, which has the grammar of one', () => {
    for (const text of ['localhost:5000', '127.0.0.1:443', 'registry.example.com:5000']) {
      expect(isDigest(text)).toBe(true);
      expect(isVerifiableDigest(text)).toBe(false);
    }
    expect(isVerifiableDigest(`sha256:${HEX_64}`)).toBe(true);
    expect(isVerifiableDigest('sha256:abc')).toBe(false);
  });

  it('is shortened to twelve characters, and so is a text that is none', () => {
    expect(shortDigest(`sha256:${HEX_64}`)).toBe('5b0bcabd1ed2');
    expect(shortDigest('no digest at all')).toBe('no digest at');
    expect(shortDigest('')).toBe('');
  });

  it('is exactly what the grammar of image-spec says, for any text near it', () => {
    const grammar = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;
    const registered = new Map([
      ['sha256', 64],
      ['sha512', 128],
      ['blake3', 64],
    ]);
    const near = fc.string({ unit: fc.constantFrom(...Array.from('abz09+._-:=AZ /\n')), maxLength: 40 });
    const algorithm = fc.constantFrom('sha256', 'sha512', 'blake3', 'sha256+x', 'md5');
    const value = fc.string({
      unit: fc.constantFrom(...Array.from('0f9aF=')),
      minLength: 60,
      maxLength: 130,
    });
    const text = fc.oneof(
      near,
      fc.tuple(algorithm, value).map((parts) => parts.join(':')),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        const [name = '', encoded = ''] = candidate.split(':');
        const length = registered.get(name);
        const isRegisteredForm =
          length === undefined || (encoded.length === length && /^[a-f0-9]*$/.test(encoded));
        expect(isDigest(candidate)).toBe(grammar.test(candidate) && isRegisteredForm);
      }),
      { numRuns: 5_000 },
    );
  });
});
