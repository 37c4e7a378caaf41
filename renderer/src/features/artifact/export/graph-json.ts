import type { GraphEdge, GraphLookup, GraphSummary } from '../../../../../shared/contract/graph.ts';
import type { PictureSource } from '../model/picture-source.ts';
import type { GraphModel } from '../model/graph-model.ts';

/**
 * The graph as `tallyman graph --json` prints it: `{ root, nodes, edges }` with configs and layers among the nodes; roots,
 * lookups and limits only where they hold something.
 */
export function graphJson(
  source: PictureSource,
  edges: Iterable<GraphEdge>,
  lookups: GraphModel['lookups'],
  summary: GraphSummary | undefined,
): string {
  const limits = summary?.limits ?? [];
  const failed: readonly GraphLookup[] = [...lookups.values()];
  const output = {
    root: source.roots[0] ?? null,
    nodes: [...source.nodes.values()].map((node) => ({
      digest: node.digest,
      mediaType: node.mediaType,
      artifactType: node.artifactType ?? null,
      size: node.size,
      kind: node.kind,
      ...(node.predicateType === undefined ? {} : { predicateType: node.predicateType }),
      tags: node.tags,
      state: node.state,
      ...(node.error === undefined ? {} : { error: node.error }),
    })),
    edges: [...edges].map(({ from, to, via }) => ({ from, to, via })),
    ...(source.roots.length === 0 ? {} : { roots: source.roots }),
    ...(failed.length === 0 ? {} : { lookups: failed }),
    ...(limits.length === 0 ? {} : { limits }),
  };
  return `${JSON.stringify(output, null, 2)}\n`;
}
