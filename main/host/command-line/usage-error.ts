/** The command was called wrongly: its text says how, and the usage follows it. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
