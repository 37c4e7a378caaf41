import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NODE_KINDS } from '../../shared/contract/graph-words.ts';
import { EMPTY_DESCRIPTOR } from '../../shared/oci/empty-descriptor.ts';
import { parseManifest, type ParsedManifest } from '../../shared/oci/manifest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { blobOf, readLayoutFixtures } from '../testing/fixture-blobs.ts';
import { imageManifest } from '../testing/memory-target.ts';
import { fixtures } from '../testing/surroundings.ts';
import { recognise } from './recognise.ts';

const corpus = fixtures();

function parsed(document: object): ParsedManifest {
  return parseManifest(Buffer.from(JSON.stringify(document)));
}

const typed = (mediaType: string, annotations?: Record<string, string>): object => ({
  ...EMPTY_DESCRIPTOR,
  mediaType,
  ...(annotations === undefined ? {} : { annotations }),
});
const manifest = (fields: object): ParsedManifest =>
  parsed(imageManifest({ config: EMPTY_DESCRIPTOR, layers: [], ...fields }));

describe('recognise', () => {
  it.each([
    ['an SPDX SBOM by its artifactType', { artifactType: 'application/spdx+json' }, 'sbom-spdx'],
    ['an SPDX SBOM by its layer', { layers: [typed('text/spdx+json')] }, 'sbom-spdx'],
    ['a CycloneDX SBOM', { artifactType: 'application/vnd.cyclonedx+json' }, 'sbom-cyclonedx'],
    [
      'a CycloneDX SBOM in XML under an image config, as cosign attaches it',
      { config: typed(MEDIA_TYPES.imageConfig), layers: [typed('application/vnd.cyclonedx+xml')] },
      'sbom-cyclonedx',
    ],
    ['a SARIF report', { artifactType: 'application/sarif+json' }, 'sarif'],
    [
      'a classic cosign signature, although it has an image config',
      { config: typed(MEDIA_TYPES.imageConfig), layers: [typed(MEDIA_TYPES.cosignSimpleSigning)] },
      'signature-cosign',
    ],
    [
      'a cosign signature in the OCI 1.1 form',
      { artifactType: MEDIA_TYPES.cosignSignature },
      'signature-cosign',
    ],
    [
      'a notation signature, whose type is only in its config',
      { config: typed(MEDIA_TYPES.notationSignature), layers: [typed('application/jose+json')] },
      'signature-notation',
    ],
    ['a sigstore bundle', { artifactType: MEDIA_TYPES.sigstoreBundle }, 'sigstore-bundle'],
    [
      'a sigstore bundle in its older spelling',
      { artifactType: 'application/vnd.dev.sigstore.bundle+json;version=0.3' },
      'sigstore-bundle',
    ],
    [
      'an attestation in a DSSE envelope',
      { config: typed(MEDIA_TYPES.imageConfig), layers: [typed(MEDIA_TYPES.dsseEnvelope)] },
      'attestation',
    ],
    [
      'a BuildKit attestation',
      { config: typed(MEDIA_TYPES.imageConfig), layers: [typed(MEDIA_TYPES.inToto)] },
      'attestation',
    ],
    [
      'a Helm chart',
      { config: typed(MEDIA_TYPES.helmConfig), layers: [typed(MEDIA_TYPES.helmChart)] },
      'helm-chart',
    ],
    ['a WASM artifact', { config: typed(MEDIA_TYPES.wasmConfig), layers: [typed(MEDIA_TYPES.wasm)] }, 'wasm'],
    [
      'an image',
      { config: typed(MEDIA_TYPES.imageConfig), layers: [typed(MEDIA_TYPES.layerTarGzip)] },
      'image',
    ],
    ['a Docker image', { config: typed(MEDIA_TYPES.dockerImageConfig) }, 'image'],
    [
      'nothing in an image config with an artifactType of its own',
      { config: typed(MEDIA_TYPES.imageConfig), artifactType: 'application/vnd.acme.thing' },
      'other',
    ],
    ['nothing in a type of its own', { config: typed('application/vnd.acme.config.v1+json') }, 'other'],
  ])('recognises %s', (_, fields, kind) => {
    expect(recognise(manifest(fields)).kind).toBe(kind);
  });

  it('leaves an index an index, unless its artifactType says what it is', () => {
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] };
    expect(recognise(parsed(index)).kind).toBe('index');
    expect(recognise(parsed({ ...index, artifactType: 'application/vnd.acme.collection' })).kind).toBe(
      'index',
    );
    expect(recognise(parsed({ ...index, artifactType: 'application/sarif+json' })).kind).toBe('sarif');
  });

  it('never takes a withdrawn artifact manifest for an image', () => {
    const artifact = { mediaType: MEDIA_TYPES.ociArtifactManifest, blobs: [typed(MEDIA_TYPES.layerTarGzip)] };
    expect(recognise(parsed(artifact)).kind).toBe('other');
    expect(recognise(parsed({ ...artifact, artifactType: 'application/spdx+json' })).kind).toBe('sbom-spdx');
  });

  it('takes Docker schema 1 for an image', () => {
    expect(recognise(parsed({ schemaVersion: 1, fsLayers: [] })).kind).toBe('image');
  });

  it('reads the predicate type of a bundle from its annotation', () => {
    const annotations = { 'dev.sigstore.bundle.predicateType': 'https://slsa.dev/provenance/v1' };
    expect(recognise(manifest({ artifactType: MEDIA_TYPES.sigstoreBundle, annotations }))).toEqual({
      kind: 'sigstore-bundle',
      predicateType: 'https://slsa.dev/provenance/v1',
      predicateTypes: ['https://slsa.dev/provenance/v1'],
    });
  });

  it('reads the predicate types of an attestation from its layers, each once, in order', () => {
    const layers = [
      typed(MEDIA_TYPES.dsseEnvelope, { predicateType: 'https://spdx.dev/Document' }),
      typed(MEDIA_TYPES.inToto, { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' }),
      typed(MEDIA_TYPES.dsseEnvelope, { predicateType: 'https://spdx.dev/Document' }),
      typed(MEDIA_TYPES.dsseEnvelope),
    ];
    expect(recognise(manifest({ layers }))).toMatchObject({
      predicateType: 'https://spdx.dev/Document',
      predicateTypes: ['https://spdx.dev/Document', 'https://slsa.dev/provenance/v0.2'],
    });
  });

  it('answers with a known kind for any types and annotations', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', 'spdx', MEDIA_TYPES.imageConfig, MEDIA_TYPES.inToto),
    );
    fc.assert(
      fc.property(
        fc.option(text),
        text,
        fc.array(text),
        fc.dictionary(text, text),
        (artifactType, config, layers, annotations) => {
          const { kind } = recognise({
            form: 'manifest',
            mediaType: MEDIA_TYPES.manifest,
            ...(artifactType === null ? {} : { artifactType }),
            config: { ...EMPTY_DESCRIPTOR, mediaType: config },
            layers: layers.map((mediaType) => ({ ...EMPTY_DESCRIPTOR, mediaType, annotations })),
            annotations,
            problems: [],
            document: {},
          });
          expect(NODE_KINDS).toContain(kind);
        },
      ),
    );
  });

  it.skipIf(corpus === undefined)(
    'agrees with every truth file about every manifest (skipped without TALLYMAN_FIXTURES)',
    async () => {
      let seen = 0;
      for (const fixture of await readLayoutFixtures(path.join(corpus!, 'oci'))) {
        for (const node of fixture.truth.nodes ?? []) {
          const bytes = blobOf(fixture, node.digest);
          if (fixture.broken || node.role === 'blob' || bytes === undefined) continue;
          seen += 1;
          expect(
            recognise(parseManifest(bytes, node.mediaType ?? undefined)).kind,
            `${fixture.name} ${node.digest}`,
          ).toBe(node.kind);
        }
      }
      expect(seen).toBeGreaterThan(0);
    },
  );
});
