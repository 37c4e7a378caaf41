/** One line of the log that a host keeps. Never a secret: what reaches it went through the same rules as errors. */
export interface LogLine {
  readonly level: 'error' | 'warning';
  /** Which part speaks: `dispatch`, `sources`, `window`. */
  readonly from: string;
  readonly message: string;
  readonly stack?: string;
}

/** Where log lines go; every host has its own place. */
export type Log = (line: LogLine) => void;
