import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSound } from '../../layout/check-layout.ts';
import { checkLayoutAt } from '../../layout/check-layout-at.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { seededRandom } from '../crash-states.ts';
import { startChild, type RunningChild } from '../start-child.ts';
import type { JournalLine, MixedOrder } from './mixed-work.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';

/** Milliseconds that a collector lives at most before it is killed. */
const COLLECTOR_LIFE_MS = 1_500;

/**
 * Check 36: processes store, name, remove and resume the same content all the time, under leases, while others collect garbage
 * without any grace and are killed at random. Nothing that was confirmed is missing when it is read back, at any time; at the end
 * everything is whole, and all that nothing needs is gone.
 */
export async function collectBesideImports(
  { folder, child, seed, signal }: TortureSurroundings,
  { importers, seconds }: { readonly importers: number; readonly seconds: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  const layout = path.join(folder, 'store');
  await (await createLayout(layout)).close();
  const until = Date.now() + seconds * 1000;
  const imports = Array.from({ length: importers }, (_, number) =>
    startChild(child, {
      what: 'mix',
      layout,
      prefix: `i${number}`,
      seed: Math.floor(random() * 2 ** 31),
      weights: { put: 6, attach: 1, tag: 1, untag: 1, remove: 3, partial: 2 },
    } satisfies MixedOrder),
  );
  let collector: RunningChild | undefined;
  try {
    while (Date.now() < until && !signal.aborted) {
      collector = startChild(child, { what: 'collect', layout });
      await Promise.race([collector.line().catch(() => undefined), sleep(Math.max(0, until - Date.now()))]);
      await sleep(random() * COLLECTOR_LIFE_MS);
      collector.process.kill('SIGKILL');
      if ((await collector.ended) !== 'SIGKILL')
        tally.round([`a collector ended by itself: ${collector.errors()}`]);
      tally.count('collectors killed');
      for (const line of collector.lines) {
        tally.count('collections');
        tally.count('blobs collected', Number(line.split(' ')[1]) || 0);
      }
      for (const each of imports)
        if (each.process.exitCode !== null) tally.round([`an importer ended by itself: ${each.errors()}`]);
      if (imports.every((each) => each.process.exitCode !== null)) break;
    }
    for (const each of imports) each.process.stdin.write('stop\n');
    await Promise.all(imports.map((each) => each.ended));
  } finally {
    for (const each of [...imports, collector]) each?.process.kill('SIGKILL');
  }

  const names = new Map<string, string | null>();
  for (const each of imports) followJournal(each.lines, names, tally);
  tally.unfinished(signal, 0, 1);

  const writer = await createLayout(layout);
  for (const [name, digest] of names) {
    const now = await writer.target.resolve(name, { signal: new AbortController().signal });
    tally.round(
      (now?.digest ?? null) === digest
        ? []
        : [`${name} means ${now?.digest ?? 'nothing'}, not ${digest ?? 'nothing'}`],
    );
  }
  const report = await writer.collectGarbage({ signal: new AbortController().signal, grace: -1 });
  await writer.close();
  const { check } = await checkLayoutAt(layout, { signal: new AbortController().signal });
  tally.round(isSound(check) ? [] : check.problems.map(({ error }) => error.message));
  const left = (await readdir(path.join(layout, 'blobs', 'sha256'))).length - report.liveBlobs;
  tally.round(
    left === 0 && check.orphans.length === 0
      ? []
      : [`${left} blobs that nothing needs are left, ${check.orphans.length} orphans`],
  );
  tally.note('blobs at the end', report.liveBlobs);
  return tally.report();
}

/** Counts what was confirmed, each of which was read back whole right then, and brings the names up to date. */
function followJournal(lines: readonly string[], names: Map<string, string | null>, tally: Tally): void {
  let open: Extract<JournalLine, { event: 'begin' }> | undefined;
  let lost: string[] = [];
  for (const text of lines) {
    const line = JSON.parse(text) as JournalLine;
    if (line.event === 'lost') lost = [...lost, line.what];
    if (line.event === 'begin') open = line;
    if (line.event !== 'done' || open === undefined) continue;
    tally.count(`confirmed ${open.operation}`);
    tally.round(lost);
    lost = [];
    for (const [name, digest] of Object.entries(open.names)) names.set(name, digest);
    open = undefined;
  }
  if (lost.length > 0) tally.round(lost);
}
