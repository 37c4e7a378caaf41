import type { GraphEdge, GraphLookup, GraphNode, GraphStep } from '../../../../../shared/contract/graph.ts';

/** Everything a walk has told so far. Never changed in place: a new value per batch, so that React can compare. */
export interface GraphModel {
  /** By digest, in the order of their first mention. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** By `edgeKey`, in the order of their first mention: children keep the order of their index. */
  readonly edges: ReadonlyMap<string, GraphEdge>;
  /** What could not be asked, by subject and source. */
  readonly lookups: ReadonlyMap<string, GraphLookup>;
  /** Requests still running or waiting. */
  readonly pending: number;
}

export const EMPTY_GRAPH: GraphModel = { nodes: new Map(), edges: new Map(), lookups: new Map(), pending: 0 };

/** Digests hold no blank, so one blank keeps the two apart. */
export function edgeKey(edge: { readonly from: string; readonly to: string }): string {
  return `${edge.from} ${edge.to}`;
}

/**
 * The model after some steps of the walk. Copies each map once per batch, so many steps in one batch cost no more than
 * one; applying the same steps in any split into batches gives an equal model.
 */
export function applySteps(model: GraphModel, steps: readonly GraphStep[]): GraphModel {
  const last = steps.at(-1);
  if (last === undefined) return model;
  const changesNodes = steps.some((step) => step.nodes.length > 0);
  const changesEdges = steps.some((step) => step.edges.length > 0);
  const changesLookups = steps.some((step) => step.lookups.length > 0);
  const nodes = changesNodes ? new Map(model.nodes) : model.nodes;
  const edges = changesEdges ? new Map(model.edges) : model.edges;
  const lookups = changesLookups ? new Map(model.lookups) : model.lookups;
  for (const step of steps) {
    for (const node of step.nodes) (nodes as Map<string, GraphNode>).set(node.digest, node);
    for (const edge of step.edges) (edges as Map<string, GraphEdge>).set(edgeKey(edge), edge);
    for (const lookup of step.lookups) {
      (lookups as Map<string, GraphLookup>).set(`${lookup.subject} ${lookup.source}`, lookup);
    }
  }
  return { nodes, edges, lookups, pending: last.pending };
}
