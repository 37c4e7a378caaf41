import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallymanError, type ErrorCode } from '../errors/tallyman-error.ts';
import { MANIFEST_PROBLEM_LIMIT, parseManifest, type ParsedManifest } from './manifest.ts';
import { MANIFEST_MEDIA_TYPES, MEDIA_TYPES } from './media-types.ts';

const utf8 = new TextEncoder();

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function parse(document: unknown, expected?: string): ParsedManifest {
  return parseManifest(
    utf8.encode(typeof document === 'string' ? document : JSON.stringify(document)),
    expected,
  );
}

/** The verdict on a document: none, the codes of its problems, or the code that refused it whole. */
function verdict(document: unknown, expected?: string): readonly ErrorCode[] {
  try {
    return parse(document, expected).problems.map((problem) => problem.code);
  } catch (error) {
    if (error instanceof TallymanError) return [error.code];
    throw error;
  }
}

const CONFIG = {
  mediaType: MEDIA_TYPES.imageConfig,
  size: 1470,
  digest: 'sha256:c86f7763873b6c0aae22d963bab59b4f5debbed6685761b5951584f6efb0633b',
};
const LAYER = {
  mediaType: MEDIA_TYPES.layerTarGzip,
  size: 148,
  digest: 'sha256:c57089565e894899735d458f0fd4bb17a0f1e0df8d72da392b85c9b35ee777cd',
};
const SUBJECT = {
  mediaType: MEDIA_TYPES.manifest,
  size: 1234,
  digest: 'sha256:220a60ecd4a3c32c282622a625a54db9ba0ff55b5ba9c29c7064a2bc358b6a3e',
};
const CHILD = {
  mediaType: MEDIA_TYPES.manifest,
  size: 7682,
  digest: 'sha256:5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270',
};
const EMPTY = {
  mediaType: MEDIA_TYPES.empty,
  size: 2,
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
};
const OF_OTHER_ALGORITHM = { ...LAYER, digest: LAYER.digest.replace('sha256:', 'sha256+foo-bar:') };

const MANIFEST = { schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config: CONFIG, layers: [LAYER] };
const INDEX = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.index,
  manifests: [{ ...CHILD, platform: { os: 'linux', architecture: 'amd64' } }],
};

describe('the manifest cases of image-spec (schema/manifest_test.go)', () => {
  it.each([
    [
      'with annotations and several layers',
      { ...MANIFEST, layers: [LAYER, LAYER, LAYER], annotations: { key1: 'value1', key2: 'value2' } },
    ],
    ['with required fields only', MANIFEST],
    [
      'with digests of other algorithms',
      {
        ...MANIFEST,
        layers: [
          OF_OTHER_ALGORITHM,
          { ...LAYER, digest: 'multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8' },
        ],
      },
    ],
    ['with a subject', { ...MANIFEST, subject: SUBJECT }],
    [
      'of an artifact with its own config',
      {
        ...MANIFEST,
        config: { ...CONFIG, mediaType: 'application/vnd.example.config+json' },
        layers: [{ ...LAYER, mediaType: 'application/vnd.example.data+type' }],
      },
    ],
    [
      'of an artifact with the empty config',
      { ...MANIFEST, artifactType: 'application/vnd.example+type', config: EMPTY },
    ],
  ])('finds nothing wrong with one %s', (_what, document) => {
    expect(verdict(document)).toEqual([]);
    expect(verdict(document, MEDIA_TYPES.manifest)).toEqual([]);
  });

  it.each([
    ['a config whose media type is none', { ...MANIFEST, config: { ...CONFIG, mediaType: 'invalid' } }],
    ['a config whose size is a string', { ...MANIFEST, config: { ...CONFIG, size: '1470' } }],
    ['a document that is cut', '{"schemaVersion":2,"config":{"config":{},"layers":[]'],
    ['a layer whose size is a string', { ...MANIFEST, layers: [{ ...LAYER, size: '675598' }] }],
    ['a subject that is no descriptor', { ...MANIFEST, subject: '.nope' }],
    [
      'a digest with repeated separators',
      { ...MANIFEST, layers: [{ ...LAYER, digest: LAYER.digest.replace('sha256:', 'sha256+foo+-b:') }] },
    ],
    ['no config', { schemaVersion: 2, layers: [LAYER] }],
    ['no layers', { schemaVersion: 2, config: CONFIG }],
    ['no schema version', { config: CONFIG, layers: [LAYER] }],
    ['schema version 3', { ...MANIFEST, schemaVersion: 3 }],
    ['a schema version in a string', { ...MANIFEST, schemaVersion: '2' }],
    ['layers that are no list', { ...MANIFEST, layers: {} }],
    ['annotations that are no object', { ...MANIFEST, annotations: [] }],
    ['an artifactType that is no media type', { ...MANIFEST, artifactType: 'sbom' }],
    ['a mediaType that is no string', { ...MANIFEST, mediaType: 2 }],
  ])('finds %s malformed', (_what, document) => {
    expect(verdict(document)).toContain('MALFORMED');
  });

  it('differs in one: an image without layers is valid, as the prose says and the schema does not', () => {
    expect(verdict({ ...MANIFEST, layers: [] })).toEqual([]);
    expect(verdict({ ...MANIFEST, layers: null })).toEqual([]);
  });
});

describe('the index cases of image-spec (schema/imageindex_test.go)', () => {
  it.each([
    [
      'with annotations and several children',
      { ...INDEX, manifests: [...INDEX.manifests, CHILD], annotations: { 'com.example.key1': 'value1' } },
    ],
    ['with required fields only', { ...INDEX, manifests: [CHILD] }],
    [
      'with a child of a type of its own',
      { ...INDEX, manifests: [{ ...CHILD, mediaType: 'application/customized.manifest+json' }] },
    ],
    [
      'with artifactType, also in a child',
      {
        ...INDEX,
        artifactType: 'application/vnd.example+type',
        manifests: [{ ...CHILD, artifactType: 'application/vnd.example1+type' }],
      },
    ],
    ['with a subject', { ...INDEX, subject: SUBJECT }],
    ['without children', { ...INDEX, manifests: [] }],
    ['with null for no children, as Go programs write it', { ...INDEX, manifests: null }],
  ])('finds nothing wrong with one %s', (_what, document) => {
    expect(verdict(document)).toEqual([]);
    expect(verdict(document, MEDIA_TYPES.index)).toEqual([]);
  });

  it.each([
    ['a child whose media type is none', { ...INDEX, manifests: [{ ...CHILD, mediaType: 'invalid' }] }],
    ['a child whose media type is empty', { ...INDEX, manifests: [{ ...CHILD, mediaType: '' }] }],
    ['a child whose size is a string', { ...INDEX, manifests: [{ ...CHILD, size: '7682' }] }],
    ['a child without digest', { ...INDEX, manifests: [{ mediaType: CHILD.mediaType, size: 1 }] }],
    ['a platform without architecture', { ...INDEX, manifests: [{ ...CHILD, platform: { os: 'linux' } }] }],
    ['a subject that is no descriptor', { ...INDEX, subject: 'nope' }],
  ])('finds %s malformed', (_what, document) => {
    expect(verdict(document)).toEqual(['MALFORMED']);
  });

  it('finds an index without the list of its children malformed', () => {
    expect(verdict({ schemaVersion: 2, mediaType: MEDIA_TYPES.index })).toEqual(['MALFORMED']);
    expect(verdict({ schemaVersion: 2 }, MEDIA_TYPES.index)).toEqual(['MALFORMED']);
  });
});

describe('the Docker documents of image-spec (schema/backwards_compatibility_test.go)', () => {
  // The first documents that image-spec promises to read, byte for byte: their digests prove it.
  const entry = (size: number, hex: string, architecture: string, variant?: string): string => `      {
         "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
         "size": ${size},
         "digest": "sha256:${hex}",
         "platform": {
            "architecture": "${architecture}",
            "os": "linux"${variant === undefined ? '' : `,\n            "variant": "${variant}"`}
         }
      }`;
  const list = `{
   "schemaVersion": 2,
   "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
   "manifests": [
${[
  entry(2094, '7820f9a86d4ad15a2c4f0c0e5479298df2aa7c2f6871288e2ef8546f3e7b6783', 'ppc64le'),
  entry(1922, 'ae1b0e06e8ade3a11267564a26e750585ba2259c0ecab59ab165ad1af41d1bdd', 'amd64'),
  entry(2084, 'e4c0df75810b953d6717b8f8f28298d73870e8aa2a0d5e77b8391f16fdfbbbe2', 's390x'),
  entry(2084, '07ebe243465ef4a667b78154ae6c3ea46fdb1582936aac3ac899ea311a701b40', 'arm', 'v7'),
  entry(2090, 'fb2fc0707b86dafa9959fe3d29e66af8787aee4d9a23581714be65db4265ad8a', 'arm64', 'v8'),
].join(',\n')}
   ]
}`;
  const layer = (size: number, hex: string): string => `      {
         "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
         "size": ${size},
         "digest": "sha256:${hex}"
      }`;
  const manifest = `{
   "schemaVersion": 2,
   "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
   "config": {
      "mediaType": "application/octet-stream",
      "size": 3210,
      "digest": "sha256:5359a4f250650c20227055957e353e8f8a74152f35fe36f00b6b1f9fc19c8861"
   },
   "layers": [
${[
  layer(2310272, 'fae91920dcd4542f97c9350b3157139a5d901362c2abec284de5ebd1b45b4957'),
  layer(913022, 'f384f6ab36adad485192f09379c0b58dc612a3cde82c551e082a7c29a87c95da'),
  layer(9861668, 'ed0d2dd5e1a0e5e650a330a864c8a122e9aa91fa6ba9ac6f0bd1882e59df55e7'),
  layer(465, 'ec4d00b58417c45f7ddcfde7bcad8c9d62a7d6d5d17cdc1f7d79bcb2e22c1491'),
].join(',\n')}
   ]
}`;

  it('reads the manifest list', () => {
    expect(sha256(list)).toBe('sha256:4ffd0883f25635999f04ea543240a27c9a4341979ff7d46a9774f71512eebb1f');
    const parsed = parse(list, MEDIA_TYPES.dockerManifestList);
    expect(parsed).toMatchObject({ form: 'index', mediaType: MEDIA_TYPES.dockerManifestList, problems: [] });
    expect(parsed.form === 'index' && parsed.manifests.map((child) => child.platform?.variant)).toEqual([
      undefined,
      undefined,
      undefined,
      'v7',
      'v8',
    ]);
  });

  it('reads the manifest', () => {
    expect(sha256(manifest)).toBe('sha256:888206c77cd2811ec47e752ba291e5b7734e3ef137dfd222daadaca39a9f17bc');
    const parsed = parse(manifest, MEDIA_TYPES.dockerManifest);
    expect(parsed).toMatchObject({ form: 'manifest', mediaType: MEDIA_TYPES.dockerManifest, problems: [] });
    expect(parsed.form === 'manifest' && parsed.layers.map((descriptor) => descriptor.size)).toEqual([
      2310272, 913022, 9861668, 465,
    ]);
  });
});

describe('the type of a document', () => {
  it('is the expected one without parameters, else its own, else the one of its structure', () => {
    const untyped = { schemaVersion: 2, config: CONFIG, layers: [] };
    expect(parse(MANIFEST, `${MEDIA_TYPES.manifest}; charset=utf-8`)).toMatchObject({
      mediaType: MEDIA_TYPES.manifest,
      problems: [],
    });
    expect(parse(MANIFEST)).toMatchObject({
      mediaType: MEDIA_TYPES.manifest,
      documentMediaType: MEDIA_TYPES.manifest,
    });
    expect(parse(untyped, MEDIA_TYPES.dockerManifest)).toMatchObject({
      mediaType: MEDIA_TYPES.dockerManifest,
      problems: [],
    });
    expect(parse(untyped)).toMatchObject({ mediaType: MEDIA_TYPES.manifest, problems: [] });
    expect(parse(untyped)).not.toHaveProperty('documentMediaType');
    expect(parse({ schemaVersion: 2, manifests: [] }, 'application/json')).toMatchObject({
      form: 'index',
      mediaType: MEDIA_TYPES.index,
      problems: [],
    });
  });

  it('is flagged when expectation and document differ, and stays readable (V9)', () => {
    const parsed = parse(MANIFEST, MEDIA_TYPES.dockerManifest);
    expect(parsed).toMatchObject({
      form: 'manifest',
      mediaType: MEDIA_TYPES.dockerManifest,
      problems: [{ code: 'MEDIA_TYPE_MISMATCH' }],
    });
    expect(verdict(MANIFEST, MEDIA_TYPES.index)).toEqual(['MEDIA_TYPE_MISMATCH']);
    expect(verdict(MANIFEST, 'application/json')).toEqual(['MEDIA_TYPE_MISMATCH']);
  });

  it('is flagged when it contradicts the structure, which wins', () => {
    const parsed = parse({ schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, manifests: [CHILD] });
    expect(parsed).toMatchObject({
      form: 'index',
      mediaType: MEDIA_TYPES.index,
      problems: [{ code: 'MEDIA_TYPE_MISMATCH' }],
    });
    expect(verdict({ schemaVersion: 2, config: CONFIG, layers: [] }, MEDIA_TYPES.index)).toEqual([
      'MEDIA_TYPE_MISMATCH',
    ]);
  });

  it('differs in case and parameters without being flagged', () => {
    expect(
      verdict(
        { ...MANIFEST, mediaType: 'APPLICATION/vnd.oci.image.manifest.v1+json; x=y' },
        MEDIA_TYPES.manifest,
      ),
    ).toEqual([]);
  });

  it('is never guessed for a document of neither structure nor type (V11)', () => {
    for (const document of [{}, { schemaVersion: 2 }, { errors: [] }, { mediaType: 'application/json' }]) {
      expect(() => parse(document)).toThrow(
        expect.objectContaining({
          code: 'MALFORMED',
          message: expect.stringContaining('neither a manifest nor an index'),
        }),
      );
    }
  });
});

describe('a document with two readings', () => {
  it.each([
    ['manifests and layers', { ...MANIFEST, manifests: [CHILD] }],
    ['manifests and layers, both empty', { schemaVersion: 2, manifests: [], layers: [] }],
    ['manifests and config', { ...INDEX, config: CONFIG }],
    ['manifests and null layers', { ...INDEX, layers: null }],
    ['fsLayers and layers', { ...MANIFEST, fsLayers: [] }],
    ['fsLayers and manifests', { ...INDEX, fsLayers: [] }],
    ['blobs and layers', { ...MANIFEST, blobs: [] }],
    ['Layers beside layers', { ...MANIFEST, Layers: [] }],
    ['Manifests in a manifest', { ...MANIFEST, Manifests: [CHILD] }],
    ['mediatype beside mediaType', { ...MANIFEST, mediatype: MEDIA_TYPES.index }],
    ['ſubject, which Go reads as subject', { ...MANIFEST, ſubject: SUBJECT }],
    ['a name twice', '{"schemaVersion":2,"layers":[],"layers":[]}'],
    [
      'a name twice in an annotation',
      '{"schemaVersion":2,"manifests":[],"annotations":{"a":"1","\\u0061":"2"}}',
    ],
  ])('is refused whole: %s', (_what, document) => {
    for (const expected of [undefined, ...MANIFEST_MEDIA_TYPES])
      expect(verdict(document, expected)).toEqual(['AMBIGUOUS']);
  });

  it('is not one with fields that only look alike', () => {
    expect(verdict({ ...MANIFEST, 'x-layers': [], layerz: 1, blobs: 'none' })).toEqual([]);
  });
});

describe('withdrawn artifact manifests', () => {
  it.each([MEDIA_TYPES.ociArtifactManifest, MEDIA_TYPES.orasArtifactManifest])(
    '%s has blobs for layers, no config and no schema version',
    (mediaType) => {
      const parsed = parse({
        mediaType,
        artifactType: 'application/vnd.example.scan.v0',
        blobs: [LAYER],
        subject: SUBJECT,
      });
      expect(parsed).toMatchObject({
        form: 'manifest',
        mediaType,
        problems: [],
        subject: SUBJECT,
        layers: [LAYER],
      });
      expect(parsed).not.toHaveProperty('config');
    },
  );

  it('may have neither blobs nor subject', () => {
    expect(parse({ mediaType: MEDIA_TYPES.ociArtifactManifest })).toMatchObject({
      form: 'manifest',
      layers: [],
      problems: [],
    });
  });
});

describe('Docker schema 1', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  it('names its layers by digest alone, as often as it repeats them', () => {
    const document = {
      schemaVersion: 1,
      architecture: 'amd64',
      fsLayers: [{ blobSum: digest }, { blobSum: digest }],
      history: [],
      signatures: [],
    };
    expect(parse(document, MEDIA_TYPES.dockerSchema1Signed)).toMatchObject({
      form: 'schema-1',
      mediaType: MEDIA_TYPES.dockerSchema1Signed,
      layerDigests: [digest, digest],
      architecture: 'amd64',
      signed: true,
      problems: [],
    });
    expect(parse({ schemaVersion: 1, fsLayers: [] })).toMatchObject({
      mediaType: MEDIA_TYPES.dockerSchema1,
      signed: false,
      problems: [],
    });
  });

  it('is flagged with entries that are no digest', () => {
    expect(
      parse({ schemaVersion: 1, fsLayers: [{ blobSum: digest }, null, { blobSum: 'x' }] }),
    ).toMatchObject({ layerDigests: [digest], problems: [{}, {}] });
    expect(verdict({ schemaVersion: 2, fsLayers: {} })).toEqual(['MALFORMED', 'MALFORMED']);
  });
});

describe('parseManifest', () => {
  it('refuses what is no JSON object', () => {
    for (const document of ['null', '[]', '"x"', '7', '<html></html>', ''])
      expect(verdict(document)).toEqual(['MALFORMED']);
  });

  it('keeps unknown fields and never changes a prototype', () => {
    const document =
      '{"schemaVersion":2,"manifests":[],"x-vendor":{"a":[1,{"b":null}]},"__proto__":{"polluted":true}}';
    const parsed = parse(document);
    expect(parsed.document['x-vendor']).toEqual({ a: [1, { b: null }] });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(parsed.problems).toEqual([]);
  });

  it('takes no field from a prototype', () => {
    expect(() => parse('{"__proto__":{"manifests":[],"schemaVersion":2}}')).toThrow(
      'neither a manifest nor an index',
    );
    expect(
      parse('{"schemaVersion":2,"manifests":[],"__proto__":{"artifactType":"a/b"}}').artifactType,
    ).toBeUndefined();
  });

  it('keeps so many problems and says how many more there are', () => {
    const { problems } = parse({
      ...INDEX,
      manifests: Array.from({ length: MANIFEST_PROBLEM_LIMIT + 3 }, () => null),
    });
    expect(problems).toHaveLength(MANIFEST_PROBLEM_LIMIT + 1);
    expect(problems.at(-1)).toMatchObject({
      code: 'LIMIT',
      message: 'There are 3 more problems in this document.',
    });
  });

  it('reads an index of 22,000 entries (4 MiB) whole', () => {
    const manifests = Array.from({ length: 22_000 }, (_, index) => ({
      ...CHILD,
      digest: sha256(String(index)),
      platform: { os: 'linux', architecture: 'amd64' },
    }));
    const parsed = parse({ ...INDEX, manifests });
    expect(parsed.problems).toEqual([]);
    expect(parsed.form === 'index' && parsed.manifests.length).toBe(22_000);
  });

  it('throws nothing but a TallymanError and lists nothing but sound descriptors, whatever values the fields have', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(CONFIG, LAYER, [LAYER], [LAYER, null], { ...LAYER, size: -1 }, MEDIA_TYPES.index),
    );
    const name = fc.constantFrom(
      'schemaVersion',
      'mediaType',
      'artifactType',
      'config',
      'layers',
      'blobs',
      'manifests',
      'subject',
      'annotations',
      'fsLayers',
      'Layers',
    );
    fc.assert(
      fc.property(
        fc.dictionary(name, value),
        fc.option(fc.constantFrom(...MANIFEST_MEDIA_TYPES, 'x'), { nil: undefined }),
        (document, expected) => {
          let parsed: ParsedManifest;
          try {
            parsed = parse(document, expected);
          } catch (error) {
            expect(error).toBeInstanceOf(TallymanError);
            return;
          }
          const listed =
            parsed.form === 'index' ? parsed.manifests : parsed.form === 'manifest' ? parsed.layers : [];
          for (const { size, digest } of listed) {
            expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
            expect(digest).toMatch(/^[a-z0-9+._-]+:[\w=-]+$/);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
