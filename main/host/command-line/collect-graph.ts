import type { GraphEdge, GraphLookup, GraphNode, GraphStep } from '../../../shared/contract/graph.ts';

/** A graph put together from the steps of a walk. */
export interface CollectedGraph {
  readonly add: (step: GraphStep) => void;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: Iterable<GraphEdge>;
  readonly lookups: readonly GraphLookup[];
  /** Edges that begin at a node, in the order of the document that states them. */
  from(digest: string): readonly GraphEdge[];
  /** Edges of what refers to a node, by the digest of the referrer. */
  referrersOf(digest: string): readonly GraphEdge[];
}

/** True when it goes from a referrer to its subject, false when from a parent to a child. */
export function isReferrerEdge({ via }: GraphEdge): boolean {
  return !via.some((each) => each === 'child' || each === 'config' || each === 'layer');
}

export function collectGraph(): CollectedGraph {
  const nodes = new Map<string, GraphNode>();
  const outgoing = new Map<string, Map<string, GraphEdge>>();
  const incoming = new Map<string, Map<string, GraphEdge>>();
  const lookups: GraphLookup[] = [];

  const put = (
    map: Map<string, Map<string, GraphEdge>>,
    first: string,
    second: string,
    edge: GraphEdge,
  ): void => {
    const edges = map.get(first) ?? new Map<string, GraphEdge>();
    map.set(first, edges.set(second, edge));
  };

  return {
    nodes,
    lookups,
    get edges() {
      return [...outgoing.values()].flatMap((edges) => [...edges.values()]);
    },
    add(step) {
      for (const node of step.nodes) nodes.set(node.digest, node);
      for (const edge of step.edges) {
        put(outgoing, edge.from, edge.to, edge);
        put(incoming, edge.to, edge.from, edge);
      }
      lookups.push(...step.lookups);
    },
    from: (digest) => [...(outgoing.get(digest)?.values() ?? [])],
    referrersOf: (digest) =>
      [...(incoming.get(digest)?.values() ?? [])]
        .filter(isReferrerEdge)
        .sort((left, right) => (left.from < right.from ? -1 : 1)),
  };
}

/** The digests of a graph in an order that does not depend on which answer came first: level by level from the roots. */
export function inOrder(graph: CollectedGraph, roots: readonly string[]): readonly string[] {
  const order = new Set<string>();
  let level: readonly string[] = roots;
  while (level.length > 0) {
    const next: string[] = [];
    for (const digest of level) {
      if (order.has(digest) || !graph.nodes.has(digest)) continue;
      order.add(digest);
      next.push(
        ...graph.from(digest).map(({ to }) => to),
        ...graph.referrersOf(digest).map(({ from }) => from),
      );
    }
    level = next;
  }
  // Everything hangs on a root; should something not, it is still shown.
  for (const digest of graph.nodes.keys()) order.add(digest);
  return [...order];
}
