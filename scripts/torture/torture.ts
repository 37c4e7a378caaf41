import type { TortureReport, TortureSurroundings } from '../../main/testing/torture/torture.ts';

/** One line of the table of tortures: what is broken on purpose, how long, and what has to hold. */
export interface Torture {
  readonly name: string;
  /** Number of the check in the reliability bar, section 7. */
  readonly check: string;
  /** What is done and has to hold, in one line. */
  readonly about: string;
  /** The program that it runs as processes of their own, from the folder of package.json. */
  readonly program: string;
  /** Minutes after which it is stopped, and counts as failed. */
  readonly limit: number;
  /** @param scaled - a number of rounds as it is to be run: all of it, or the part that `--scale` says. */
  run(surroundings: TortureSurroundings, scaled: (number: number) => number): Promise<TortureReport>;
}
