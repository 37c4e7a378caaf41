import type { Target } from './target.ts';
import type { TaskPriority } from './task-pool.ts';
import type { WalkNode } from './walk-node.ts';

/** What every part of a walk may use. */
export interface WalkContext {
  readonly target: Target;
  /** Aborted as soon as the walk ends, for whatever reason. */
  readonly signal: AbortSignal;
  /** Runs one question among all others to the place. */
  readonly run: <Result>(task: () => Promise<Result>, priority?: TaskPriority) => Promise<Result>;
  /** Does work that the walk waits for; an error that it lets through ends the walk. */
  readonly spawn: (work: () => Promise<void>) => void;
  /** A node looks different now. */
  readonly changed: (node: WalkNode) => void;
}
