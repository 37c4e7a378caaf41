import type { GraphEdge, GraphLookup, GraphNode, GraphSummary } from '../../../shared/contract/graph.ts';
import { type CollectedGraph, inOrder } from './collect-graph.ts';

/** What `tallyman graph --json` prints. The first three fields are always there; the others only when they hold something. */
export interface GraphOutput {
  /** Null for a layout whose index lists nothing. */
  readonly root: string | null;
  readonly nodes: readonly NodeOutput[];
  readonly edges: readonly GraphEdge[];
  readonly roots?: readonly string[];
  readonly lookups?: readonly GraphLookup[];
  readonly limits?: GraphSummary['limits'];
}

type NodeOutput = Pick<
  GraphNode,
  'digest' | 'mediaType' | 'size' | 'kind' | 'predicateType' | 'tags' | 'state' | 'error'
> & {
  readonly artifactType: string | null;
};

export function graphOutput(graph: CollectedGraph, summary: GraphSummary): GraphOutput {
  const { root, roots, limits } = summary;
  const order = inOrder(graph, roots);
  const { lookups } = graph;
  return {
    root: root === '' ? null : root,
    nodes: order.flatMap((digest) => toOutput(graph.nodes.get(digest))),
    edges: order.flatMap((digest) => graph.from(digest)).map(({ from, to, via }) => ({ from, to, via })),
    ...(roots.length === 0 ? {} : { roots }),
    ...(lookups.length === 0 ? {} : { lookups }),
    ...(limits.length === 0 ? {} : { limits }),
  };
}

function toOutput(node: GraphNode | undefined): NodeOutput[] {
  if (node === undefined) return [];
  const { digest, mediaType, artifactType, size, kind, predicateType, tags, state, error } = node;
  return [
    {
      digest,
      mediaType,
      artifactType: artifactType ?? null,
      size,
      kind,
      ...(predicateType === undefined ? {} : { predicateType }),
      tags,
      state,
      ...(error === undefined ? {} : { error }),
    },
  ];
}
