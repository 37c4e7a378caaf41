import type { Digest } from '../../shared/oci/digest.ts';
import type { WalkEdge } from './edge-list.ts';
import type { GrowingGraph } from './growing-graph.ts';
import type { WalkNode } from './walk-node.ts';

export interface OrderedGraph {
  readonly nodes: readonly WalkNode[];
  readonly edges: readonly WalkEdge[];
}

/**
 * The finished graph in an order that does not depend on which answer came first: level by level from the roots, what a
 * manifest names in the order of the manifest, then its referrers by digest.
 */
export function orderGraph(graph: GrowingGraph, roots: readonly WalkNode[]): OrderedGraph {
  const seen = new Set<WalkNode>();
  const nodes: WalkNode[] = [];
  const edges: WalkEdge[] = [];
  let level = add(roots, seen);
  while (level.length > 0) {
    const next: WalkNode[] = [];
    for (const node of level) {
      nodes.push(node);
      const outgoing = sortOutgoing(graph.edgesFrom(node).filter((edge) => edge.to.anchored));
      edges.push(...outgoing);
      const referrers = graph.referrersOf(node).map((edge) => edge.from);
      next.push(
        ...add(
          [...outgoing.map((edge) => edge.to), ...referrers.filter((from) => from.anchored).sort(byDigest)],
          seen,
        ),
      );
    }
    level = next;
  }
  return { nodes, edges };
}

/** Shortest ways from the roots, along the edges that a walk follows. */
export function depths(graph: GrowingGraph, roots: readonly WalkNode[]): ReadonlyMap<Digest, number> {
  const result = new Map<Digest, number>();
  let level = [...roots];
  for (let depth = 0; level.length > 0; depth++) {
    const next: WalkNode[] = [];
    for (const node of level) {
      if (result.has(node.digest)) continue;
      result.set(node.digest, depth);
      for (const edge of graph.edgesFrom(node)) next.push(edge.to);
      for (const edge of graph.referrersOf(node)) next.push(edge.from);
    }
    level = next;
  }
  return result;
}

function add(nodes: readonly WalkNode[], seen: Set<WalkNode>): WalkNode[] {
  return nodes.filter((node) => !seen.has(node) && seen.add(node));
}

/** What a manifest contains stays in its order; whom it refers to follows by digest (one index can carry attestations of many). */
function sortOutgoing(edges: readonly WalkEdge[]): readonly WalkEdge[] {
  const contained = edges.filter((edge) => !edge.isReferrer);
  const subjects = edges.filter((edge) => edge.isReferrer).sort((left, right) => byDigest(left.to, right.to));
  return [...contained, ...subjects];
}

function byDigest(left: WalkNode, right: WalkNode): number {
  return left.digest < right.digest ? -1 : left.digest > right.digest ? 1 : 0;
}
