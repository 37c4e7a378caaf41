import type { ExitCode } from './exit-code.ts';
import type { Surroundings } from './surroundings.ts';

/** What a verb does with the arguments behind it. It throws `UsageError` or `TallymanError`. */
export type RunVerb = (arguments_: readonly string[], surroundings: Surroundings) => Promise<ExitCode>;

/** One verb of the command line; its code is loaded when it is used, so that the others cost no start-up time. */
export interface Verb {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Its own help, below the line `Usage: …`. */
  readonly usage: string;
  readonly help: readonly string[];
  load(): Promise<RunVerb>;
}
