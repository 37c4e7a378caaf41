import fc from 'fast-check';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { digestOf } from '../content/digest-of.ts';
import { readEverything } from '../testing/check-layout.ts';
import { crashStates, seededRandom } from '../testing/crash-states.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import type { FileSystem } from './file-system.ts';
import type { LayoutWriter } from './layout-writer.ts';
import type { ProcessTable } from './process-identity.ts';
import { createLayout, type WriteOptions } from './write-layout.ts';

/** Milliseconds for a test that waits for the disk often, on a machine that is busy with others. */
const LONG = 180_000;

const { signal } = new AbortController();
const LAYOUT = path.resolve('/disk/store');

/** Steps of a workload; each is confirmed when it returned. */
type Step =
  | { readonly what: 'put'; readonly name: string; readonly content: string; readonly size: number }
  | { readonly what: 'attach'; readonly to: string; readonly content: string }
  | { readonly what: 'tag'; readonly from: string; readonly name: string }
  | { readonly what: 'untag'; readonly name: string }
  | { readonly what: 'remove'; readonly name: string };

/** What a name may mean: before the step that changes it began, and after it was confirmed. Undefined: nothing. */
interface Change {
  readonly name: string;
  readonly digest: string | undefined;
  /** Events before the step. */
  readonly begun: number;
  /** Events when it was confirmed. */
  readonly confirmed: number;
}

/** Every start of the simulated machine is another one: processes of an earlier one are dead. */
function machine(boot: string): ProcessTable {
  return {
    self: () => Promise.resolve({ pid: 1, place: 'here', bootId: boot }),
    liveness: ({ bootId }) => Promise.resolve(bootId === boot ? 'alive' : 'dead'),
    machineStart: () => Number.POSITIVE_INFINITY,
  };
}

const optionsFor = (disk: FileSystem, boot: string): WriteOptions => ({
  fileSystem: disk,
  processes: machine(boot),
  lockWaitLimit: 1000,
});

async function putBlobAndManifest(
  writer: LayoutWriter,
  content: string,
  size: number,
  name: string | undefined,
  fields: object,
): Promise<Descriptor> {
  const bytes = Buffer.alloc(size, content);
  const layer = { mediaType: MEDIA_TYPES.layerTar, digest: digestOf(bytes), size: bytes.byteLength };
  await writer.ingest(layer, bytes, { signal, names: 'later' });
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: layer,
    layers: [layer],
    ...fields,
  };
  const manifest = { bytes: Buffer.from(JSON.stringify(document)), mediaType: MEDIA_TYPES.manifest };
  const { descriptors } = await writer.putManifests([name === undefined ? manifest : { ...manifest, name }], {
    signal,
  });
  return descriptors[0]!;
}

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

/** Runs the steps and notes what each name means, by the number of events on the disk. */
async function run(
  disk: SimulatedDisk,
  steps: readonly Step[],
  fileSystem: FileSystem = disk,
): Promise<readonly Change[]> {
  const writer = await createLayout(LAYOUT, optionsFor(fileSystem, 'first'));
  const changes: Change[] = [];
  const meaning = new Map<string, Descriptor>();
  for (const step of steps) {
    const begun = disk.events.length;
    const touched: [string, Descriptor | undefined][] = [];
    if (step.what === 'put') {
      touched.push([step.name, await putBlobAndManifest(writer, step.content, step.size, step.name, {})]);
    } else if (step.what === 'attach') {
      const subject = meaning.get(step.to);
      if (subject !== undefined) await putBlobAndManifest(writer, step.content, 10, undefined, { subject });
    } else if (step.what === 'tag') {
      const known = meaning.get(step.from);
      if (known === undefined) continue;
      await writer.tag(step.name, known.digest, { signal });
      touched.push([step.name, known]);
    } else {
      const known = meaning.get(step.name);
      if (known === undefined) continue;
      if (step.what === 'untag') await writer.untag(step.name, { signal });
      else await writer.remove(known.digest, { signal });
      const gone =
        step.what === 'untag'
          ? [step.name]
          : [...meaning].filter(([, { digest }]) => digest === known.digest).map(([name]) => name);
      touched.push(...gone.map((name): [string, undefined] => [name, undefined]));
    }
    for (const [name, descriptor] of touched) {
      if (descriptor === undefined) meaning.delete(name);
      else meaning.set(name, descriptor);
      changes.push({ name, digest: descriptor?.digest, begun, confirmed: disk.events.length });
    }
  }
  await writer.close();
  return changes;
}

/** What each name may mean after the first `length` events: the last confirmed meaning, or one that was being made. */
function allowedMeanings(
  changes: readonly Change[],
  length: number,
): ReadonlyMap<string, ReadonlySet<string | undefined>> {
  const allowed = new Map<string, Set<string | undefined>>();
  for (const { name, digest, begun, confirmed } of changes) {
    if (confirmed <= length) allowed.set(name, new Set([digest]));
    else if (begun < length) allowed.set(name, new Set([...(allowed.get(name) ?? [undefined]), digest]));
  }
  return allowed;
}

const name = fc.constantFrom('v1', 'v2', 'v3');
const content = fc.stringMatching(/^[a-d]{1,3}$/);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('put' as const),
      name,
      content,
      size: fc.constantFrom(10, 5000, 70_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('attach' as const), to: name, content }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('tag' as const), from: name, name }) },
  fc.record({ what: fc.constant('untag' as const), name }),
  fc.record({ what: fc.constant('remove' as const), name }),
);

describe('a power failure (short form of check 31)', () => {
  it(
    'loses nothing that was confirmed, wherever it comes and whatever the disk had not synced',
    async () => {
      let states = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 2, maxLength: 5 }),
          fc.integer(),
          async (steps, seed) => {
            const disk = new SimulatedDisk();
            const changes = await run(disk, steps);
            const created = disk.events.findIndex(
              (event) => event.kind === 'move' && event.toName === 'oci-layout',
            );
            const random = seededRandom(seed);
            const stride = 1 + Math.floor(disk.events.length / 40);
            for (
              let length = created + 2 + Math.floor(random() * stride);
              length <= disk.events.length;
              length += stride
            ) {
              const allowed = allowedMeanings(changes, length);
              for (const crashed of crashStates(disk.events, length, random, 2)) {
                states += 1;
                const names = await readEverything(LAYOUT, crashed);
                for (const [key, meanings] of allowed)
                  expect([key, [...meanings]]).toEqual([key, expect.arrayContaining([names.get(key)])]);

                if (states % 5 !== 0) continue;
                // The next start goes on where the failure stopped, and clears away what it left.
                const writer = await createLayout(LAYOUT, optionsFor(crashed, 'second'));
                const image = await putBlobAndManifest(writer, 'after', 10, 'after', {});
                await writer.close();
                expect((await readEverything(LAYOUT, crashed)).get('after')).toBe(image.digest);
                const left = await crashed.list(path.join(LAYOUT, '.tallyman'));
                expect(left.filter((entry) => entry.startsWith('index.new-'))).toEqual([]);
              }
            }
          },
        ),
        { numRuns: 6 },
      );
      expect(states).toBeGreaterThan(500);
    },
    LONG,
  );

  it(
    'leaves an unfinished layout that the next start finishes',
    async () => {
      const disk = new SimulatedDisk();
      await (await createLayout(LAYOUT, optionsFor(disk, 'first'))).close();
      const random = seededRandom(1);
      for (let length = 0; length <= disk.events.length; length += 1) {
        for (const crashed of crashStates(disk.events, length, random, 3)) {
          const writer = await createLayout(LAYOUT, optionsFor(crashed, 'second'));
          const image = await putBlobAndManifest(writer, 'after', 10, 'after', {});
          await writer.close();
          expect(await readEverything(LAYOUT, crashed)).toEqual(new Map([['after', image.digest]]));
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
    const changes = await run(disk, [{ what: 'put', name: 'v1', content: 'a', size: 10 }], careless(disk));
    let lost = 0;
    for (const crashed of crashStates(disk.events, disk.events.length, seededRandom(7), 20)) {
      const names = await readEverything(LAYOUT, crashed).catch(() => new Map<string, string>());
      if (names.get('v1') !== changes[0]?.digest) lost += 1;
    }
    expect(lost).toBeGreaterThan(0);
  });
});
