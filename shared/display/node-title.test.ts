import { describe, expect, it } from 'vitest';
import { EDGE_VIAS, NODE_KINDS } from '../contract/graph-words.ts';
import { MEDIA_TYPES } from '../oci/media-types.ts';
import { kindName } from './kind-name.ts';
import { nodeTitle, type TitledNode } from './node-title.ts';
import { predicateName } from './predicate-name.ts';
import { viaName } from './via-name.ts';

function title(node: Partial<TitledNode>): string {
  return nodeTitle({ kind: 'other', mediaType: MEDIA_TYPES.manifest, ...node });
}

describe('nodeTitle', () => {
  it.each<readonly [string, Partial<TitledNode>]>([
    ['linux/arm64/v8', { kind: 'image', platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }],
    ['Image', { kind: 'image' }],
    ['Image', { kind: 'image', platform: { os: '', architecture: '' } }],
    ['Image index', { kind: 'index', mediaType: MEDIA_TYPES.index }],
    [
      'application/vnd.example+type',
      { kind: 'index', mediaType: MEDIA_TYPES.index, artifactType: 'application/vnd.example+type' },
    ],
    ['SBOM · SPDX', { kind: 'sbom-spdx', artifactType: MEDIA_TYPES.spdxJson }],
    ['SBOM · CycloneDX', { kind: 'sbom-cyclonedx' }],
    ['Cosign signature', { kind: 'signature-cosign' }],
    ['Notation signature', { kind: 'signature-notation' }],
    ['SARIF report', { kind: 'sarif' }],
    ['WASM', { kind: 'wasm' }],
    ['Helm chart', { kind: 'helm-chart' }],
    [
      'Helm chart 1.8.2',
      { kind: 'helm-chart', annotations: { 'org.opencontainers.image.version': '1.8.2' } },
    ],
    ['Sigstore bundle', { kind: 'sigstore-bundle' }],
    ['Cosign signature', { kind: 'sigstore-bundle', predicateType: 'https://sigstore.dev/cosign/sign/v1' }],
    ['SLSA provenance', { kind: 'sigstore-bundle', predicateType: 'https://slsa.dev/provenance/v1' }],
    ['SLSA provenance', { kind: 'attestation', predicateType: 'https://slsa.dev/provenance/v0.2' }],
    ['SBOM attestation · SPDX', { kind: 'attestation', predicateType: 'https://spdx.dev/Document' }],
    [
      'SBOM attestation · CycloneDX',
      { kind: 'sigstore-bundle', predicateType: 'https://cyclonedx.org/bom/v1.6' },
    ],
    ['VEX', { kind: 'attestation', predicateType: 'https://openvex.dev/ns/v0.2.0' }],
    [
      'Vulnerability scan',
      { kind: 'sigstore-bundle', predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1' },
    ],
    [
      'Custom attestation',
      { kind: 'sigstore-bundle', predicateType: 'https://cosign.sigstore.dev/attestation/v1' },
    ],
    [
      'Test result',
      { kind: 'attestation', predicateType: 'https://in-toto.io/attestation/test-result/v0.1' },
    ],
    ['Attestation', { kind: 'attestation' }],
    [
      'Attestation · https://harbour.example/approval/v1',
      { kind: 'attestation', predicateType: 'https://harbour.example/approval/v1' },
    ],
    ['Image config', { kind: 'config', mediaType: MEDIA_TYPES.dockerImageConfig }],
    ['Empty config', { kind: 'config', mediaType: MEDIA_TYPES.empty }],
    ['Config', { kind: 'config', mediaType: MEDIA_TYPES.helmConfig }],
    ['Layer', { kind: 'layer', mediaType: MEDIA_TYPES.layerTarGzip }],
    ['Empty layer', { kind: 'layer', mediaType: MEDIA_TYPES.empty }],
    [
      'sbom.spdx.json',
      { kind: 'layer', annotations: { 'org.opencontainers.image.title': 'sbom.spdx.json' } },
    ],
    [
      'application/vnd.example.scan.v0',
      { artifactType: 'application/vnd.example.scan.v0', configMediaType: MEDIA_TYPES.empty },
    ],
    ['application/vnd.unknown.config.v1+json', { configMediaType: 'application/vnd.unknown.config.v1+json' }],
    [MEDIA_TYPES.manifest, { configMediaType: MEDIA_TYPES.empty }],
    [MEDIA_TYPES.manifest, { configMediaType: MEDIA_TYPES.imageConfig }],
    ['text/plain', { mediaType: 'text/plain;q=1' }],
    ['Artifact', { mediaType: '' }],
  ])('is “%s” for %j', (expected, node) => {
    expect(title(node)).toBe(expected);
  });

  it('shows every foreign part safely', () => {
    const hostile = 'a\u202Eb\u001b';
    const shown = 'a⟨U+202E⟩b⟨U+001B⟩';
    for (const node of [
      { artifactType: hostile },
      { configMediaType: hostile },
      { mediaType: hostile },
      { kind: 'index', artifactType: hostile },
      { kind: 'attestation', predicateType: hostile },
      { kind: 'image', platform: { os: hostile, architecture: 'x' } },
      { kind: 'layer', annotations: { 'org.opencontainers.image.title': hostile } },
      { kind: 'helm-chart', annotations: { 'org.opencontainers.image.version': hostile } },
    ] as const) {
      expect(title(node)).toContain(shown);
    }
  });

  it('takes no title from a prototype', () => {
    const annotations = Object.create({ 'org.opencontainers.image.title': 'inherited' }) as Record<
      string,
      string
    >;
    expect(title({ kind: 'layer', annotations })).toBe('Layer');
  });
});

describe('names', () => {
  it('exist for every kind and every way an edge is found, each its own', () => {
    expect(new Set(NODE_KINDS.map(kindName)).size).toBe(NODE_KINDS.length);
    expect(EDGE_VIAS.map(viaName)).toEqual([
      'child',
      'config',
      'layer',
      'referrers API',
      'fallback tag',
      'cosign tag',
      'BuildKit',
      'layout link',
    ]);
  });

  it('of predicate types do not match what only begins alike', () => {
    expect(predicateName('https://slsa.dev/provenance')).toBe('SLSA provenance');
    expect(predicateName('https://slsa.dev/provenancex')).toBe('https://slsa.dev/provenancex');
    expect(predicateName('https://slsa.dev.evil.example/provenance/v1')).toBe(
      'https://slsa.dev.evil.example/provenance/v1',
    );
    expect(predicateName('a\nb')).toBe('a⟨U+000A⟩b');
  });
});
