import type { TargetAddress } from '../../../shared/contract/common.ts';
import type { EdgeVia, GraphNode } from '../../../shared/contract/graph.ts';

/** How an edge to the inspected node was found, and what stands at its other end. */
export interface InspectedRelation {
  readonly node: GraphNode;
  readonly vias: readonly EdgeVia[];
}

/** What the inspector shows: enough to ask the services about it, and what the view around it already knows. */
export interface InspectedNode {
  readonly target: TargetAddress;
  readonly digest: string;
  readonly mediaType: string;
  /** Bytes of the node itself, as its parent or the place says. */
  readonly size: number;
  /** True for manifests and indexes, false for configs, layers and other blobs. */
  readonly manifest: boolean;
  /** The node of the graph, where one was walked. */
  readonly facts?: GraphNode;
  /** What the node is attached to, with the way that was found. */
  readonly subjects?: readonly InspectedRelation[];
  /** Manifests and indexes that name it. */
  readonly parents?: readonly InspectedRelation[];
  /** What is attached to it. */
  readonly referrers?: readonly InspectedRelation[];
  /** Nodes of the same picture: a link to one of them selects it instead of opening another view. */
  readonly known?: ReadonlyMap<string, GraphNode>;
  readonly select?: (digest: string) => void;
}
