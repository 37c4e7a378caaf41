import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForChild, type ChildProgram } from '../testing/bundle-for-child.ts';
import { peer } from '../testing/surroundings.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { collectBesideImports } from '../testing/torture/collect-beside-imports.ts';
import { damagedLayouts } from '../testing/torture/damaged-layouts.ts';
import { failingCalls } from '../testing/torture/failing-calls.ts';
import { foreignClients, foreignWriters } from '../testing/torture/foreign-writers.ts';
import { fullDisk } from '../testing/torture/full-disk.ts';
import { injectedCalls, whyNoStrace } from '../testing/torture/injected-calls.ts';
import { killWriters } from '../testing/torture/kill-writers.ts';
import { powerFailures } from '../testing/torture/power-failures.ts';
import { stoppedHolder, updateAtOnce } from '../testing/torture/update-at-once.ts';
import type { TortureReport, TortureSurroundings } from '../testing/torture/torture.ts';

/** Milliseconds for a test that waits for the disk often, on a machine that is busy with others. */
const LONG = 180_000;

// The short forms of `npm run torture`: the same code with smaller numbers.
describe('the store under torture (short forms of checks 30 to 37)', () => {
  let child: ChildProgram;
  beforeAll(async () => {
    child = await bundleForChild(fileURLToPath(new URL('../testing/layout-child.ts', import.meta.url)));
  });
  afterAll(() => child.remove());

  async function surroundings(): Promise<TortureSurroundings> {
    return {
      folder: path.join(await temporaryFolder(), 'torture'),
      child: child.file,
      seed: Math.floor(Math.random() * 2 ** 31),
      signal: AbortSignal.timeout(LONG - 10_000),
      peer,
    };
  }

  /** Everything held, and enough was done to mean something. */
  function expectHeld({ violations, failed, passed }: TortureReport, least: number): void {
    expect({ violations, failed }).toEqual({ violations: [], failed: 0 });
    expect(passed).toBeGreaterThanOrEqual(least);
  }

  it(
    'keeps what was confirmed when writers of all kinds are killed at random (check 30)',
    async () => {
      expectHeld(await killWriters(await surroundings(), { kills: 12 }), 12);
    },
    LONG,
  );

  it(
    'loses nothing that was confirmed when the power fails, wherever it comes and whatever was not synced (check 31)',
    async () => {
      const options = { workloads: 6, steps: 6, statesPerCall: 6, calls: 25 };
      expectHeld(await powerFailures(await surroundings(), options), 100);
    },
    LONG,
  );

  it(
    'ends in success or a typed error whichever call fails, and never harms what was there (check 32)',
    async () => {
      expectHeld(await failingCalls(await surroundings(), { stride: 47 }), 30);
    },
    LONG,
  );

  it.skipIf(whyNoStrace() !== undefined)(
    'the same with system calls that fail under a real process (check 32; skipped without strace)',
    async () => {
      expectHeld(await injectedCalls(await surroundings(), { runs: 6, upTo: 12 }), 6);
    },
    LONG,
  );

  it(
    'loses no update of processes that write at once, while readers never meet a torn index (check 34)',
    async () => {
      expectHeld(await updateAtOnce(await surroundings(), { processes: 4, updates: 12 }), 48);
    },
    LONG,
  );

  it(
    'takes no lock from a process that is stopped (check 34)',
    async () => {
      expectHeld(await stoppedHolder(await surroundings(), { seconds: 1, waiters: 2 }), 3);
    },
    LONG,
  );

  it(
    'keeps what a program that ignores the lock writes at any moment, or reports a conflict (check 35)',
    async () => {
      expectHeld(await foreignWriters(await surroundings(), { stride: 5 }), 30);
    },
    LONG,
  );

  it.skipIf(peer('oras') === undefined)(
    'and oras and regctl change one layout in turns (check 35; skipped without TALLYMAN_PEERS)',
    async () => {
      expectHeld(await foreignClients(await surroundings(), { rounds: 3 }), 3);
    },
    LONG,
  );

  it(
    'says that a disk is full, changes nothing then, and goes on when there is room (check 33; skipped where no disk can be mounted)',
    async (context) => {
      const report = await fullDisk(await surroundings(), { diskSizes: [2 * 1024 * 1024], stride: 4 });
      if (report.skipped.length > 0) context.skip(report.skipped.join('; '));
      expectHeld(report, 50);
    },
    LONG,
  );

  it(
    'collects nothing that running imports need, killed or not, and all that nothing needs (check 36)',
    async () => {
      expectHeld(await collectBesideImports(await surroundings(), { importers: 4, seconds: 3 }), 20);
    },
    LONG,
  );

  it(
    'takes no damaged layout for a good or an empty one, names what is wrong, and writes nothing outside of it (check 37)',
    async () => {
      expectHeld(await damagedLayouts(await surroundings()), 60);
    },
    LONG,
  );
});
