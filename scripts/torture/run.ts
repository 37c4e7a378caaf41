import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleForChild } from '../../main/testing/bundle-for-child.ts';
import { peer } from '../../main/testing/surroundings.ts';
import type { TortureReport } from '../../main/testing/torture/torture.ts';
import { STORE_TORTURES } from './store-tortures.ts';
import type { Torture } from './torture.ts';
import { TRANSFER_TORTURES } from './transfer-tortures.ts';

/** Every torture there is, in the order in which they run. */
const TORTURES: readonly Torture[] = [...STORE_TORTURES, ...TRANSFER_TORTURES];

/**
 * Runs the named tortures (all without names) one after the other and prints what each did and found.
 * @returns the exit code: 0 when everything held, 1 after any violation, 2 for wrong usage.
 */
export async function runTortures(root: string, words: readonly string[]): Promise<number> {
  const asked = parse(words);
  if (typeof asked === 'string') {
    say(`torture: ${asked}`);
    say(TORTURES.map(({ name, check, about }) => `  ${name.padEnd(22)} check ${check}: ${about}`).join('\n'));
    return 2;
  }
  const { names, scale, seed } = asked;
  say(`torture: seed ${seed}${scale === 1 ? '' : `, scale ${scale}: not the whole of it`}`);
  let failed = 0;
  for (const torture of TORTURES) {
    if (names.length > 0 && !names.includes(torture.name)) continue;
    say(`torture: ${torture.name} … (${torture.about})`);
    const child = await bundleForChild(path.join(root, torture.program));
    const began = performance.now();
    const report = await runOne(torture, child.file, scale, seed);
    print(torture, report, (performance.now() - began) / 1000);
    await child.remove();
    if (report.failed > 0) failed += 1;
  }
  if (failed > 0) say(`torture: ${failed} did not hold. --seed ${seed} draws the same workloads again.`);
  return failed === 0 ? 0 : 1;
}

async function runOne(torture: Torture, child: string, scale: number, seed: number): Promise<TortureReport> {
  const work = await mkdtemp(path.join(tmpdir(), 'tallyman-torture-'));
  try {
    const signal = AbortSignal.timeout(torture.limit * 60_000);
    return await torture.run({ folder: path.join(work, 'torture'), child, seed, signal, peer }, (number) =>
      Math.max(1, Math.round(number * scale)),
    );
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { passed: 0, failed: 1, violations: [`it ended by itself: ${text}`], counters: {}, skipped: [] };
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

function print({ name, check }: Torture, report: TortureReport, seconds: number): void {
  const { passed, failed, counters, violations, skipped } = report;
  const number = (value: number | string): string =>
    typeof value === 'number' ? value.toLocaleString('en') : value;
  process.stdout.write(
    [
      `${name} (check ${check}): ${number(passed)} passed, ${number(failed)} failed, ${seconds.toFixed(0)} s`,
      ...Object.entries(counters).map(([what, value]) => `    ${what}: ${number(value)}`),
      ...skipped.map((what) => `    SKIPPED: ${what}`),
      ...violations.map((what) => `    VIOLATED: ${what}`),
      '',
    ].join('\n'),
  );
}

interface Asked {
  readonly names: readonly string[];
  readonly scale: number;
  readonly seed: number;
}

function parse(words: readonly string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      strict: true,
      options: { scale: { type: 'string' }, seed: { type: 'string' } },
    });
    const unknown = positionals.filter((name) => !TORTURES.some((torture) => torture.name === name));
    if (unknown.length > 0) return `there is no ${unknown.join(', ')}. There are:`;
    const scale = Number(values.scale ?? '1');
    if (!(scale > 0 && scale <= 1)) return '--scale is a number up to 1. There are:';
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    if (!Number.isSafeInteger(seed)) return '--seed is a whole number. There are:';
    return { names: positionals, scale, seed };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)} There are:`;
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
