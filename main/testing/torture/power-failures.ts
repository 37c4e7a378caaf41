import path from 'node:path';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { FileSystem } from '../../layout/file-system.ts';
import type { LayoutWriter } from '../../layout/layout-writer.ts';
import type { ProcessTable } from '../../layout/process-identity.ts';
import { createLayout, type WriteOptions } from '../../layout/write-layout.ts';
import { readEverything } from '../check-layout.ts';
import { crashStates, seededRandom, type Random } from '../crash-states.ts';
import { SimulatedDisk } from '../simulated-disk.ts';
import { makeImage } from './store-image.ts';
import { Tally, type TortureReport, type TortureSurroundings } from './torture.ts';

const { signal: never } = new AbortController();
export const SIMULATED_LAYOUT = path.resolve('/disk/store');

/** One of so many crashed disks is also written to, as the next start does. */
const GO_ON_EVERY = 5;

/** A step of a workload; it is confirmed when it returned. */
export type Step =
  | { readonly what: 'put'; readonly name: string; readonly content: string; readonly size: number }
  | { readonly what: 'attach'; readonly to: string; readonly content: string }
  | { readonly what: 'tag'; readonly from: string; readonly name: string }
  | { readonly what: 'untag'; readonly name: string }
  | { readonly what: 'remove'; readonly name: string }
  /** Unfinished content, let go of half-way. */
  | { readonly what: 'partial'; readonly content: string; readonly size: number }
  | { readonly what: 'collect' };

/** What a name may mean: before the step that changes it began, and after it was confirmed. Undefined: nothing. */
export interface Change {
  readonly name: string;
  readonly digest: string | undefined;
  /** Events before the step. */
  readonly begun: number;
  /** Events when it was confirmed. */
  readonly confirmed: number;
}

/** Unfinished content of which so many bytes were confirmed. */
interface KeptPartial {
  readonly id: string;
  readonly offset: number;
  readonly confirmed: number;
}

/** What was done to a disk. */
export interface RecordedWork {
  readonly changes: readonly Change[];
  readonly partials: readonly KeptPartial[];
}

/** Every start of the simulated machine is another one: processes of an earlier one are dead. */
function machine(boot: string): ProcessTable {
  return {
    self: () => Promise.resolve({ pid: 1, place: 'here', bootId: boot }),
    liveness: ({ bootId }) => Promise.resolve(bootId === boot ? 'alive' : 'dead'),
    machineStart: () => Number.POSITIVE_INFINITY,
  };
}

/** How the layout on a simulated disk is opened by a machine that was started under this name. */
export function optionsFor(disk: FileSystem, boot: string): WriteOptions {
  return { fileSystem: disk, processes: machine(boot), lockWaitLimit: 1000 };
}

/** Stores a manifest with its one layer, and answers what describes it. */
export async function putSmallImage(
  writer: LayoutWriter,
  content: string,
  size: number,
  name: string | undefined,
  fields: object = {},
): Promise<Descriptor> {
  const { layer, layerBytes, manifest, manifestBytes } = makeImage(Buffer.alloc(size, content), fields);
  await writer.ingest(layer, layerBytes, { signal: never, names: 'later' });
  const listed = { bytes: manifestBytes, mediaType: manifest.mediaType };
  await writer.putManifests([name === undefined ? listed : { ...listed, name }], { signal: never });
  return manifest;
}

/** Runs the steps and notes what each name means, by the number of events on the disk. */
export async function recordWork(
  disk: SimulatedDisk,
  steps: readonly Step[],
  fileSystem: FileSystem = disk,
): Promise<RecordedWork> {
  const writer = await createLayout(SIMULATED_LAYOUT, optionsFor(fileSystem, 'first'));
  const changes: Change[] = [];
  const partials: KeptPartial[] = [];
  const meaning = new Map<string, Descriptor>();
  for (const step of steps) {
    const begun = disk.events.length;
    const touched = new Map<string, Descriptor | undefined>();
    switch (step.what) {
      case 'put':
        touched.set(step.name, await putSmallImage(writer, step.content, step.size, step.name));
        break;
      case 'attach': {
        const subject = meaning.get(step.to);
        if (subject !== undefined) await putSmallImage(writer, step.content, 10, undefined, { subject });
        break;
      }
      case 'tag': {
        const known = meaning.get(step.from);
        if (known === undefined) break;
        await writer.tag(step.name, known.digest, { signal: never });
        touched.set(step.name, known);
        break;
      }
      case 'untag':
        if (!meaning.has(step.name)) break;
        await writer.untag(step.name, { signal: never });
        touched.set(step.name, undefined);
        break;
      case 'remove': {
        const known = meaning.get(step.name);
        if (known === undefined) break;
        await writer.remove(known.digest, { signal: never });
        for (const [name, { digest }] of meaning) if (digest === known.digest) touched.set(name, undefined);
        break;
      }
      case 'partial': {
        const bytes = Buffer.alloc(step.size, step.content);
        const partial = await writer.partials.start({ digest: digestOf(bytes), size: step.size });
        await partial.write(bytes.subarray(0, Math.floor(step.size / 2)));
        await partial.suspend();
        partials.push({ id: partial.id, offset: Math.floor(step.size / 2), confirmed: disk.events.length });
        break;
      }
      case 'collect':
        await writer.collectGarbage({ signal: never, grace: -1 });
    }
    for (const [name, descriptor] of touched) {
      if (descriptor === undefined) meaning.delete(name);
      else meaning.set(name, descriptor);
      changes.push({ name, digest: descriptor?.digest, begun, confirmed: disk.events.length });
    }
  }
  await writer.close();
  return { changes, partials };
}

/**
 * Check 31: records every call of random workloads on a disk in memory, and builds what a power failure may leave after each
 * of them: content that was not synced lost, zero-filled, torn or kept, names that were not synced lost or kept in any
 * combination. On each of these disks every confirmed name means what it meant, whole, and unfinished content is there as far
 * as it was confirmed; some are gone on with, as the next start does.
 */
export async function powerFailures(
  { seed, signal }: Pick<TortureSurroundings, 'seed' | 'signal'>,
  options: {
    readonly workloads: number;
    /** Steps of a workload, at most. */
    readonly steps: number;
    /** Crashed disks that are looked at after each call, of all that there are. */
    readonly statesPerCall: number;
    /** Calls that are looked at per workload, about; all of them when absent. */
    readonly calls?: number;
  },
): Promise<TortureReport> {
  const tally = new Tally();
  const random = seededRandom(seed);
  let done = 0;
  for (; done < options.workloads && !signal.aborted; done += 1) {
    const steps = drawSteps(random, 2 + Math.floor(random() * (options.steps - 1)));
    const disk = new SimulatedDisk();
    const work = await recordWork(disk, steps);
    tally.count('calls recorded', disk.events.length);
    const created = disk.events.findIndex((event) => event.kind === 'move' && event.toName === 'oci-layout');
    const stride = options.calls === undefined ? 1 : 1 + Math.floor(disk.events.length / options.calls);
    for (
      let length = created + 2 + Math.floor(random() * stride);
      length <= disk.events.length;
      length += stride
    ) {
      const states = [...crashStates(disk.events, length, random, 2)];
      for (let index = 0; index < options.statesPerCall && states.length > 0; index += 1) {
        const [state] = states.splice(Math.floor(random() * states.length), 1);
        if (state === undefined) continue;
        tally.count('states');
        const problems = await violations(state, work, length);
        tally.round(
          problems.map((problem) => `${problem}, after call ${length} of ${JSON.stringify(steps)}`),
        );
        if (tally.report().passed % GO_ON_EVERY !== 0) continue;
        tally.count('states gone on with');
        const after = await goOn(state);
        if (after.length > 0) tally.round(after);
      }
    }
  }
  tally.note('workloads', done);
  tally.unfinished(signal, done, options.workloads);
  return tally.report();
}

async function violations(
  crashed: SimulatedDisk,
  work: RecordedWork,
  length: number,
): Promise<readonly string[]> {
  let names: ReadonlyMap<string, string>;
  try {
    names = await readEverything(SIMULATED_LAYOUT, crashed);
  } catch (error) {
    return [`cannot be read whole: ${String(error)}`];
  }
  const wrong = [...allowedMeanings(work.changes, length)].flatMap(([name, meanings]) =>
    meanings.has(names.get(name))
      ? []
      : [`${name} means ${names.get(name) ?? 'nothing'}, not ${[...meanings].map(String).join(' or ')}`],
  );
  const kept = work.partials.filter(({ confirmed }) => confirmed <= length);
  if (kept.length === 0) return wrong;
  const writer = await createLayout(SIMULATED_LAYOUT, optionsFor(crashed, 'second'));
  const found = new Map((await writer.partials.list()).map(({ id, offset }) => [id, offset]));
  await writer.close();
  return [
    ...wrong,
    ...kept
      .filter(({ id, offset }) => (found.get(id) ?? 0) < offset)
      .map(({ id, offset }) => `${found.get(id) ?? 0} bytes of the unfinished ${id} are kept, not ${offset}`),
  ];
}

/** The next start goes on where the failure stopped, and clears away what it left. */
async function goOn(crashed: SimulatedDisk): Promise<readonly string[]> {
  try {
    const writer = await createLayout(SIMULATED_LAYOUT, optionsFor(crashed, 'second'));
    const image = await putSmallImage(writer, 'after', 10, 'after');
    await writer.close();
    const names = await readEverything(SIMULATED_LAYOUT, crashed);
    const left = await crashed.list(path.join(SIMULATED_LAYOUT, '.tallyman'));
    return [
      ...(names.get('after') === image.digest ? [] : ['what was stored after the failure is not there']),
      ...left.filter((entry) => entry.startsWith('index.new-')).map((entry) => `left behind: ${entry}`),
    ];
  } catch (error) {
    return [`cannot be gone on with: ${String(error)}`];
  }
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

function drawSteps(random: Random, count: number): readonly Step[] {
  const draw = <Value>(values: readonly [Value, ...Value[]]): Value =>
    values[Math.floor(random() * values.length)] ?? values[0];
  const name = (): string => draw(['v1', 'v2', 'v3']);
  const content = (): string => draw(['a', 'b', 'cc', 'abc']);
  return Array.from({ length: count }, (): Step => {
    const what = draw([
      'put',
      'put',
      'put',
      'put',
      'attach',
      'attach',
      'tag',
      'tag',
      'untag',
      'remove',
      'partial',
      'collect',
    ] as const);
    switch (what) {
      case 'put':
        return { what, name: name(), content: content(), size: draw([10, 5000, 70_000]) };
      case 'attach':
        return { what, to: name(), content: content() };
      case 'tag':
        return { what, from: name(), name: name() };
      case 'untag':
      case 'remove':
        return { what, name: name() };
      case 'partial':
        return { what, content: content(), size: draw([100, 9000]) };
      case 'collect':
        return { what };
    }
  });
}
