import { collectBesideImports } from '../../main/testing/torture/collect-beside-imports.ts';
import { damagedLayouts } from '../../main/testing/torture/damaged-layouts.ts';
import { failingCalls } from '../../main/testing/torture/failing-calls.ts';
import { foreignClients, foreignWriters } from '../../main/testing/torture/foreign-writers.ts';
import { fullDisk } from '../../main/testing/torture/full-disk.ts';
import { injectedCalls } from '../../main/testing/torture/injected-calls.ts';
import { killWriters } from '../../main/testing/torture/kill-writers.ts';
import { powerFailures } from '../../main/testing/torture/power-failures.ts';
import { stoppedHolder, updateAtOnce } from '../../main/testing/torture/update-at-once.ts';
import type { Torture } from './torture.ts';

const MEBIBYTE = 1024 * 1024;

const TABLE: readonly Omit<Torture, 'program'>[] = [
  {
    name: 'kills',
    check: '30',
    about:
      '1,000 writers killed at random: what was confirmed is there, whole; what they left is cleared away',
    limit: 40,
    run: (surroundings, scaled) => killWriters(surroundings, { kills: scaled(1_000) }),
  },
  {
    name: 'power',
    check: '31',
    about:
      '40 workloads, a power failure after every call, at least 20,000 disks: what was confirmed is there, whole',
    limit: 30,
    run: (surroundings, scaled) =>
      powerFailures(surroundings, { workloads: scaled(40), steps: 8, statesPerCall: 8 }),
  },
  {
    name: 'failing-calls',
    check: '32',
    about: 'every call of every operation fails, once and for good: success or a typed error, nothing harmed',
    limit: 30,
    run: (surroundings, scaled) =>
      failingCalls(surroundings, { stride: Math.max(1, Math.round(1_000 / scaled(1_000))) }),
  },
  {
    name: 'failing-system-calls',
    check: '32',
    about: 'the same under a real process, by strace: the n-th system call, n up to 60',
    limit: 30,
    run: (surroundings, scaled) => injectedCalls(surroundings, { runs: scaled(600), upTo: 60 }),
  },
  {
    name: 'full-disk',
    check: '33',
    about: 'disks of 1 to 16 MiB, full to the page: an error says so, nothing changed, the space comes back',
    limit: 15,
    run: (surroundings) =>
      fullDisk(surroundings, { diskSizes: [1, 4, 16].map((size) => size * MEBIBYTE), stride: 1 }),
  },
  {
    name: 'updates',
    check: '34',
    about: '8 processes with 200 updates each, and readers: 1,600 names, no torn index',
    limit: 15,
    run: (surroundings, scaled) => updateAtOnce(surroundings, { processes: 8, updates: scaled(200) }),
  },
  {
    name: 'stopped-holder',
    check: '34',
    about: 'the holder of the lock is stopped for 30 s: nobody takes it, the others say who has it',
    limit: 5,
    run: (surroundings) => stoppedHolder(surroundings, { seconds: 30, waiters: 3 }),
  },
  {
    name: 'foreign-writers',
    check: '35',
    about:
      'a program without the lock writes before every call of a change: both survive, or a conflict is told',
    limit: 15,
    run: (surroundings) => foreignWriters(surroundings, { stride: 1 }),
  },
  {
    name: 'foreign-clients',
    check: '35',
    about: 'oras, regctl and we change one layout in turns: nothing of anybody is lost',
    limit: 15,
    run: (surroundings, scaled) => foreignClients(surroundings, { rounds: scaled(100) }),
  },
  {
    name: 'collections',
    check: '36',
    about:
      '4 importers for 10 minutes beside collectors that are killed: nothing needed goes, all garbage does',
    limit: 15,
    run: (surroundings, scaled) => collectBesideImports(surroundings, { importers: 4, seconds: scaled(600) }),
  },
  {
    name: 'damage',
    check: '37',
    about:
      'layouts damaged in every way: none reads as good or empty, each fault is named, nothing outside is written',
    limit: 5,
    run: (surroundings) => damagedLayouts(surroundings),
  },
];

/** Of the store, checks 30 to 37: the same code as in `main/layout/torture.test.ts`, with the numbers of the bar. */
export const STORE_TORTURES: readonly Torture[] = TABLE.map((torture) => ({
  ...torture,
  program: 'main/testing/layout-child.ts',
}));
