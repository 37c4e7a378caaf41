import type { EdgeVia } from '../../../../../shared/contract/graph-words.ts';
import type { GraphModel } from './graph-model.ts';
import { isReferrerVia } from './links.ts';
import { isBlob, isProblem } from './node-facts.ts';

/** What the header says of a graph. */
export interface GraphCounts {
  /** Manifests and indexes: what has a card. */
  readonly manifests: number;
  /** Configs and layers. */
  readonly blobs: number;
  /** The ways in which attached things were found. */
  readonly sources: readonly EdgeVia[];
  /** Bytes of every node, each digest once. */
  readonly size: number;
  /** Nodes that could not be read as they should be. */
  readonly problems: number;
}

/** Counts a graph as far as it is known. */
export function countGraph(model: GraphModel): GraphCounts {
  let manifests = 0;
  let blobs = 0;
  let size = 0;
  let problems = 0;
  for (const node of model.nodes.values()) {
    if (isBlob(node)) blobs += 1;
    else manifests += 1;
    size += node.size;
    if (isProblem(node.state)) problems += 1;
  }
  const sources = new Set<EdgeVia>();
  for (const edge of model.edges.values())
    for (const via of edge.via) if (isReferrerVia(via)) sources.add(via);
  return { manifests, blobs, sources: [...sources], size, problems };
}
