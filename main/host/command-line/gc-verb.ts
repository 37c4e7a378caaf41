import { displayText } from '../../../shared/display/display-text.ts';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import { GARBAGE_GRACE_MS, type GarbageReport } from '../../layout/garbage.ts';
import { openLayoutForWriting } from '../../layout/write-layout.ts';
import { contentTable, countOf } from './content-table.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseWords } from './parse-words.ts';
import { layoutLocation } from './layout-argument.ts';
import { parseDuration } from './parse-duration.ts';
import { toSafeJson } from './safe-json.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

interface GcArguments {
  readonly location: string;
  readonly json: boolean;
  readonly dryRun: boolean;
  /** Milliseconds. */
  readonly grace: number;
  readonly keepReferrers: boolean;
  readonly sparse: boolean;
}

/** `tallyman gc LAYOUT`: removes what nothing leads to, or says with `--dry-run` what that would be. */
export async function runGc(arguments_: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const asked = parseGcArguments(arguments_, surroundings);
  const { signal, stdout, stderr } = surroundings;
  const writer = await openLayoutForWriting(asked.location, { signal });
  try {
    const { grace, keepReferrers, sparse, dryRun, json } = asked;
    const options = { signal, grace, keepReferrers, sparse };
    const report = await (dryRun ? writer.findGarbage(options) : writer.collectGarbage(options));
    stdout(json ? `${toSafeJson(gcJson(asked, report))}\n` : gcText(asked, report));
    return EXIT.whole;
  } catch (error) {
    if (signal.aborted && isCancellation(error) && !asked.dryRun)
      stderr('tallyman: Stopped. What was not removed yet is in its place; run it again to go on.\n');
    throw error;
  } finally {
    await writer.close();
  }
}

function gcJson({ location, dryRun, grace }: GcArguments, report: GarbageReport): unknown {
  return { path: location, dryRun, graceSeconds: grace / 1000, ...report };
}

function gcText({ location, dryRun, grace }: GcArguments, report: GarbageReport): string {
  const { garbage, garbageBytes, liveBlobs, liveBytes, youngBlobs, youngBytes } = report;
  const what = countOf(garbage.length, 'blob', garbageBytes);
  const title =
    garbage.length === 0
      ? dryRun
        ? 'nothing would be removed.'
        : 'there was nothing to remove.'
      : `${what} ${dryRun ? 'would be removed' : 'removed'}:`;
  const rows = [...garbage]
    .sort((a, b) => b.size - a.size)
    .map(({ digest, size }) => ({ name: digest, size }));
  return [
    `${displayText(location)}: ${title}\n`,
    contentTable(rows),
    `Kept because index.json or running work needs it: ${countOf(liveBlobs, 'blob', liveBytes)}.\n`,
    youngBlobs === 0
      ? ''
      : `Kept because it came less than ${durationText(grace)} ago: ${countOf(youngBlobs, 'blob', youngBytes)}.\n`,
  ].join('');
}

function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds >= 3600 && seconds % 3600 === 0) return countOf(seconds / 3600, 'hour');
  if (seconds >= 60 && seconds % 60 === 0) return countOf(seconds / 60, 'minute');
  return countOf(seconds, 'second');
}

function parseGcArguments(arguments_: readonly string[], surroundings: Surroundings): GcArguments {
  const { values, positionals } = parseWords(arguments_, {
    json: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    grace: { type: 'string' },
    'drop-referrers': { type: 'boolean' },
    sparse: { type: 'boolean' },
  });
  const grace = values.grace === undefined ? GARBAGE_GRACE_MS : parseDuration(values.grace);
  if (grace === undefined) {
    throw new UsageError(`--grace is a time like 24h, 30m or 0s, not “${displayText(values.grace ?? '')}”.`);
  }
  return {
    location: layoutLocation(positionals, surroundings),
    json: values.json === true,
    dryRun: values['dry-run'] === true,
    grace,
    keepReferrers: values['drop-referrers'] !== true,
    sparse: values.sparse === true,
  };
}
