import type { GraphEdge, GraphLookup, GraphNode, GraphStep } from '../../shared/contract/graph.ts';
import { WALK_STEP_INTERVAL_MS, WALK_STEP_SIZE } from './limits.ts';

export interface StepBatcherOptions<Node, Edge> {
  readonly toNode: (node: Node) => GraphNode;
  readonly toEdge: (edge: Edge) => GraphEdge;
  /** Questions that run or wait, for `GraphStep.pending`. */
  readonly pending: () => number;
  readonly onStep: (step: GraphStep) => void;
  /** What to do with an error of `onStep` when it was called by the clock. */
  readonly onError: (error: unknown) => void;
}

/** Gathers changes of a graph into steps that are not closer together than `WALK_STEP_INTERVAL_MS`. */
export class StepBatcher<Node, Edge> {
  private readonly options: StepBatcherOptions<Node, Edge>;
  private readonly nodes = new Set<Node>();
  private readonly edges = new Set<Edge>();
  private lookups: GraphLookup[] = [];
  private timer: NodeJS.Timeout | undefined;
  private lastFlush = 0;

  constructor(options: StepBatcherOptions<Node, Edge>) {
    this.options = options;
  }

  addNode(node: Node): void {
    this.nodes.add(node);
    this.schedule();
  }

  addEdge(edge: Edge): void {
    this.edges.add(edge);
    this.schedule();
  }

  addLookup(lookup: GraphLookup): void {
    this.lookups.push(lookup);
    this.schedule();
  }

  /** Sends what was gathered, in steps of at most `WALK_STEP_SIZE` nodes and edges; nodes go before edges between them. */
  flush(): void {
    this.stop();
    this.lastFlush = performance.now();
    const nodes = [...this.nodes];
    const edges = [...this.edges];
    const lookups = this.lookups;
    this.nodes.clear();
    this.edges.clear();
    this.lookups = [];
    const { toNode, toEdge, pending, onStep } = this.options;
    while (nodes.length > 0 || edges.length > 0 || lookups.length > 0) {
      const someNodes = nodes.splice(0, WALK_STEP_SIZE);
      const someEdges = edges.splice(0, WALK_STEP_SIZE - someNodes.length);
      const someLookups = lookups.splice(0, WALK_STEP_SIZE - someNodes.length - someEdges.length);
      onStep({
        nodes: someNodes.map(toNode),
        edges: someEdges.map(toEdge),
        lookups: someLookups,
        pending: pending(),
      });
    }
  }

  /** Sends nothing more by itself. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private schedule(): void {
    if (this.timer !== undefined) return;
    const sinceLast = performance.now() - this.lastFlush;
    this.timer = setTimeout(
      () => {
        try {
          this.flush();
        } catch (error) {
          this.options.onError(error);
        }
      },
      Math.max(0, WALK_STEP_INTERVAL_MS - sinceLast),
    );
  }
}
