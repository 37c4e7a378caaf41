import type { GraphLookup } from '../../shared/contract/graph.ts';
import { findReferrers, type FoundReferrers } from './find-referrers.ts';
import type { TagLookup } from './tag-lookup.ts';
import type { WalkContext } from './walk-context.ts';
import type { WalkNode } from './walk-node.ts';

/** What came back about one subject before it was certain that the subject is part of the graph. */
interface WaitingAnswers {
  readonly found: FoundReferrers[];
  readonly lookups: GraphLookup[];
}

export interface ReferrerSearchOptions extends WalkContext {
  readonly tags: TagLookup;
  readonly onFound: (subject: WalkNode, found: FoundReferrers) => void;
  readonly onLookup: (lookup: GraphLookup) => void;
}

/**
 * Asks for the referrers of every node, once, and as early as its digest is known: that saves a round trip on every level. What
 * comes back about a node that is not (yet) part of the graph waits, so that a false claim leads nowhere.
 */
export class ReferrerSearch {
  readonly #options: ReferrerSearchOptions;
  readonly #waiting = new Map<WalkNode, WaitingAnswers>();
  readonly #lookups = new Map<WalkNode, GraphLookup[]>();

  constructor(options: ReferrerSearchOptions) {
    this.#options = options;
  }

  /** Sources that could not answer, by the node they were asked about. */
  get lookups(): ReadonlyMap<WalkNode, readonly GraphLookup[]> {
    return this.#lookups;
  }

  ask(node: WalkNode): void {
    if (node.referrersAsked) return;
    node.referrersAsked = true;
    const { target, tags, signal, run, spawn, onFound } = this.#options;
    spawn(() =>
      findReferrers({
        target,
        subject: node.digest,
        tags,
        signal,
        run,
        onFound: (found) => {
          if (node.anchored) onFound(node, found);
          else this.#waitingFor(node).found.push(found);
        },
        onLookup: (lookup) => {
          if (node.anchored) this.#keep(node, lookup);
          else this.#waitingFor(node).lookups.push(lookup);
        },
      }),
    );
  }

  /** The node is part of the graph: what waited for that counts now. */
  release(node: WalkNode): void {
    const answers = this.#waiting.get(node);
    if (answers === undefined) return;
    this.#waiting.delete(node);
    for (const lookup of answers.lookups) this.#keep(node, lookup);
    for (const found of answers.found) this.#options.onFound(node, found);
  }

  #waitingFor(node: WalkNode): WaitingAnswers {
    const answers = this.#waiting.get(node) ?? { found: [], lookups: [] };
    this.#waiting.set(node, answers);
    return answers;
  }

  #keep(node: WalkNode, lookup: GraphLookup): void {
    const kept = this.#lookups.get(node);
    if (kept === undefined) this.#lookups.set(node, [lookup]);
    else kept.push(lookup);
    this.#options.onLookup(lookup);
  }
}
