/** What a torture runs with. */
export interface TortureSurroundings {
  /** A private folder, removed by whoever made it. */
  readonly folder: string;
  /** The program `main/testing/layout-child.ts` in one file that Node runs. */
  readonly child: string;
  /** The same seed draws the same workloads; what processes do at the same time stays chance. */
  readonly seed: number;
  /** Given at the limit of time: what is not done then counts as failed. */
  readonly signal: AbortSignal;
  /** Path of a real client ("oras"), or undefined on a machine without it. */
  readonly peer: (name: string) => string | undefined;
}

/** How a torture ended. */
export interface TortureReport {
  /** Rounds, states or runs in which everything held. */
  readonly passed: number;
  readonly failed: number;
  /** What was violated, in words; the first of them. */
  readonly violations: readonly string[];
  /** What was done and seen, by name. */
  readonly counters: Readonly<Record<string, number | string>>;
  /** Parts that this machine could not run, and why. */
  readonly skipped: readonly string[];
}

/** Violations that are kept with their words. */
const VIOLATION_LIMIT = 20;

/** Counts while a torture runs. */
export class Tally {
  #passed = 0;
  #failed = 0;
  readonly #violations: string[] = [];
  readonly #counters = new Map<string, number | string>();
  readonly #skipped: string[] = [];

  /** One round that held, or did not: what was violated, in words. */
  round(violations: readonly string[]): void {
    if (violations.length === 0) this.#passed += 1;
    else this.#failed += 1;
    for (const violation of violations)
      if (this.#violations.length < VIOLATION_LIMIT) this.#violations.push(violation);
  }

  count(name: string, by = 1): void {
    const before = this.#counters.get(name);
    this.#counters.set(name, (typeof before === 'number' ? before : 0) + by);
  }

  note(name: string, value: number | string): void {
    this.#counters.set(name, value);
  }

  skip(what: string): void {
    this.#skipped.push(what);
  }

  /** Notes as a violation that time ran out, where it did: nothing passes by not being done. */
  unfinished(signal: AbortSignal, done: number, wanted: number): void {
    if (signal.aborted && done < wanted) this.round([`Time ran out after ${done} of ${wanted}.`]);
  }

  report(): TortureReport {
    return {
      passed: this.#passed,
      failed: this.#failed,
      violations: this.#violations,
      counters: Object.fromEntries(this.#counters),
      skipped: this.#skipped,
    };
  }
}
