import type { EdgeVia, NodeKind } from '../../shared/contract/graph-words.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { EdgeList, type WalkEdge } from './edge-list.ts';
import { NO_WAYS, wayBit } from './edge-ways.ts';
import { createWalkNode, type WalkNode } from './walk-node.ts';

/** How a parent names a child; every other way goes from a referrer to its subject. */
export type ContainmentVia = 'child' | 'config' | 'layer';
export type ReferrerVia = Exclude<EdgeVia, ContainmentVia>;

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

export function createGrowingGraph(
  guess: (descriptor: Descriptor) => NodeKind,
  listener: GraphListener,
): GrowingGraph {
  const nodes = new Map<Digest, WalkNode>();
  const edgeLists = new Map<WalkNode, EdgeList>();
  const referrers = new Map<WalkNode, WalkEdge[]>();
  const none: readonly WalkEdge[] = [];

  const anchor = (root: WalkNode): void => {
    const stack = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.anchored) continue;
      node.anchored = true;
      listener.anchored(node);
      for (const edge of edgeLists.get(node)?.edges ?? none) {
        if (edge.to.anchored) listener.edgeChanged(edge);
        else stack.push(edge.to);
      }
      for (const edge of referrers.get(node) ?? none) {
        if (edge.from.anchored) listener.edgeChanged(edge);
        else stack.push(edge.from);
      }
    }
  };

  const edgeBetween = (from: WalkNode, to: WalkNode): WalkEdge => {
    const list = edgeLists.get(from) ?? new EdgeList();
    edgeLists.set(from, list);
    const known = list.find(to);
    if (known !== undefined) return known;
    const edge: WalkEdge = { from, to, ways: NO_WAYS, isReferrer: false };
    list.add(edge);
    return edge;
  };

  const link = (from: WalkNode, to: WalkNode, via: EdgeVia | undefined, isReferrer: boolean): void => {
    const edge = edgeBetween(from, to);
    const ways = via === undefined ? edge.ways : edge.ways | wayBit(via);
    if (ways === edge.ways && ways !== NO_WAYS && (edge.isReferrer || !isReferrer)) return;
    edge.ways = ways;
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
      return allEdges(edgeLists.values());
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
    edgesFrom: (node) => edgeLists.get(node)?.edges ?? none,
    referrersOf: (node) => referrers.get(node) ?? none,
  };
}

function* allEdges(lists: Iterable<EdgeList>): Generator<WalkEdge> {
  for (const { edges } of lists) yield* edges;
}
