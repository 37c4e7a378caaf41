import type { GraphEdge, GraphLookup } from '../../shared/contract/graph.ts';
import type { NodeState } from '../../shared/contract/graph-words.ts';
import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { WalkEdge } from './edge-list.ts';
import { namesOf } from './edge-ways.ts';
import type { GrowingGraph } from './growing-graph.ts';
import { orderGraph } from './order-graph.ts';
import type { TagLookup } from './tag-lookup.ts';
import type { ReachedLimit } from './walk-budget.ts';
import type { Graph } from './walk-graph.ts';
import { toGraphNode, type WalkNode } from './walk-node.ts';

export interface FinishGraphOptions {
  readonly graph: GrowingGraph;
  readonly roots: readonly WalkNode[];
  readonly lookups: ReadonlyMap<WalkNode, readonly GraphLookup[]>;
  readonly tags: TagLookup;
  readonly limits: readonly ReachedLimit[];
  /** What is wrong with the listing of the place itself. */
  readonly errors: readonly ErrorData[];
}

const FAULTY: ReadonlySet<NodeState> = new Set<NodeState>([
  'missing',
  'damaged',
  'refused',
  'failed',
  'limited',
]);

/** The walked graph as its readers get it, and the sum of what is wrong with it. */
export function finishGraph({ graph, roots, lookups, tags, limits, errors }: FinishGraphOptions): Graph {
  const ordered = orderGraph(graph, roots);
  const nodes = ordered.nodes.map((node) => toGraphNode(node, tags.tagsOf(node.digest)));
  const allLookups = ordered.nodes.flatMap((node) => [...(lookups.get(node) ?? [])].sort(bySource));
  const faulty = new Set<unknown>(nodes.filter((node) => FAULTY.has(node.state)).map((node) => node.digest));
  const problems = faulty.size + countFailures(allLookups, faulty) + errors.length;
  const rootDigests = roots.map((root) => root.digest);
  return {
    nodes,
    edges: ordered.edges.map(toGraphEdge),
    lookups: allLookups,
    roots: rootDigests,
    summary: {
      root: rootDigests[0] ?? '',
      roots: rootDigests,
      complete: problems === 0 && limits.length === 0,
      problems,
      limits: [...limits],
      ...(errors.length === 0 ? {} : { errors: [...errors] }),
    },
  };
}

export function toGraphEdge({ from, to, ways }: WalkEdge): GraphEdge {
  return { from: from.digest, to: to.digest, via: namesOf(ways) };
}

/**
 * One unreadable manifest of a layout makes the answer about every subject uncertain: that is still one problem, and none of its
 * own where the manifest is in the graph and says so itself.
 */
function countFailures(lookups: readonly GraphLookup[], faulty: ReadonlySet<unknown>): number {
  const failed = lookups.filter(
    ({ outcome, error }) => outcome === 'failed' && !faulty.has(error?.details?.['digest']),
  );
  return new Set(failed.map(({ source, error }) => `${source} ${error?.code ?? ''} ${error?.message ?? ''}`))
    .size;
}

function bySource(left: GraphLookup, right: GraphLookup): number {
  return left.source < right.source ? -1 : left.source > right.source ? 1 : 0;
}
