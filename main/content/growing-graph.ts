import type { EdgeVia, NodeKind } from '../../shared/contract/graph.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { createWalkNode, type WalkNode } from './walk-node.ts';

/** How a parent names a child; every other way goes from a referrer to its subject. */
export type ContainmentVia = 'child' | 'config' | 'layer';
export type ReferrerVia = Exclude<EdgeVia, ContainmentVia>;

export interface WalkEdge {
  readonly from: WalkNode;
  readonly to: WalkNode;
  readonly via: Set<EdgeVia>;
  /** True when it goes from a referrer to its subject (also, where it does both): whoever has the subject has the referrer. */
  isReferrer: boolean;
}

export interface GraphListener {
  /** A node became part of the graph: it hangs on a root by edges that hold. Must not change the graph itself. */
  anchored(node: WalkNode): void;
  /** An edge appeared, or was found one more way, and both its ends are part of the graph. */
  edgeChanged(edge: WalkEdge): void;
}

/**
 * Nodes and edges while a walk finds them. A node belongs to the graph (is *anchored*) as soon as it is a root, is named by
 * a node of the graph, or refers to one; until then it is only somebody's claim, and not shown.
 */
export interface GrowingGraph {
  readonly nodes: ReadonlyMap<Digest, WalkNode>;
  readonly edges: Iterable<WalkEdge>;
  /** The node of a digest, made when it is new. */
  ensure(digest: Digest, descriptor: Descriptor | undefined): WalkNode;
  /** Makes a node a root of the graph. */
  anchor(node: WalkNode): void;
  /** Adds what a parent names. */
  contain(from: WalkNode, to: WalkNode, via: ContainmentVia): void;
  /** Adds that `from` refers to `to`, and how that was found; without a way it is only what the referrer itself says. */
  refer(from: WalkNode, to: WalkNode, via?: ReferrerVia): void;
  /** Edges that begin at a node, in the order in which they were found. */
  edgesFrom(node: WalkNode): readonly WalkEdge[];
  /** Edges of referrers that end at a node. */
  referrersOf(node: WalkNode): readonly WalkEdge[];
}

export function createGrowingGraph(guess: (descriptor: Descriptor) => NodeKind, listener: GraphListener): GrowingGraph {
  const nodes = new Map<Digest, WalkNode>();
  const edges = new Map<WalkNode, Map<WalkNode, WalkEdge>>();
  const referrers = new Map<WalkNode, WalkEdge[]>();
  const none: readonly WalkEdge[] = [];

  const edgesFrom = (node: WalkNode): readonly WalkEdge[] => {
    const byEnd = edges.get(node);
    return byEnd === undefined ? none : [...byEnd.values()];
  };

  const anchor = (root: WalkNode): void => {
    const stack = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.anchored) continue;
      node.anchored = true;
      listener.anchored(node);
      for (const edge of edges.get(node)?.values() ?? []) {
        if (edge.to.anchored) listener.edgeChanged(edge);
        else stack.push(edge.to);
      }
      for (const edge of referrers.get(node) ?? []) {
        if (edge.from.anchored) listener.edgeChanged(edge);
        else stack.push(edge.from);
      }
    }
  };

  const link = (from: WalkNode, to: WalkNode, via: EdgeVia | undefined, isReferrer: boolean): void => {
    const byEnd = edges.get(from) ?? new Map<WalkNode, WalkEdge>();
    edges.set(from, byEnd);
    const edge = byEnd.get(to) ?? { from, to, via: new Set<EdgeVia>(), isReferrer: false };
    const known = byEnd.has(to) && (via === undefined || edge.via.has(via)) && edge.isReferrer === (edge.isReferrer || isReferrer);
    if (known) return;
    byEnd.set(to, edge);
    if (via !== undefined) edge.via.add(via);
    if (isReferrer && !edge.isReferrer) {
      edge.isReferrer = true;
      const list = referrers.get(to);
      if (list === undefined) referrers.set(to, [edge]);
      else list.push(edge);
    }
    if (from.anchored) anchor(to);
    else if (to.anchored && isReferrer) anchor(from);
    if (from.anchored && to.anchored) listener.edgeChanged(edge);
  };

  return {
    nodes,
    get edges() {
      return allEdges(edges);
    },
    ensure(digest, descriptor) {
      const existing = nodes.get(digest);
      if (existing !== undefined) return existing;
      const node = createWalkNode(digest, descriptor, descriptor === undefined ? 'other' : guess(descriptor));
      nodes.set(digest, node);
      return node;
    },
    anchor,
    contain: (from, to, via) => link(from, to, via, false),
    refer: (from, to, via) => link(from, to, via, true),
    edgesFrom,
    referrersOf: (node) => referrers.get(node) ?? none,
  };
}

function* allEdges(edges: ReadonlyMap<WalkNode, ReadonlyMap<WalkNode, WalkEdge>>): Generator<WalkEdge> {
  for (const byEnd of edges.values()) yield* byEnd.values();
}
