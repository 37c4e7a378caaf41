import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { parseDockerManifest } from './docker-manifest.ts';

const parse = (text: string): ReturnType<typeof parseDockerManifest> =>
  parseDockerManifest(Buffer.from(text), 'some.tar');

function failure(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof TallymanError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error('it was read');
}

const paths = fc.stringMatching(/^[a-z0-9/.:]{1,40}$/);
const image = fc.record({
  Config: paths,
  RepoTags: fc.option(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,9}:[a-z0-9]{1,9}$/)), { nil: null }),
  Layers: fc.array(paths),
});

describe('manifest.json of a docker archive', () => {
  it('is read as it is written, fields that nobody knows included', () => {
    fc.assert(
      fc.property(fc.array(image), fc.jsonValue(), (images, unknown) => {
        const document = images.map((each) => ({ ...each, Parent: unknown, LayerSources: {} }));
        expect(parse(JSON.stringify(document))).toEqual(
          images.map(({ Config, RepoTags, Layers }) => ({
            config: Config,
            names: RepoTags ?? [],
            layers: Layers,
          })),
        );
      }),
    );
  });

  it('ends in images or in a typed error, whatever the bytes', () => {
    const anything = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .array(fc.dictionary(fc.constantFrom('Config', 'RepoTags', 'Layers', 'layers', 'x'), fc.jsonValue()))
        .map((value) => Buffer.from(JSON.stringify(value))),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          for (const { config, names, layers } of parseDockerManifest(bytes, 'some.tar'))
            for (const text of [config, ...names, ...layers]) expect(text).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(TallymanError);
        }
      }),
    );
  });

  it('takes absent and null lists for empty ones, and docker’s word for “no name” for none', () => {
    const [first, second] = parse(
      '[{"Config":"a","RepoTags":["<none>:<none>","b:1","b:1"]},{"Config":"c","RepoTags":null,"Layers":null}]',
    );
    expect(first).toEqual({ config: 'a', names: ['b:1'], layers: [] });
    expect(second).toEqual({ config: 'c', names: [], layers: [] });
  });

  it.each([
    ['', /MALFORMED .* it is empty/],
    ['{}', /MALFORMED .* an object, not a list of images/],
    ['[7]', /MALFORMED .* \[0\] is a number/],
    ['[{"Layers":[]}]', /MALFORMED .* \[0\]\.Config is absent/],
    ['[{"Config":""}]', /MALFORMED .* \[0\]\.Config is empty/],
    ['[{"Config":"a","Layers":"b"}]', /MALFORMED .* \[0\]\.Layers is a string/],
    ['[{"Config":"a","Layers":["b",null]}]', /MALFORMED .* \[0\]\.Layers\[1\] is null/],
    ['[{"Config":"a","RepoTags":[""]}]', /MALFORMED .* \[0\]\.RepoTags\[0\] is empty/],
    ['[{"Config":"a","config":"b"}]', /AMBIGUOUS .* “config”/],
    ['[{"Config":"a","Config":"b"}]', /AMBIGUOUS/],
    ['['.repeat(200_000), /LIMIT/],
  ])('refuses %j', (text, message) => {
    expect(failure(text)).toMatch(message);
  });
});
