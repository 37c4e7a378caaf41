import type { NodeKind } from '../contract/graph-words.ts';

const NAMES: Readonly<Record<NodeKind, string>> = {
  image: 'Image',
  index: 'Image index',
  'sbom-spdx': 'SBOM · SPDX',
  'sbom-cyclonedx': 'SBOM · CycloneDX',
  'signature-cosign': 'Cosign signature',
  'signature-notation': 'Notation signature',
  'sigstore-bundle': 'Sigstore bundle',
  attestation: 'Attestation',
  sarif: 'SARIF report',
  'helm-chart': 'Helm chart',
  wasm: 'WASM',
  config: 'Config',
  layer: 'Layer',
  other: 'Artifact',
};

/** What a kind of node is called where there is nothing more to say about the node: clusters, filters, legends. */
export function kindName(kind: NodeKind): string {
  return NAMES[kind];
}
