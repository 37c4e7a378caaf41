import { displayText } from '../../../shared/display/display-text.ts';
import { isCancellation, TallymanError, type ErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { Platform } from '../../../shared/oci/platform.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import { copyGraph } from '../../content/copy-graph.ts';
import type { CopySelection } from '../../content/copy-options.ts';
import { planCopy } from '../../content/plan-copy.ts';
import { copyJson, copyText, planJson, planText, type CopyPlaces } from './copy-report.ts';
import { CopyProgress } from './copy-progress.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { createOpenPlaces, type OpenedPlace, type OpenPlaces } from './open-place.ts';
import { parseWords } from './parse-words.ts';
import { readPlatformArgument } from './platform-argument.ts';
import { createProgressLine } from './progress-line.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

interface CopyArguments {
  readonly from: string;
  readonly to: string;
  readonly referrers: boolean;
  readonly platforms: readonly Platform[];
  readonly plan: boolean;
  readonly json: boolean;
  readonly plainHttp: boolean;
}

/** `tallyman copy FROM TO`: an artifact with everything it consists of, and by choice what refers to it, to another place. */
export async function runCopy(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const asked = parseCopyArguments(words);
  const { signal, stderr } = surroundings;
  const places = createOpenPlaces(surroundings, { plainHttp: asked.plainHttp });
  try {
    const from = await places.open(asked.from);
    const { reference } = from;
    if (reference === undefined)
      throw new UsageError(`Which artifact of ${displayText(asked.from)}? Put :TAG or @DIGEST behind it.`);
    const notes = asked.plan
      ? await plan(asked, { ...from, reference }, places, surroundings)
      : await copy(asked, { ...from, reference }, places, surroundings);
    for (const { message, hint } of notes) {
      stderr(`tallyman: ${displayText(message)}\n`);
      if (hint !== undefined) stderr(`  ${displayText(hint)}\n`);
    }
    // What a copy never takes along is said; it is no flaw of this one.
    return notes.some(({ code }) => code !== 'UNSUPPORTED') ? EXIT.partial : EXIT.whole;
  } catch (error) {
    if (signal.aborted && isCancellation(error)) {
      stderr(
        'tallyman: Stopped; no tag was set. The same command goes on: what is at the destination is not sent again.\n',
      );
    }
    throw error;
  } finally {
    await places.close();
  }
}

interface SourcePlace extends OpenedPlace {
  readonly reference: string;
}

async function copy(
  asked: CopyArguments,
  from: SourcePlace,
  places: OpenPlaces,
  surroundings: Surroundings,
): Promise<readonly ErrorData[]> {
  const { signal, stdout } = surroundings;
  // Nothing is made for a copy of something that is not there.
  const create = async (): Promise<void> => {
    await from.target.fetchManifest(from.reference, { signal });
  };
  const to = await places.open(asked.to, { create });
  const tags = tagsFor(from, to);
  const line = createProgressLine(surroundings);
  const progress = new CopyProgress((text) => line.show(text));
  try {
    const result = await copyGraph({
      ...selectionOf(asked, from, tags, signal),
      to: to.target,
      report: { onItem: (item) => progress.take(item) },
    });
    line.clear();
    const between: CopyPlaces = { from: from.target.label, to: to.target.label, tags };
    stdout(asked.json ? copyJson(between, result) : copyText(between, result));
    return result.notes;
  } catch (error) {
    line.clear();
    throw error;
  }
}

async function plan(
  asked: CopyArguments,
  from: SourcePlace,
  places: OpenPlaces,
  { signal, stdout }: Surroundings,
): Promise<readonly ErrorData[]> {
  const to = await places.open(asked.to).catch((error: unknown) => {
    if (error instanceof TallymanError && error.code === 'NOT_FOUND') return undefined; // made by the copy
    throw error;
  });
  const tags = tagsFor(from, to);
  const planned = await planCopy({
    ...selectionOf(asked, from, tags, signal),
    ...(to === undefined ? {} : { to: to.target }),
  });
  const between: CopyPlaces = { from: from.target.label, to: to?.target.label ?? asked.to, tags };
  stdout(asked.json ? planJson(between, planned) : planText(between, planned));
  return planned.notes;
}

function selectionOf(
  { referrers, platforms }: CopyArguments,
  { target, reference }: SourcePlace,
  tags: readonly string[],
  signal: AbortSignal,
): CopySelection {
  return { from: target, roots: [{ reference, tags }], referrers, platforms, signal };
}

/** The tag behind TO, else that of FROM; none when FROM is a digest. */
function tagsFor(from: SourcePlace, to: OpenedPlace | undefined): readonly string[] {
  if (to?.digest !== undefined)
    throw new UsageError('TO ends in a tag or in nothing: the digest is that of what is copied.');
  const tag = to?.tag ?? from.tag;
  if (tag === undefined) return [];
  if (to?.repository !== undefined && !isTag(tag))
    throw new UsageError(`“${displayText(tag)}” is no tag of a registry: put another one behind TO.`);
  return [tag];
}

function parseCopyArguments(words: readonly string[]): CopyArguments {
  const { values, positionals } = parseWords(words, {
    referrers: { type: 'boolean' },
    platform: { type: 'string', multiple: true },
    plan: { type: 'boolean' },
    json: { type: 'boolean' },
    'plain-http': { type: 'boolean' },
  });
  const [from, to, ...more] = positionals;
  if (from === undefined || to === undefined)
    throw new UsageError('FROM and TO are needed: references, or paths of layouts.');
  if (more.length > 0)
    throw new UsageError(`FROM and TO are enough; “${displayText(more[0] ?? '')}” is too much.`);
  return {
    from,
    to,
    referrers: values.referrers === true,
    platforms: (values.platform ?? []).map(readPlatformArgument),
    plan: values.plan === true,
    json: values.json === true,
    plainHttp: values['plain-http'] === true,
  };
}
