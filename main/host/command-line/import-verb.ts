import path from 'node:path';
import { displayText } from '../../../shared/display/display-text.ts';
import { isCancellation, type ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { importArchive } from '../archives/import-archive.ts';
import { importJson, importText } from './archive-report.ts';
import { CopyProgress } from './copy-progress.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { layoutLocation } from './layout-argument.ts';
import { parseWords } from './parse-words.ts';
import { createProgressLine } from './progress-line.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

/** `tallyman import ARCHIVE`: everything in an archive or layout goes into a layout, the local store without another. */
export async function runImport(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { values, positionals } = parseWords(words, {
    into: { type: 'string' },
    json: { type: 'boolean' },
  });
  const [archive, ...more] = positionals;
  if (archive === undefined) throw new UsageError('ARCHIVE is missing: the path of an archive or layout.');
  if (more.length > 0)
    throw new UsageError(`One ARCHIVE is enough; “${displayText(more[0] ?? '')}” is too much.`);
  const { signal, stdout, stderr, workingDirectory } = surroundings;
  const into = layoutLocation(values.into === undefined ? [] : [values.into], surroundings);
  const line = createProgressLine(surroundings);
  const progress = new CopyProgress((text) => line.show(text));
  try {
    const result = await importArchive(
      { archive: path.resolve(workingDirectory, archive), into },
      { signal, report: { onItem: (item) => progress.take(item) } },
    );
    line.clear();
    stdout(values.json === true ? importJson(result) : importText(result));
    printNotes(result.notes, stderr);
    return exitCodeOf(result.notes);
  } catch (error) {
    line.clear();
    if (signal.aborted && isCancellation(error)) {
      stderr(
        'tallyman: Stopped; nothing of the archive is listed. The same command goes on: what is stored is not written again.\n',
      );
    }
    throw error;
  }
}

/** Says on stderr what a person should know about work that was done. */
export function printNotes(notes: readonly ErrorData[], stderr: (text: string) => void): void {
  for (const { message, hint } of notes) {
    stderr(`tallyman: ${displayText(message)}\n`);
    if (hint !== undefined) stderr(`  ${displayText(hint)}\n`);
  }
}

/** What work never takes along is said; it is no flaw of this one. */
export function exitCodeOf(notes: readonly ErrorData[]): ExitCode {
  return notes.some(({ code }) => code !== 'UNSUPPORTED') ? EXIT.partial : EXIT.whole;
}
