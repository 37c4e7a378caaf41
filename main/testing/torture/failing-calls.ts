import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { nodeFileSystem } from '../../layout/node-file-system.ts';
import { openLayoutForWriting } from '../../layout/write-layout.ts';
import { readEverything } from '../check-layout.ts';
import { faultyFileSystem } from '../faulty-file-system.ts';
import { seededRandom } from '../crash-states.ts';
import { leftoversIn, prepareLayout, runOperations, violationsOf, type NameEvent } from './all-operations.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';

/** What the file system answers: a broken disk, a full one, a quota, missing rights. */
export const ERRNOS = ['EIO', 'ENOSPC', 'EDQUOT', 'EACCES'] as const;

/**
 * Check 32, inside one process: every call that changes something fails once, or from there on, with each error in turn, during
 * every operation of a layout. Each run ends in success or in a typed error; names mean what was confirmed; and the next
 * writer goes on and clears away what was left.
 */
export async function failingCalls(
  { folder, seed, signal }: Pick<TortureSurroundings, 'folder' | 'seed' | 'signal'>,
  /** Of all combinations of call, error and persistence, each so-many-th is run. */
  { stride }: { readonly stride: number },
): Promise<TortureReport> {
  const tally = new Tally();
  await mkdir(folder, { recursive: true });
  const [layout, template] = [path.join(folder, 'store'), path.join(folder, 'template')];
  const before = await prepareLayout(template, {});
  await cp(template, layout, { recursive: true });
  const counting = faultyFileSystem(nodeFileSystem);
  await runOperations(
    () => openLayoutForWriting(layout, { fileSystem: counting }),
    () => undefined,
  );
  const calls = counting.calls.length;
  tally.note('calls of all operations', calls);

  const combinations = ERRNOS.flatMap((errno) =>
    [false, true].flatMap((persistent) =>
      Array.from({ length: calls }, (_, index) => ({ at: index + 1, errno, persistent })),
    ),
  );
  const start = Math.floor(seededRandom(seed)() * stride);
  let done = 0;
  for (let index = start; index < combinations.length && !signal.aborted; index += stride) {
    const fault = combinations[index];
    if (fault === undefined) break;
    await rm(layout, { recursive: true, force: true });
    await cp(template, layout, { recursive: true });
    const changes: NameEvent[] = [];
    const faulty = faultyFileSystem(nodeFileSystem, fault);
    let outcome: unknown = 'success';
    try {
      await runOperations(
        () => openLayoutForWriting(layout, { fileSystem: faulty, lockWaitLimit: 200 }),
        (event, name, meaning) => changes.push({ event, name, meaning }),
      );
    } catch (error) {
      outcome = error;
    }
    tally.count(outcome === 'success' ? 'ended in success' : 'ended in an error');
    const where = `call ${fault.at} (${faulty.calls[fault.at - 1] ?? 'none'}), ${fault.errno}${fault.persistent ? ' from there on' : ''}`;
    const violations = [
      ...(outcome === 'success' || outcome instanceof TallymanError ? [] : [`untyped: ${String(outcome)}`]),
      ...(await afterwards(layout, before, changes)),
    ];
    tally.round(violations.map((violation) => `${where}: ${violation}`));
    done += 1;
  }
  tally.unfinished(signal, done, Math.ceil((combinations.length - start) / stride));
  return tally.report();
}

/** What is wrong after a run that ended anywhere: names that lie, content that is not whole, leftovers that stay. */
export async function afterwards(
  layout: string,
  before: ReadonlyMap<string, string | undefined>,
  changes: readonly NameEvent[],
): Promise<readonly string[]> {
  try {
    const wrong = violationsOf(before, changes, await readEverything(layout));
    const next = await openLayoutForWriting(layout, { lockWaitLimit: 3000 });
    await next.collectGarbage({ signal: new AbortController().signal, grace: -1 });
    await next.close();
    await readEverything(layout);
    const left = await leftoversIn(nodeFileSystem, path.join(layout, '.tallyman'));
    return [...wrong, ...left.map((name) => `left behind: ${name}`)];
  } catch (error) {
    return [`afterwards: ${String(error)}`];
  }
}
