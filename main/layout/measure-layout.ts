import { setImmediate } from 'node:timers/promises';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { isManifestMediaType } from '../../shared/oci/media-types.ts';
import { createTaskPool } from '../content/task-pool.ts';
import type { LayoutReader } from './layout-reader.ts';
import { digestOfName, type LayoutStorage } from './layout-storage.ts';
import { SCAN_CONCURRENCY } from './limits.ts';

/** Manifests that one measurement reads. */
export const MEASURE_MANIFEST_LIMIT = 200_000;

/** Steps from one piece of content to the next that one measurement takes, over all rows. */
export const MEASURE_STEP_LIMIT = 20_000_000;

/** Steps after which others get their turn. */
const STEPS_AT_ONCE = 20_000;

/** Blobs between two reports of progress. */
const PROGRESS_EVERY = 500;

export interface MeasureOptions {
  readonly signal: AbortSignal;
  /** How many blobs were looked at so far. */
  readonly onProgress?: (blobs: number) => void;
}

/** Blobs of a layout and their bytes, whatever leads to them. */
export interface StoredBlobs {
  readonly blobs: number;
  readonly bytes: number;
}

/** One thing of a layout with everything below it: manifests, configs, layers. What is attached to it is a row of its own. */
export interface RowSize {
  readonly digest: Digest;
  /** Names in `index.json`. */
  readonly names: readonly string[];
  /** Bytes of all of it, as if nothing were shared with other rows. */
  readonly logical: number;
  /** Bytes that no other row needs: what deleting this one would free. The rest of `logical` is shared. */
  readonly unique: number;
}

/** Sizes of a layout, in bytes that lie there: what is missing counts nothing. */
export interface LayoutSizes {
  /** Every row for itself, added up: what they would take if nothing were shared. */
  readonly logical: number;
  /** The same with every blob counted once: what they take on the disk. What sharing saves is the difference. */
  readonly unique: number;
  /** Everything under `blobs`, also what no row leads to. */
  readonly stored: StoredBlobs;
  /** Named and not there. */
  readonly missing: number;
  /** Manifests that cannot be read: what is below them counts for no row. */
  readonly unreadable: number;
  /** The largest first. */
  readonly rows: readonly RowSize[];
}

/** Counts what lies in a layout, by the sizes of its files. */
export async function countStored(storage: LayoutStorage, options: MeasureOptions): Promise<StoredBlobs> {
  const sizes = await sizesOfBlobs(storage, options);
  return { blobs: sizes.size, bytes: sum(sizes.values()) };
}

/**
 * Measures a layout without reading any blob but manifests. Rows are the entries of `index.json`, each digest once, that no other
 * entry leads to.
 * @throws TallymanError as reading `index.json`, and LIMIT.
 */
export async function measureLayout(
  storage: LayoutStorage,
  reader: LayoutReader,
  options: MeasureOptions,
): Promise<LayoutSizes> {
  const { signal } = options;
  const { entries } = (await reader.index(signal)).index;
  const sizes = await sizesOfBlobs(storage, options);
  const names = new Map<Digest, string[]>();
  const listed: Descriptor[] = [];
  for (const { descriptor, refName } of entries) {
    if (descriptor === undefined) continue; // malformed: the check says so
    const known = names.get(descriptor.digest);
    if (known === undefined) listed.push(descriptor);
    const all = known ?? [];
    if (refName !== undefined && refName !== '') all.push(refName);
    names.set(descriptor.digest, all);
  }
  const parts = await readParts(listed, sizes, reader, signal);
  const below = new Set<Digest>();
  for (const { children } of parts.values()) for (const child of children) below.add(child);
  const roots = listed.filter(({ digest }) => !below.has(digest));

  const holders = new Map<Digest, Digest | 'several'>();
  const logicalOf = new Map<Digest, number>();
  const visit = visitor(parts, signal);
  for (const { digest } of roots) {
    let logical = 0;
    await visit(digest, (each) => {
      logical += sizes.get(each) ?? 0;
      holders.set(each, holders.has(each) ? 'several' : digest);
    });
    logicalOf.set(digest, logical);
  }
  const uniqueOf = new Map<Digest, number>();
  for (const [digest, holder] of holders)
    if (holder !== 'several') uniqueOf.set(holder, (uniqueOf.get(holder) ?? 0) + (sizes.get(digest) ?? 0));
  const rows = roots.map(({ digest }) => ({
    digest,
    names: names.get(digest) ?? [],
    logical: logicalOf.get(digest) ?? 0,
    unique: uniqueOf.get(digest) ?? 0,
  }));
  return {
    logical: sum(logicalOf.values()),
    unique: sum([...holders.keys()].map((digest) => sizes.get(digest) ?? 0)),
    stored: { blobs: sizes.size, bytes: sum(sizes.values()) },
    missing: [...holders.keys()].filter((digest) => !sizes.has(digest)).length,
    unreadable: [...parts.values()].filter(({ readable }) => !readable).length,
    rows: rows.sort((a, b) => b.logical - a.logical),
  };
}

async function sizesOfBlobs(
  storage: LayoutStorage,
  { signal, onProgress }: MeasureOptions,
): Promise<Map<Digest, number>> {
  const sizes = new Map<Digest, number>();
  for await (const name of storage.blobNames(signal)) {
    const digest = digestOfName(name);
    if (digest === undefined) continue;
    const stored = await storage.look(name);
    if (stored.state !== 'file') continue;
    sizes.set(digest, stored.size);
    if (sizes.size % PROGRESS_EVERY === 0) onProgress?.(sizes.size);
  }
  return sizes;
}

/** What a manifest names. */
interface Part {
  readonly children: readonly Digest[];
  readonly readable: boolean;
}

async function readParts(
  listed: readonly Descriptor[],
  sizes: ReadonlyMap<Digest, number>,
  reader: LayoutReader,
  signal: AbortSignal,
): Promise<ReadonlyMap<Digest, Part>> {
  const pool = createTaskPool(SCAN_CONCURRENCY, AbortSignal.any([signal]));
  const parts = new Map<Digest, Part>();
  const asked = new Set<Digest>();
  for (let level = listed; level.length > 0;) {
    const fresh = level.filter(
      ({ digest, mediaType }) => isManifestMediaType(mediaType) && sizes.has(digest) && !asked.has(digest),
    );
    for (const { digest } of fresh) asked.add(digest);
    if (asked.size > MEASURE_MANIFEST_LIMIT) throw tooLarge('manifests', MEASURE_MANIFEST_LIMIT);
    const next: Descriptor[] = [];
    const read = async (descriptor: Descriptor): Promise<void> => {
      const named = await readNamed(descriptor, reader, signal);
      parts.set(descriptor.digest, {
        children: named?.all ?? [],
        readable: named !== undefined,
      });
      next.push(...(named?.manifests ?? []));
    };
    await Promise.all(fresh.map((descriptor) => pool.run(() => read(descriptor))));
    level = next;
  }
  return parts;
}

/** What a manifest names below itself; undefined when it cannot be read. Its subject is not below it. */
async function readNamed(
  descriptor: Descriptor,
  reader: LayoutReader,
  signal: AbortSignal,
): Promise<{ readonly all: readonly Digest[]; readonly manifests: readonly Descriptor[] } | undefined> {
  try {
    const { bytes } = await reader.manifest(descriptor.digest, { descriptor }, signal);
    const parsed = parseManifest(bytes, descriptor.mediaType);
    if (parsed.form === 'index')
      return { all: parsed.manifests.map(({ digest }) => digest), manifests: parsed.manifests };
    if (parsed.form === 'schema-1') return { all: parsed.layerDigests, manifests: [] };
    const blobs = [...(parsed.config === undefined ? [] : [parsed.config]), ...parsed.layers];
    return { all: blobs.map(({ digest }) => digest), manifests: [] };
  } catch (error) {
    if (error instanceof TallymanError && !signal.aborted) return undefined;
    throw error;
  }
}

/** Goes through everything below a digest, itself included, each once. */
function visitor(
  parts: ReadonlyMap<Digest, Part>,
  signal: AbortSignal,
): (root: Digest, see: (digest: Digest) => void) => Promise<void> {
  let steps = 0;
  let rested = 0;
  return async (root, see) => {
    const seen = new Set<Digest>([root]);
    const waiting = [root];
    for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
      see(digest);
      for (const child of parts.get(digest)?.children ?? []) {
        if (!seen.has(child)) waiting.push(child);
        seen.add(child);
        steps += 1;
      }
      if (steps > MEASURE_STEP_LIMIT) throw tooLarge('steps', MEASURE_STEP_LIMIT);
      if (steps - rested < STEPS_AT_ONCE) continue;
      rested = steps;
      await setImmediate(undefined, { signal });
    }
  };
}

function tooLarge(what: string, limit: number): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The layout has more than ${limit.toLocaleString('en')} ${what} to look at: it is not measured.`,
    hint: 'Split the layout into several.',
    details: { limit },
  });
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const each of numbers) total += each;
  return total;
}
