import path from 'node:path';
import { displayText } from '../../../shared/display/display-text.ts';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import type { Platform } from '../../../shared/oci/platform.ts';
import { exportArtifact } from '../archives/export-artifact.ts';
import { exportJson, exportText } from './archive-report.ts';
import { CopyProgress } from './copy-progress.ts';
import type { ExitCode } from './exit-code.ts';
import { exitCodeOf, printNotes } from './import-verb.ts';
import { createOpenPlaces } from './open-place.ts';
import { parseWords } from './parse-words.ts';
import { readPlatformArgument } from './platform-argument.ts';
import { createProgressLine } from './progress-line.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

interface ExportArguments {
  readonly from: string;
  readonly destination: string;
  readonly referrers: boolean;
  readonly platform: Platform | undefined;
  readonly overwrite: boolean;
  readonly json: boolean;
  readonly plainHttp: boolean;
}

/** `tallyman export PLACE ARCHIVE|FOLDER`: an artifact, with everything it consists of, as an OCI layout. */
export async function runExport(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const asked = parseExportArguments(words, surroundings);
  const { signal, stdout, stderr } = surroundings;
  const line = createProgressLine(surroundings);
  const progress = new CopyProgress((text) => line.show(text));
  const places = createOpenPlaces(surroundings, { plainHttp: asked.plainHttp });
  try {
    const { target, reference, repository } = await places.open(asked.from);
    if (reference === undefined)
      throw new UsageError(`Which artifact of ${displayText(asked.from)}? Put :TAG or @DIGEST behind it.`);
    const { destination, referrers, platform, overwrite } = asked;
    const result = await exportArtifact(
      {
        from: target,
        reference,
        destination,
        referrers,
        overwrite,
        ...(platform === undefined ? {} : { platform }),
        ...(repository === undefined ? {} : { repository: target.label }),
      },
      { signal, report: { onItem: (item) => progress.take(item) } },
    );
    line.clear();
    stdout(asked.json ? exportJson(result) : exportText(result));
    printNotes(result.notes, stderr);
    return exitCodeOf(result.notes);
  } catch (error) {
    line.clear();
    if (signal.aborted && isCancellation(error))
      stderr('tallyman: Stopped; no archive was made, and in a folder no tag was set.\n');
    throw error;
  } finally {
    await places.close();
  }
}

function parseExportArguments(words: readonly string[], { workingDirectory }: Surroundings): ExportArguments {
  const { values, positionals } = parseWords(words, {
    referrers: { type: 'boolean' },
    platform: { type: 'string' },
    overwrite: { type: 'boolean' },
    json: { type: 'boolean' },
    'plain-http': { type: 'boolean' },
  });
  const [from, destination, ...more] = positionals;
  if (from === undefined || destination === undefined || destination === '')
    throw new UsageError('PLACE and the archive or folder are needed.');
  if (more.length > 0)
    throw new UsageError(
      `PLACE and one archive or folder are enough; “${displayText(more[0] ?? '')}” is too much.`,
    );
  return {
    from,
    destination: path.resolve(workingDirectory, destination),
    referrers: values.referrers === true,
    platform: values.platform === undefined ? undefined : readPlatformArgument(values.platform),
    overwrite: values.overwrite === true,
    json: values.json === true,
    plainHttp: values['plain-http'] === true,
  };
}
