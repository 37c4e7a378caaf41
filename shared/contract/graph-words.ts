// The closed sets of words of a graph. Apart from their schemas, because the window uses the words and carries no zod.

/** What a node *is*; the words of the truth files. `config` and `layer` are blobs named by their role. */
export const NODE_KINDS = [
  'image',
  'index',
  'sbom-spdx',
  'sbom-cyclonedx',
  'signature-cosign',
  'signature-notation',
  'sigstore-bundle',
  'attestation',
  'sarif',
  'helm-chart',
  'wasm',
  'config',
  'layer',
  'other',
] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

/**
 * What is known about a node's bytes.
 * - `ok`: read, and the digest matches
 * - `unchecked`: named by its parent, not read
 * - `missing`: named, and the place does not hold it
 * - `damaged`: size or digest of the bytes differ from the descriptor
 * - `refused`: the bytes are right, the document is malformed or ambiguous; what could be read of it is shown, flagged
 * - `failed`: could not look (network, rights, disk)
 * - `limited`: not read because a limit of the walk was reached
 * - `pending`: being read; never in a finished graph
 */
export const NODE_STATES = [
  'ok',
  'unchecked',
  'missing',
  'damaged',
  'refused',
  'failed',
  'limited',
  'pending',
] as const;
export type NodeState = (typeof NODE_STATES)[number];

/** How an edge was found. The first three go from parent to child, the others from referrer to subject. */
export const EDGE_VIAS = [
  'child',
  'config',
  'layer',
  'referrers-api',
  'fallback-tag',
  'cosign-tag',
  'buildkit-attestation',
  'layout-link',
] as const;
export type EdgeVia = (typeof EDGE_VIAS)[number];
