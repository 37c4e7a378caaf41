import { describe, expect, it } from 'vitest';
import { readEverything } from '../testing/check-layout.ts';
import { crashStates, seededRandom } from '../testing/crash-states.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import {
  optionsFor,
  putSmallImage,
  recordWork,
  SIMULATED_LAYOUT,
} from '../testing/torture/power-failures.ts';
import type { FileSystem } from './file-system.ts';
import { createLayout } from './write-layout.ts';

/** Milliseconds for a test that waits for the disk often, on a machine that is busy with others. */
const LONG = 180_000;

/** The methods of a disk as functions of their own. */
function bound(disk: SimulatedDisk): FileSystem {
  return {
    open: (file, mode) => disk.open(file, mode),
    look: (file) => disk.look(file),
    realPath: (file) => disk.realPath(file),
    list: (folder) => disk.list(folder),
    makeFolder: (folder) => disk.makeFolder(folder),
    rename: (from, to) => disk.rename(from, to),
    removeFile: (file) => disk.removeFile(file),
    removeFolder: (folder) => disk.removeFolder(folder),
    setPermissions: (file) => disk.setPermissions(file),
    touch: (file) => disk.touch(file),
    syncFolder: (folder) => disk.syncFolder(folder),
  };
}

// What is confirmed survives power failures: torture.test.ts, check 31.
describe('a power failure while a layout is made', () => {
  it(
    'leaves an unfinished layout that the next start finishes',
    async () => {
      const disk = new SimulatedDisk();
      await (await createLayout(SIMULATED_LAYOUT, optionsFor(disk, 'first'))).close();
      const random = seededRandom(1);
      for (let length = 0; length <= disk.events.length; length += 1) {
        for (const crashed of crashStates(disk.events, length, random, 3)) {
          const writer = await createLayout(SIMULATED_LAYOUT, optionsFor(crashed, 'second'));
          const image = await putSmallImage(writer, 'after', 10, 'after');
          await writer.close();
          expect(await readEverything(SIMULATED_LAYOUT, crashed)).toEqual(new Map([['after', image.digest]]));
        }
      }
    },
    LONG,
  );
});

describe('the simulated disk', () => {
  it.each([
    ['names', (disk: SimulatedDisk): FileSystem => ({ ...bound(disk), syncFolder: () => Promise.resolve() })],
    [
      'content',
      (disk: SimulatedDisk): FileSystem => ({
        ...bound(disk),
        open: async (file, mode) => ({ ...(await disk.open(file, mode)), sync: () => Promise.resolve() }),
      }),
    ],
  ])('catches a store that does not wait for %s', async (_what, careless) => {
    const disk = new SimulatedDisk();
    const { changes } = await recordWork(
      disk,
      [{ what: 'put', name: 'v1', content: 'a', size: 10 }],
      careless(disk),
    );
    let lost = 0;
    for (const crashed of crashStates(disk.events, disk.events.length, seededRandom(7), 20)) {
      const names = await readEverything(SIMULATED_LAYOUT, crashed).catch(() => new Map<string, string>());
      if (names.get('v1') !== changes[0]?.digest) lost += 1;
    }
    expect(lost).toBeGreaterThan(0);
  });
});
