import type {
  GraphEdge,
  GraphLookup,
  GraphNode,
  GraphStep,
  GraphSummary,
} from '../../shared/contract/graph.ts';
import { GraphWalk } from './graph-walk.ts';
import { WALK_CONCURRENCY } from './limits.ts';
import type { Recognise } from './recognition.ts';
import type { Target } from './target.ts';
import { cancelled } from './task-pool.ts';
import { DEFAULT_WALK_LIMITS, type WalkLimits } from './walk-budget.ts';

export interface WalkGraphOptions {
  readonly target: Target;
  /** A tag or digest; every entry of the place's listing when absent. */
  readonly reference?: string | undefined;
  readonly recognise: Recognise;
  /** Aborting rejects with CANCELLED at once; every question to the place gets a signal that ends with it. */
  readonly signal: AbortSignal;
  /** The graph as it grows; the last step comes before the promise resolves. */
  readonly onStep?: ((step: GraphStep) => void) | undefined;
  /** Other limits than those of the reliability bar. */
  readonly limits?: Partial<WalkLimits> | undefined;
  /** Questions to the place at once. */
  readonly concurrency?: number | undefined;
}

/** A walked graph: every edge has both its ends among the nodes. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  /**
   * One edge for each pair of digests. An edge to a subject with an empty `via` is one that only the referrer itself
   * states: no source of the place lists it.
   */
  readonly edges: readonly GraphEdge[];
  readonly lookups: readonly GraphLookup[];
  /** Digests where the walk began. */
  readonly roots: readonly string[];
  readonly summary: GraphSummary;
}

/**
 * Walks everything that hangs together with a tag or digest (or with every entry of a place): what an index and a manifest
 * name, the subjects of referrers upwards, and what refers to every one of them downwards, from all sources.
 *
 * A failed branch is a node that says why. What a source claims to refer to a digest is part of the graph only if its own
 * `subject` says so too, or if it could not be read. Limits end a branch, never the walk, and are named in the summary.
 * @throws TallymanError when the reference itself cannot be resolved, and CANCELLED.
 */
export async function walkGraph(options: WalkGraphOptions): Promise<Graph> {
  const { target, reference, recognise, signal, onStep, limits, concurrency } = options;
  if (signal.aborted) throw cancelled();
  return new GraphWalk({
    target,
    reference,
    recognise,
    signal,
    onStep: onStep ?? (() => undefined),
    limits: { ...DEFAULT_WALK_LIMITS, ...limits },
    concurrency: concurrency ?? WALK_CONCURRENCY,
  }).run();
}
