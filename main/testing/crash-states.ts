import { ROOT_INODE, SimulatedDisk, written, type DiskEvent, type SimulatedNode } from './simulated-disk.ts';

/** Files are torn at this size: the unit in which disks and page caches write. */
const TORN_UNIT = 4096;

/** What became of the content of a file that was written and not synced. */
const CONTENT_FATES = ['lost', 'kept', 'zeros', 'torn'] as const;
type ContentFate = (typeof CONTENT_FATES)[number];

type NameEvent = Extract<DiskEvent, { kind: 'add' | 'remove' | 'move' }>;

/** Random numbers that can be had again. */
export type Random = () => number;

/** A small generator (mulberry32): the same seed gives the same states. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Disks as a power failure may leave them after the first `length` events. Content that was not synced may be lost, kept,
 * zero-filled or torn; names made, moved or removed in a folder that was not synced since may be there or not, each for
 * itself, in any combination; a moved file may have its old name, its new one, or both. Combinations are drawn: all lost,
 * all kept, each one alone kept, each one alone lost, every beginning kept, and `draws` at random.
 */
export function* crashStates(
  events: readonly DiskEvent[],
  length: number,
  random: Random,
  draws: number,
): Generator<SimulatedDisk> {
  const happened = events.slice(0, length);
  const names = happened.filter(
    (event): event is NameEvent => event.kind === 'add' || event.kind === 'remove' || event.kind === 'move',
  );
  const open = names.filter((event) => !isSynced(happened, event));
  const choices: ((position: number) => boolean)[] = [() => false, () => true];
  open.forEach((_, index) => {
    choices.push(
      (position) => position === index,
      (position) => position !== index,
      (position) => position <= index,
    );
  });
  for (let draw = 0; draw < draws; draw += 1) {
    const kept = open.map(() => random() < 0.5);
    choices.push((position) => kept[position] === true);
  }
  for (const keeps of choices) {
    const kept = names.filter((event) => !open.includes(event) || keeps(open.indexOf(event)));
    const fate =
      random() < 0.5
        ? (): ContentFate => CONTENT_FATES[Math.floor(random() * CONTENT_FATES.length)] ?? 'lost'
        : sameFate(random);
    yield build(happened, kept, fate, random);
  }
}

function sameFate(random: Random): () => ContentFate {
  const fate = CONTENT_FATES[Math.floor(random() * CONTENT_FATES.length)] ?? 'lost';
  return () => fate;
}

/** Whether the folder that has the name (for a move: the new one) was synced after the event. */
function isSynced(happened: readonly DiskEvent[], event: NameEvent): boolean {
  const folder = event.kind === 'move' ? event.to : event.folder;
  return happened
    .slice(happened.indexOf(event) + 1)
    .some((later) => later.kind === 'sync-folder' && later.folder === folder);
}

function build(
  happened: readonly DiskEvent[],
  kept: readonly NameEvent[],
  fate: () => ContentFate,
  random: Random,
): SimulatedDisk {
  const folders = new Map<number, Map<string, number>>([[ROOT_INODE, new Map()]]);
  const isFolder = new Set<number>([ROOT_INODE]);
  let last = ROOT_INODE;
  for (const event of happened) {
    if (event.kind !== 'add') continue;
    last = Math.max(last, event.node);
    if (!event.isFolder) continue;
    isFolder.add(event.node);
    folders.set(event.node, new Map());
  }
  for (const event of kept) {
    if (event.kind === 'add') folders.get(event.folder)?.set(event.name, event.node);
    else if (event.kind === 'remove') folders.get(event.folder)?.delete(event.name);
    else {
      const source = folders.get(event.from);
      // The old name may outlive the move when its folder was not synced; not that of a folder, which has one parent only.
      const forgets =
        isFolder.has(event.node) ||
        event.from === event.to ||
        wasSyncedAfter(happened, event) ||
        random() < 0.7;
      if (forgets && source?.get(event.fromName) === event.node) source.delete(event.fromName);
      folders.get(event.to)?.set(event.toName, event.node);
    }
  }
  const now = BigInt(Date.now()) * 1_000_000n;
  const contents = new Map<number, Uint8Array>();
  const made = new Map<number, SimulatedNode>();
  const node = (inode: number): SimulatedNode => {
    const known = made.get(inode);
    if (known !== undefined) return known;
    if (!isFolder.has(inode)) {
      const data = contents.get(inode) ?? contentAfterCrash(happened, inode, fate(), random);
      contents.set(inode, data);
      const file: SimulatedNode = { inode, kind: 'file', data, modified: now };
      made.set(inode, file);
      return file;
    }
    const entries = new Map<string, SimulatedNode>();
    const folder: SimulatedNode = { inode, kind: 'folder', entries, modified: now };
    made.set(inode, folder);
    for (const [name, child] of folders.get(inode) ?? []) entries.set(name, node(child));
    return folder;
  };
  const root = node(ROOT_INODE);
  return new SimulatedDisk(root.kind === 'folder' ? root : undefined, last);
}

function wasSyncedAfter(
  happened: readonly DiskEvent[],
  event: Extract<NameEvent, { kind: 'move' }>,
): boolean {
  return happened
    .slice(happened.indexOf(event) + 1)
    .some((later) => later.kind === 'sync-folder' && later.folder === event.from);
}

function contentAfterCrash(
  happened: readonly DiskEvent[],
  inode: number,
  fate: ContentFate,
  random: Random,
): Uint8Array {
  let data: Uint8Array = new Uint8Array(0);
  let synced: Uint8Array = data;
  for (const event of happened) {
    if (event.kind === 'write' && event.node === inode) data = written(data, event.position, event.bytes);
    if (event.kind === 'truncate' && event.node === inode) data = data.slice(0, event.size);
    if (event.kind === 'sync' && event.node === inode) synced = data;
  }
  if (data === synced) return data;
  switch (fate) {
    case 'lost':
      return synced;
    case 'kept':
      return data;
    case 'zeros': {
      const zeros = new Uint8Array(data.byteLength);
      zeros.set(synced.subarray(0, data.byteLength));
      return zeros;
    }
    case 'torn': {
      const units = Math.ceil(data.byteLength / TORN_UNIT);
      const torn = new Uint8Array(data.byteLength);
      torn.set(synced.subarray(0, data.byteLength));
      const upTo =
        units > 1 ? Math.floor(random() * units) * TORN_UNIT : Math.floor(random() * data.byteLength);
      torn.set(data.subarray(0, upTo));
      return torn;
    }
  }
}
