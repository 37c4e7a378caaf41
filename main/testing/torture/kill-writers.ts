import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLayout } from '../../layout/write-layout.ts';
import { readEverything } from '../check-layout.ts';
import { seededRandom, type Random } from '../crash-states.ts';
import { startChild, type RunningChild } from '../start-child.ts';
import type { ExportedName, JournalLine, MixedOrder } from './mixed-work.ts';
import { makeImage, storeImage } from './store-image.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';

const PREFIXES = ['a', 'b', 'c'];
/** Milliseconds after its first operation within which a process is killed. */
const KILL_WITHIN_MS = 300;
/** It is killed as well when it did not begin within this time. */
const STARTS_WITHIN_MS = 20_000;
/** After so many rounds it is looked whether the next start clears away what killed writers left. */
const ROUNDS_BETWEEN_LOOKS = 10;

const WEIGHTS: MixedOrder['weights'] = {
  put: 5,
  attach: 2,
  tag: 2,
  untag: 1,
  remove: 1,
  partial: 2,
  collect: 1,
  export: 1,
};

/** What was confirmed about one prefix, and what was begun when its process was killed. */
interface Expected {
  readonly names: Map<string, string | null>;
  readonly partials: Map<string, number | null>;
  /** Exported names by file and name, with the digests that they may have. */
  readonly exports: Map<string, string>;
}

/**
 * Check 30: one to three processes store, attach, tag, untag, remove, collect and go on with unfinished content in one layout
 * until each is killed with SIGKILL at a random moment. After every round the index parses, every name means what was
 * confirmed or what was being done, with all its content, and unfinished content is there as far as it was confirmed.
 */
export async function killWriters(
  { folder, child, seed, signal }: TortureSurroundings,
  { kills }: { readonly kills: number },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  const layout = path.join(folder, 'store');
  const expected = new Map<string, Expected>(
    PREFIXES.map((prefix) => [prefix, { names: new Map(), partials: new Map(), exports: new Map() }]),
  );
  const parent = await createLayout(layout);
  await mkdir(path.join(folder, 'exports'));
  let done = 0;
  for (let round = 1; done < kills && !signal.aborted; round += 1) {
    const prefixes = drawSome(
      PREFIXES,
      Math.min(kills - done, 1 + Math.floor(random() * PREFIXES.length)),
      random,
    );
    const running = prefixes.map((prefix) => ({
      prefix,
      process: startChild(child, {
        what: 'mix',
        layout,
        prefix,
        seed: Math.floor(random() * 2 ** 31),
        weights: WEIGHTS,
      } satisfies MixedOrder),
    }));
    await Promise.all(running.map((each) => killLater(each.process, random() * KILL_WITHIN_MS, signal)));
    done += running.length;
    const violations: string[] = [];
    for (const { prefix, process } of running) {
      if ((await process.ended) !== 'SIGKILL')
        violations.push(`a writer ended by itself: ${process.errors()}`);
      follow(expected.get(prefix), process.lines, tally, violations);
    }
    violations.push(...(await compare(layout, expected, parent)));
    violations.push(...(await compareExports(path.join(folder, 'exports'), expected)));
    if (round % ROUNDS_BETWEEN_LOOKS === 0) {
      const next = await createLayout(layout);
      await storeImage(next, makeImage(Buffer.from('parent')), 'parent', signal);
      await next.close();
      violations.push(...(await leftovers(layout)));
    }
    tally.count('kills', running.length);
    for (let number = 0; number < running.length; number += 1) tally.round(number === 0 ? violations : []);
  }
  tally.unfinished(signal, done, kills);
  await parent.close();
  return tally.report();
}

async function killLater(child: RunningChild, after: number, signal: AbortSignal): Promise<void> {
  await Promise.race([
    child.line().catch(() => undefined),
    sleep(STARTS_WITHIN_MS, undefined, { ref: false }),
  ]);
  await sleep(after, undefined, { signal }).catch(() => undefined);
  child.process.kill('SIGKILL');
  await child.ended;
}

/** Brings what is expected up to date by the journal of one process; the last operation may have happened or not. */
function follow(
  expected: Expected | undefined,
  lines: readonly string[],
  tally: Tally,
  violations: string[],
): void {
  if (expected === undefined) return;
  let open: Extract<JournalLine, { event: 'begin' }> | undefined;
  for (const text of lines) {
    const line = parseLine(text);
    if (line === undefined) continue; // killed in the middle of the line: nothing was begun
    if (line.event === 'lost') violations.push(`after it was confirmed: ${line.what}`);
    if (line.event === 'begin') open = line;
    if (line.event !== 'done' || open === undefined) continue;
    tally.count(`confirmed ${open.operation}`);
    for (const [name, digest] of Object.entries(open.names)) expected.names.set(name, digest);
    for (const [id, offset] of Object.entries(open.partials)) expected.partials.set(id, offset);
    if (open.exported !== undefined) {
      forgetReplaced(expected, open.exported);
      expected.exports.set(exportKey(open.exported), open.exported.digest);
    }
    open = undefined;
  }
  if (open === undefined) return;
  tally.count('killed in the middle of something');
  // Either is right now; what it is decides what is right later.
  for (const [name, digest] of Object.entries(open.names)) {
    expected.names.set(name, `${String(expected.names.get(name) ?? null)} ${String(digest)}`);
  }
  for (const id of Object.keys(open.partials)) expected.partials.delete(id);
  if (open.exported === undefined) return;
  forgetReplaced(expected, open.exported);
  const key = exportKey(open.exported);
  const before = expected.exports.get(key);
  if (before !== undefined) expected.exports.set(key, `${before} ${open.exported.digest}`);
}

/** An archive is replaced whole: what it held before is gone. */
function forgetReplaced(expected: Expected, { file }: ExportedName): void {
  if (!file.endsWith('.tar')) return;
  for (const key of [...expected.exports.keys()])
    if (key.startsWith(`${file} `)) expected.exports.delete(key);
}

function exportKey({ file, name }: ExportedName): string {
  return `${file} ${name}`;
}

/** Every archive is whole, whenever its writer was killed, and every confirmed export holds what it should. */
async function compareExports(
  folder: string,
  expected: ReadonlyMap<string, Expected>,
): Promise<readonly string[]> {
  const violations: string[] = [];
  for (const file of (await namesIn(folder)).filter((name) => /^[a-z]\.tar$/.test(name))) {
    await readEverything(path.join(folder, file)).catch((error: unknown) =>
      violations.push(`the export ${file} is not whole: ${String(error)}`),
    );
  }
  for (const { exports } of expected.values()) {
    for (const [key, digests] of exports) {
      const [file = '', name = ''] = key.split(' ');
      const names = await readEverything(path.join(folder, file)).catch((error: unknown) => String(error));
      const now = typeof names === 'string' ? names : names.get(name);
      if (now === undefined || !digests.split(' ').includes(now))
        violations.push(`${name} in the export ${file} is ${now ?? 'nothing'}, not ${digests}`);
    }
  }
  return violations;
}

function parseLine(text: string): JournalLine | undefined {
  try {
    return JSON.parse(text) as JournalLine;
  } catch {
    return undefined;
  }
}

async function compare(
  layout: string,
  expected: ReadonlyMap<string, Expected>,
  {
    partials,
  }: { readonly partials: { list(): Promise<readonly { readonly id: string; readonly offset: number }[]> } },
): Promise<readonly string[]> {
  const violations: string[] = [];
  try {
    const names = await readEverything(layout);
    const unfinished = new Map((await partials.list()).map(({ id, offset }) => [id, offset]));
    for (const { names: wanted, partials: kept } of expected.values()) {
      for (const [name, meanings] of wanted) {
        const now = String(names.get(name) ?? null);
        if (!String(meanings).split(' ').includes(now))
          violations.push(`${name} means ${now}, not ${String(meanings)}`);
        wanted.set(name, names.get(name) ?? null);
      }
      for (const [id, offset] of kept) {
        const now = unfinished.get(id);
        if (offset !== null && (now === undefined || now < offset))
          violations.push(`of the unfinished content ${id} ${now ?? 'no'} bytes are kept, not ${offset}`);
      }
    }
  } catch (error) {
    violations.push(`the layout cannot be read whole: ${String(error)}`);
  }
  return violations;
}

/** What killed writers left is at most a folder that was not signed yet, or was half removed: never content, never a lock. */
async function leftovers(layout: string): Promise<readonly string[]> {
  const work = path.join(layout, '.tallyman');
  const left = (await readdir(work)).filter((name) => /^(?:index\.new|lock$)/.test(name));
  const ingests = (await readdir(path.join(work, 'ingest'))).map((name) => path.join('ingest', name));
  const locks = (await readdir(work)).filter((name) => name.startsWith('lock-'));
  for (const folder of [...ingests, ...locks]) {
    const names = await namesIn(path.join(work, folder));
    if (!names.includes('state.json') && names.some((name) => name !== 'owner.json'))
      left.push(`${folder}: ${names.join(', ')}`);
  }
  const trash = await namesIn(path.join(work, 'trash'));
  return [...left, ...trash.map((name) => path.join('trash', name))].map((name) => `left behind: ${name}`);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => []);
}

function drawSome(from: readonly string[], count: number, random: Random): readonly string[] {
  return [...from].sort(() => random() - 0.5).slice(0, count);
}
