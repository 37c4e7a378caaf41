import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import type { NodeKind, NodeState } from '../../../../../shared/contract/graph-words.ts';
import { formatSize } from '../../../../../shared/display/format-size.ts';
import { shortDigest } from '../../../../../shared/oci/digest.ts';
import type { Link } from './links.ts';

/** Digits of a digest on a card: enough to tell two cards apart; the whole one is in the inspector. */
const CARD_DIGITS = 8;

const BLOBS: ReadonlySet<NodeKind> = new Set(['config', 'layer']);
const PROBLEMS: ReadonlySet<NodeState> = new Set(['missing', 'damaged', 'refused', 'failed', 'limited']);
const SIGNATURES: ReadonlySet<NodeKind> = new Set([
  'signature-cosign',
  'signature-notation',
  'sigstore-bundle',
]);

/** True for configs and layers: content of a manifest, no document that the walk can descend into. */
export function isBlob(node: Pick<GraphNode, 'kind'>): boolean {
  return BLOBS.has(node.kind);
}

/** True for what claims to sign something. */
export function isSignature(kind: NodeKind): boolean {
  return SIGNATURES.has(kind);
}

/** True for states in which something is wrong, or could not be looked at. */
export function isProblem(state: NodeState): boolean {
  return PROBLEMS.has(state);
}

/** The digest as it stands on a card: without its algorithm, cut after a few digits. */
export function cardDigest(digest: string): string {
  return shortDigest(digest).slice(0, CARD_DIGITS);
}

/** Bytes of each manifest with its config and layers, each digest once; of anything else its own. */
export function totalSizes(
  nodes: ReadonlyMap<string, GraphNode>,
  links: readonly Link[],
): ReadonlyMap<string, number> {
  const totals = new Map([...nodes.values()].map((node) => [node.digest, node.size]));
  for (const link of links) {
    if (link.form !== 'content') continue;
    totals.set(link.left, (totals.get(link.left) ?? 0) + (nodes.get(link.right)?.size ?? 0));
  }
  return totals;
}

/** What the size on a card means, in words. */
export function sizeWords(node: GraphNode, total: number): string {
  if (total === node.size) return formatSize(node.size);
  return `${formatSize(total)} with config and layers (the manifest itself ${formatSize(node.size)})`;
}
