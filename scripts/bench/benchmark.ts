/** One line of the table: what we did, what a peer did in the same run, and the goal. */
export interface BenchmarkRow {
  readonly work: string;
  /** Our figure, in `unit`. */
  readonly ours: number;
  readonly unit: 'ms' | 'kB' | 'MiB';
  /** Name of the peer and its figure in the same unit and run; absent where nothing comparable exists. */
  readonly peer?: { readonly name: string; readonly figure: number };
  /** "8 times faster", "under 700 ms": the words, and whether this run met them. */
  readonly goal?: { readonly text: string; readonly met: boolean };
  /** Runs, spread, and what was counted. */
  readonly note?: string;
}

export interface BenchmarkContext {
  /** Folder of package.json. */
  readonly root: string;
  /** Private folder of this run, removed at its end. */
  readonly work: string;
  /** A peer's program, or undefined when this machine lacks it: then the row says so. */
  readonly peer: (name: string) => string | undefined;
  /** Program of the system's Chromium or Chrome. */
  readonly browser: string;
  /** Folder of an Electron runtime, where there is one and a display. */
  readonly electron: string | undefined;
}

export interface Benchmark {
  readonly name: string;
  run(context: BenchmarkContext): Promise<readonly BenchmarkRow[]>;
}

/** The middle of an odd number of figures, and the spread for the note. */
export function middle(figures: readonly number[]): { readonly median: number; readonly note: string } {
  const sorted = [...figures].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const [least, most] = [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN];
  return { median, note: `median of ${sorted.length} runs, ${least.toFixed(0)}–${most.toFixed(0)}` };
}

/** The same in an order that changes with every round: whoever comes after another has a busier disk. */
export function inTurn<Each>(all: readonly Each[], round: number): readonly Each[] {
  const first = round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

/** The figure below which `share` of the figures lie. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Milliseconds of each of some runs of the same work. */
export async function times(
  count: number,
  work: (turn: number) => Promise<void>,
): Promise<readonly number[]> {
  const figures: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const start = performance.now();
    await work(turn);
    figures.push(performance.now() - start);
  }
  return figures;
}
