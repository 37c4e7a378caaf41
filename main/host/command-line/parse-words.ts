import { parseArgs, type ParseArgsConfig } from 'node:util';
import { displayText } from '../../../shared/display/display-text.ts';
import { UsageError } from './usage-error.ts';

type WordOptions = NonNullable<ParseArgsConfig['options']>;

/** What stands behind a verb, by the options that it has. */
export interface ParsedWords<Options extends WordOptions> {
  readonly values: ReturnType<
    typeof parseArgs<{ options: Options; allowPositionals: true; strict: true }>
  >['values'];
  readonly positionals: readonly string[];
}

/** @throws UsageError for an option that the verb does not have, or one without its value. */
export function parseWords<const Options extends WordOptions>(
  words: readonly string[],
  options: Options,
): ParsedWords<Options> {
  try {
    return parseArgs({ args: [...words], allowPositionals: true, strict: true, options });
  } catch (error) {
    throw new UsageError(displayText(error instanceof Error ? error.message : String(error)), {
      cause: error,
    });
  }
}
