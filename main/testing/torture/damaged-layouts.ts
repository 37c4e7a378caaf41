import { lstat, mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { createTaskPool } from '../../content/task-pool.ts';
import { isSound, type LayoutCheck } from '../../layout/check-layout.ts';
import { checkLayoutAt } from '../../layout/check-layout-at.ts';
import { repairLayout } from '../../layout/repair-layout.ts';
import { openLayoutForWriting } from '../../layout/write-layout.ts';
import { readEverything } from '../check-layout.ts';
import { MUTATIONS, writeGoodLayout, type LayoutMutation } from './layout-mutations.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';

/** Layouts that are tried at the same time: most of it is waiting for a torn index to become whole. */
const AT_ONCE = 8;

/** What `readEverything` says of an entry that has no descriptor. */
const BAD_ENTRY = 'an entry without a descriptor';

const { signal: never } = new AbortController();

/**
 * Check 37: good layouts, each damaged in one way. None reads as good or as empty, and nothing crashes: a check names the fault,
 * garbage collection refuses or takes only what nothing needs, a repair leaves nothing damaged in its place, and nothing outside
 * of the layout is written.
 */
export async function damagedLayouts({
  folder,
  signal,
}: Pick<TortureSurroundings, 'folder' | 'signal'>): Promise<TortureReport> {
  const tally = new Tally();
  const pool = createTaskPool(AT_ONCE, signal);
  const possible = MUTATIONS.filter(({ found }) => found.length > 0);
  for (const { name } of MUTATIONS.filter(({ found }) => found.length === 0))
    tally.skip(`${name}: root may do everything`);
  let done = 0;
  await Promise.all(
    possible.map((mutation, number) =>
      pool.run(async () => {
        if (signal.aborted) return;
        const place = path.join(folder, String(number));
        await mkdir(place, { recursive: true });
        const problems = await tryDamaged(place, mutation, tally);
        tally.round(problems.map((problem) => `${mutation.name}: ${problem}`));
        done += 1;
      }),
    ),
  );
  tally.note('kinds of damage', MUTATIONS.length);
  tally.unfinished(signal, done, possible.length);
  return tally.report();
}

async function tryDamaged(
  folder: string,
  mutation: LayoutMutation,
  tally: Tally,
): Promise<readonly string[]> {
  const layout = path.join(folder, 'layout');
  const good = await writeGoodLayout(layout);
  await mutation.apply(good);
  const [before, outside] = [await listing(layout), await listing(good.outside)];
  const problems: string[] = [];

  const read = await readEverything(layout).then(
    (names) => (names.size === 0 ? 'it reads as an empty layout' : 'it reads as a good layout'),
    (error: unknown) => (error instanceof Error && error.message === BAD_ENTRY ? undefined : typed(error)),
  );
  if (read !== undefined) problems.push(read);

  let notNeeded = 0;
  const checked = await checkLayoutAt(layout, { signal: never }).catch((error: unknown) => error);
  if (!(checked instanceof Error)) {
    const { check } = checked as { readonly check: LayoutCheck };
    const kinds: readonly string[] = check.problems.map(({ kind }) => kind);
    tally.count('named by a check');
    notNeeded = check.orphans.length;
    if (isSound(check) || !mutation.found.some((kind) => kinds.includes(kind)))
      problems.push(`a check finds ${kinds.join(', ') || 'nothing'}, not ${mutation.found.join(' or ')}`);
  } else if (checked instanceof TallymanError && mutation.found.includes(checked.code))
    tally.count('not opened');
  else problems.push(`a check ends with ${String(checked)}`);
  if ((await listing(layout)) !== before) problems.push('a check changed something');

  const collected = await collect(layout).catch((error: unknown) => error);
  if (collected instanceof Error) {
    tally.count('collection refused');
    problems.push(...[typed(collected)].flatMap((problem) => problem ?? []));
  } else {
    tally.count('collection took only what nothing needs');
    if (Number(collected) > notNeeded)
      problems.push(`a collection took ${String(collected)} blobs of ${notNeeded}`);
  }

  const repaired = await repairLayout(layout, { signal: never }).catch((error: unknown) => error);
  if (repaired instanceof Error) {
    tally.count('repair refused');
    problems.push(...[typed(repaired)].flatMap((problem) => problem ?? []));
  } else {
    const { condition } = repaired as Awaited<ReturnType<typeof repairLayout>>;
    const left = condition.check.problems.filter(({ kind }) => kind === 'corrupt' || kind === 'no-file');
    if (left.length > 0) problems.push(`a repair leaves ${left.map(({ error }) => error.message).join(' ')}`);
    tally.count('repaired as far as it can be');
  }
  if ((await listing(good.outside)) !== outside) problems.push('something outside of the layout changed');
  return problems;
}

async function collect(layout: string): Promise<number> {
  const writer = await openLayoutForWriting(layout);
  try {
    return (await writer.collectGarbage({ signal: never, grace: -1 })).garbage.length;
  } finally {
    await writer.close();
  }
}

/** Nothing for an error of the closed set, its words for any other. */
function typed(error: unknown): string | undefined {
  return error instanceof TallymanError && error.code !== 'INTERNAL'
    ? undefined
    : `untyped: ${String(error)}`;
}

/** Names, kinds and content of everything in a folder, as one text. */
async function listing(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const file = path.join(folder, name);
    const info = await lstat(file);
    const content = info.isSymbolicLink()
      ? await readlink(file)
      : info.isFile()
        ? (await readFile(file)).toString('hex')
        : 'folder';
    lines.push(`${name} ${content}`);
  }
  return lines.join('\n');
}
