import type { EdgeWays } from './edge-ways.ts';
import type { WalkNode } from './walk-node.ts';

export interface WalkEdge {
  readonly from: WalkNode;
  readonly to: WalkNode;
  ways: EdgeWays;
  /** True when it goes from a referrer to its subject (also, where it does both): whoever has the subject has the referrer. */
  isReferrer: boolean;
}

/** From this many edges on, finding one by looking at each would be slow. */
const INDEXED_FROM = 32;

/** Edges that begin at one node, in the order in which they were found. Most nodes have few, so that a list is enough. */
export class EdgeList {
  readonly edges: WalkEdge[] = [];
  #byEnd: Map<WalkNode, WalkEdge> | undefined;

  find(to: WalkNode): WalkEdge | undefined {
    return this.#byEnd === undefined ? this.edges.find((edge) => edge.to === to) : this.#byEnd.get(to);
  }

  add(edge: WalkEdge): void {
    this.edges.push(edge);
    if (this.#byEnd !== undefined) this.#byEnd.set(edge.to, edge);
    else if (this.edges.length > INDEXED_FROM)
      this.#byEnd = new Map(this.edges.map((each) => [each.to, each]));
  }
}
