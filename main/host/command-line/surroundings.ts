/** What a command may use of the process it runs in; tests bring their own. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the caller stands: paths are relative to it. */
  readonly workingDirectory: string;
  readonly homeFolder: string;
  readonly version: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Both take whole lines with their line ends. Only text that passed `displayText` or `toSafeJson` may get here. */
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether somebody watches stderr: only then is progress printed. False when absent. */
  readonly stderrIsTerminal?: boolean;
}
