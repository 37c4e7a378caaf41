/** What the command line ends with; scripts decide by it. */
export const EXIT = {
  /** Everything asked for is in the output. */
  whole: 0,
  /** Nothing could be done; stderr says why. */
  failed: 1,
  /** The command itself was wrong. */
  usage: 2,
  /** There is output, and something in it is missing, damaged, refused, or could not be looked at. */
  partial: 3,
  /** Ended by Ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
