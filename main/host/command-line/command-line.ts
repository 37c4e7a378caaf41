import { displayText } from '../../../shared/display/display-text.ts';
import { isCancellation, toErrorData } from '../../../shared/errors/tallyman-error.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';
import type { Verb } from './verb.ts';
import { VERBS } from './verbs.ts';

/**
 * Runs one command: `tallyman VERB …`. It is a client of the services like any window and decides nothing that they could decide.
 * @param arguments_ - what stands behind the program's name.
 * @returns the exit code; it never throws.
 */
export async function runCommandLine(
  arguments_: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [first, ...rest] = arguments_;
  const verb = VERBS.find(({ name }) => name === first);
  try {
    if (first === '--version' || first === '-v') {
      surroundings.stdout(`${surroundings.version}\n`);
      return EXIT.whole;
    }
    if (first === '--help' || first === '-h' || first === 'help') {
      const about = VERBS.find(({ name }) => name === rest[0]);
      surroundings.stdout(about === undefined ? programHelp() : verbHelp(about));
      return EXIT.whole;
    }
    if (verb === undefined) {
      throw new UsageError(
        first === undefined ? 'A verb is missing.' : `There is no verb “${displayText(first)}”.`,
      );
    }
    if (rest.includes('--help') || rest.includes('-h')) {
      surroundings.stdout(verbHelp(verb));
      return EXIT.whole;
    }
    const run = await verb.load();
    return await run(rest, surroundings);
  } catch (error) {
    return report(error, verb, surroundings);
  }
}

function report(error: unknown, verb: Verb | undefined, { stderr, signal }: Surroundings): ExitCode {
  if (signal.aborted && isCancellation(error)) return EXIT.interrupted;
  if (error instanceof UsageError) {
    stderr(`tallyman: ${error.message}\n${usageLines(verb)}`);
    return EXIT.usage;
  }
  const { message, hint } = toErrorData(error);
  stderr(`tallyman: ${displayText(message)}\n`);
  if (hint !== undefined) stderr(`  ${displayText(hint)}\n`);
  return EXIT.failed;
}

function usageLines(verb: Verb | undefined): string {
  const usages = verb === undefined ? VERBS.map(({ usage }) => usage) : [verb.usage];
  return `Usage: ${usages.join('\n       ')}\nMore:  tallyman --help${verb === undefined ? '' : `, tallyman ${verb.name} --help`}\n`;
}

function programHelp(): string {
  const width = Math.max(...VERBS.map(({ name }) => name.length));
  return [
    'Usage: tallyman VERB …',
    '',
    'Looks into OCI registries and image layouts.',
    '',
    ...VERBS.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}`),
    '',
    '  tallyman VERB --help   says more about a verb',
    '  tallyman --version     prints the version',
    '',
  ].join('\n');
}

function verbHelp({ usage, summary, help }: Verb): string {
  return [`Usage: ${usage}`, '', `${summary}.`, '', ...help, ''].join('\n');
}
