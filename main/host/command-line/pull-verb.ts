import path from 'node:path';
import { displayText } from '../../../shared/display/display-text.ts';
import { formatSize } from '../../../shared/display/format-size.ts';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import { isDigest } from '../../../shared/oci/digest.ts';
import { executePull, type PulledItem, type PullOutcome } from '../../artifacts/pull/execute-pull.ts';
import { planPull, type PlanPullOptions, type PullPlan } from '../../artifacts/pull/plan-pull.ts';
import { pullRootfs } from '../../artifacts/rootfs/pull-rootfs.ts';
import type { ExistingFile } from '../../artifacts/pull/pull-folder.ts';
import type { Target } from '../../content/target.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { readFileArgument } from './file-argument.ts';
import { createOpenPlaces } from './open-place.ts';
import { parseWords } from './parse-words.ts';
import { readPlatformArgument } from './platform-argument.ts';
import { createProgressLine } from './progress-line.ts';
import { toSafeJson } from './safe-json.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

interface PullArguments {
  readonly place: string;
  /** As it was typed. */
  readonly folder: string;
  /** Undefined: nothing is overwritten, and a file that is in the way counts as missing. */
  readonly existing: ExistingFile | undefined;
  readonly choice: Omit<PlanPullOptions, 'signal'>;
  /** The name of a tar. */
  readonly rootfs: string | undefined;
  readonly json: boolean;
  readonly plainHttp: boolean;
}

/** `tallyman pull PLACE`: the files of an artifact, as `oras pull` and `helm pull` name them, into a folder. */
export async function runPull(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const asked = parsePullArguments(words, surroundings);
  const { signal, stdout, stderr, workingDirectory } = surroundings;
  const places = createOpenPlaces(surroundings, { plainHttp: asked.plainHttp });
  const line = createProgressLine(surroundings);
  try {
    const { target, reference } = await places.open(asked.place);
    if (reference === undefined) throw new UsageError('Pull what? Put :TAG or @DIGEST behind the place.');
    if (asked.rootfs !== undefined)
      return await pullFileSystem(target, reference, asked.rootfs, asked, surroundings, line.show);
    const plan = await planPull(target, reference, { signal, ...asked.choice });
    const total = formatSize(plan.totalBytes);
    const outcome = await executePull(plan, target, path.resolve(workingDirectory, asked.folder), {
      existing: asked.existing ?? 'keep',
      signal,
      onProgress: (bytes) => line.show(`Pulling: ${formatSize(bytes)} of ${total}`),
    });
    line.clear();
    stdout(asked.json ? pullJson(asked, plan, outcome) : pullText(asked, plan, outcome));
    printProblems(plan, outcome, asked, surroundings);
    return exitCode(plan, outcome, asked);
  } catch (error) {
    line.clear();
    if (signal.aborted && isCancellation(error))
      stderr('tallyman: Stopped. The same command goes on: large files continue where they are.\n');
    throw error;
  } finally {
    await places.close();
  }
}

/** `--rootfs`: the file system of an image, instead of its files. */
async function pullFileSystem(
  target: Target,
  reference: string,
  name: string,
  { folder, existing, choice: { platform }, json }: PullArguments,
  { signal, stdout, stderr, workingDirectory }: Surroundings,
  show: (text: string) => void,
): Promise<ExitCode> {
  const { image, notes, ...pulled } = await pullRootfs(
    target,
    reference,
    path.resolve(workingDirectory, folder),
    {
      signal,
      existing: existing ?? 'keep',
      name,
      ...(platform === undefined ? {} : { platform }),
      onProgress: (bytes, total) => show(`Pulling: ${formatSize(bytes)} of ${formatSize(total)}`),
    },
  );
  const { outcome, name: real, size, fetched } = pulled;
  stdout(
    json
      ? `${toSafeJson({ digest: image.digest, mediaType: image.mediaType, folder, name: real, outcome, size, bytes: fetched, notes })}\n`
      : `${WORDS[outcome]}  ${displayText(path.join(folder, real))}  ${formatSize(size)}\nDigest ${image.digest}\n`,
  );
  for (const note of notes.slice(0, NOTES_SHOWN))
    stderr(`tallyman: ${displayText(`${note.path}: ${note.text}`)}.\n`);
  return notes.length > 0 || (outcome === 'kept' && existing === undefined) ? EXIT.partial : EXIT.whole;
}

function exitCode(plan: PullPlan, { items }: PullOutcome, { existing }: PullArguments): ExitCode {
  const missing = items.filter(
    ({ outcome, notes = [] }) =>
      outcome === 'failed' ||
      (outcome === 'kept' && existing === undefined) ||
      notes.some(({ kind }) => kind === 'left-out'),
  );
  if (missing.length + plan.refused.length === 0) return EXIT.whole;
  const isSomethingThere = items.some(({ outcome }) => outcome !== 'failed');
  return isSomethingThere ? EXIT.partial : EXIT.failed;
}

function pullJson({ folder }: PullArguments, plan: PullPlan, { items, fetched }: PullOutcome): string {
  return `${toSafeJson({
    digest: plan.root.digest,
    mediaType: plan.root.mediaType,
    size: plan.root.size,
    artifactType: plan.artifactType ?? null,
    folder,
    files: items,
    refused: plan.refused,
    bytes: fetched,
  })}\n`;
}

function pullText({ folder }: PullArguments, plan: PullPlan, { items, fetched }: PullOutcome): string {
  if (items.length + plan.refused.length === 0)
    return `The artifact has no files.\nDigest ${plan.root.digest}\n`;
  return [
    ...items.filter(({ outcome }) => outcome !== 'failed').map((item) => itemLine(item, folder)),
    `Digest ${plan.root.digest}`,
    `${formatSize(fetched)} fetched`,
    '',
  ].join('\n');
}

const WORDS = { written: 'Pulled', present: 'Present', kept: 'Kept', failed: 'Failed' } as const;

function itemLine({ outcome, name, size, files }: PulledItem, folder: string): string {
  const place = displayText(folder === '.' ? name : path.join(folder, name));
  const about = files === undefined ? formatSize(size) : `${files} ${files === 1 ? 'file' : 'files'}`;
  return `${WORDS[outcome].padEnd(7)}  ${place}  ${about}`;
}

/** Notes of one folder that are printed; the rest is counted. */
const NOTES_SHOWN = 20;

function printProblems(
  { refused }: PullPlan,
  { items }: PullOutcome,
  { existing }: PullArguments,
  { stderr }: Surroundings,
): void {
  const say = (text: string): void => stderr(`tallyman: ${displayText(text)}\n`);
  for (const { error } of refused) say(error.message);
  for (const { name, outcome, error, notes = [] } of items) {
    if (error !== undefined) say(`${name}: ${error.message}`);
    if (outcome === 'kept' && existing === undefined)
      say(`${name} was there with other content and stayed. Say --existing keep, overwrite or rename.`);
    for (const note of notes.slice(0, NOTES_SHOWN)) say(`${note.path}: ${note.text}.`);
    if (notes.length > NOTES_SHOWN) say(`${name}: ${notes.length - NOTES_SHOWN} more notes; --json has all.`);
  }
}

function parsePullArguments(words: readonly string[], { workingDirectory }: Surroundings): PullArguments {
  const { values, positionals } = parseWords(words, {
    output: { type: 'string', short: 'o' },
    existing: { type: 'string' },
    platform: { type: 'string' },
    config: { type: 'string' },
    only: { type: 'string' },
    rootfs: { type: 'string' },
    json: { type: 'boolean' },
    'plain-http': { type: 'boolean' },
  });
  const [place, ...more] = positionals;
  if (place === undefined) throw new UsageError('PLACE is missing: what to pull.');
  if (more.length > 0)
    throw new UsageError(`One PLACE is enough; “${displayText(more[0] ?? '')}” is too much.`);
  const { existing, platform, only } = values;
  if (existing !== undefined && existing !== 'keep' && existing !== 'overwrite' && existing !== 'rename')
    throw new UsageError(`--existing is keep, overwrite or rename, not “${displayText(existing)}”.`);
  if (only !== undefined && !isDigest(only))
    throw new UsageError(`--only is a digest, not “${displayText(only)}”.`);
  const config = values.config === undefined ? undefined : readFileArgument(values.config, workingDirectory);
  return {
    place,
    folder: values.output ?? '.',
    existing,
    rootfs: values.rootfs,
    choice: {
      ...(platform === undefined ? {} : { platform: readPlatformArgument(platform) }),
      ...(only === undefined ? {} : { only }),
      ...(config === undefined
        ? {}
        : {
            config: {
              name: config.title,
              ...(config.mediaType === undefined ? {} : { mediaType: config.mediaType }),
            },
          }),
    },
    json: values.json === true,
    plainHttp: values['plain-http'] === true,
  };
}
