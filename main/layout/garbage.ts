import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { TallymanError, toErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { isManifestMediaType } from '../../shared/oci/media-types.ts';
import { MANIFEST_LIMIT } from '../content/limits.ts';
import type { Target } from '../content/target.ts';
import { createTaskPool } from '../content/task-pool.ts';
import { ensureFolder } from './durable-write.ts';
import { errnoOf, fileError } from './file-error.ts';
import type { FileInfo, FileSystem } from './file-system.ts';
import { parseLayoutIndex, type LayoutIndex } from './layout-index.ts';
import type { HeldLock } from './layout-lock.ts';
import { blobName } from './layout-storage.ts';
import { readLeases } from './leases.ts';
import { INDEX_FILE_LIMIT, SCAN_CONCURRENCY } from './limits.ts';
import { listBlobs } from './list-blobs.ts';
import { markFrom, markLive, readManifest, type MarkedManifest, type MarkOptions } from './mark-live.ts';
import type { ProcessTable } from './process-identity.ts';
import { readWholeFile } from './read-whole-file.ts';
import { emptyTrash, putBack, trashFile } from './trash.ts';
import type { LayoutPaths } from './work-folder.ts';

/** Content that came or was asked for within this time is never collected: somebody may be about to list it. */
export const GARBAGE_GRACE_MS = 24 * 60 * 60 * 1000;

export interface GarbageOptions {
  readonly signal: AbortSignal;
  /** Milliseconds; see `GARBAGE_GRACE_MS`. */
  readonly grace?: number;
  /** Whether manifests that nothing lists are kept when they are about something that is: true when absent. */
  readonly keepReferrers?: boolean;
  /** See `MarkOptions.sparse`. */
  readonly sparse?: boolean;
}

export interface Garbage {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What a collection would remove, or did. */
export interface GarbageReport {
  readonly garbage: readonly Garbage[];
  readonly garbageBytes: number;
  /** What index.json or a lease leads to, as far as it is there. */
  readonly liveBlobs: number;
  readonly liveBytes: number;
  /** Nothing leads to it, and it is too young. */
  readonly youngBlobs: number;
  readonly youngBytes: number;
}

export interface GarbageContext {
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  readonly paths: LayoutPaths;
  readonly place: string;
  readonly target: Target;
  readonly underLock: <Result>(
    work: (lock: HeldLock) => Promise<Result>,
    signal: AbortSignal,
  ) => Promise<Result>;
}

interface Candidate extends Garbage {
  readonly info: FileInfo;
}

/**
 * Finds what nothing leads to, without removing anything.
 * @throws TallymanError CONFLICT when anything that is reached cannot be read: the cause says what. Nothing is garbage then.
 */
export async function findGarbage(context: GarbageContext, options: GarbageOptions): Promise<GarbageReport> {
  const { report } = await survey(context, options, newKnowledge());
  return report;
}

/**
 * Removes what nothing leads to (reliability bar, 3.7). The survey runs without the lock. Under the lock it is made again on
 * what changed, the garbage is moved aside, and index.json and leases are read once more: what came to life goes back, the
 * rest is removed. Stopped anywhere, it leaves at most content in the trash folder, which the next change puts back.
 * @throws TallymanError as `findGarbage`; nothing is removed then.
 */
export async function collectGarbage(
  context: GarbageContext,
  options: GarbageOptions,
): Promise<GarbageReport> {
  const { fileSystem, paths, place, underLock } = context;
  const known = newKnowledge();
  await survey(context, options, known);
  return await underLock(async (lock) => {
    try {
      const { report, candidates } = await survey(context, options, known);
      if (candidates.length === 0) return report;
      const trash = path.join(paths.trash, randomUUID());
      await ensureFolder(fileSystem, paths.trash);
      await ensureFolder(fileSystem, trash);
      const moved = await moveAside(context, trash, candidates, options);
      const after = await survey(context, options, known, async (digest) => {
        if (moved.has(digest)) await putBack(fileSystem, paths, trashFile(trash, digest), digest);
        moved.delete(digest);
      });
      await lock.check();
      const removed: Garbage[] = [];
      for (const candidate of moved.values()) {
        const file = trashFile(trash, candidate.digest);
        if (after.live.has(candidate.digest) || (await wasTouched(fileSystem, file, candidate))) {
          await putBack(fileSystem, paths, file, candidate.digest);
          continue;
        }
        await fileSystem.removeFile(file);
        removed.push({ digest: candidate.digest, size: candidate.size });
      }
      await fileSystem.removeFolder(trash);
      return { ...after.report, garbage: removed, garbageBytes: sum(removed) };
    } catch (error) {
      await emptyTrash(fileSystem, paths).catch(() => undefined); // or the next change does
      throw fileError(error, `Collecting garbage in ${place}`);
    }
  }, options.signal);
}

/** What one collection has read already; content does not change under its digest. */
interface Knowledge {
  readonly marked: Map<Digest, MarkedManifest>;
  /** Manifests that nothing lists, with their subject; undefined for everything else. */
  readonly referrers: Map<Digest, Referrer | undefined>;
}

interface Referrer {
  readonly descriptor: Descriptor;
  readonly subject: Digest;
}

function newKnowledge(): Knowledge {
  return { marked: new Map(), referrers: new Map() };
}

interface Survey {
  readonly report: GarbageReport;
  readonly candidates: readonly Candidate[];
  readonly live: ReadonlySet<Digest>;
}

async function survey(
  context: GarbageContext,
  options: GarbageOptions,
  known: Knowledge,
  /** Called before a manifest is read: it may lie in the trash. */
  bringBack?: (digest: Digest) => Promise<void>,
): Promise<Survey> {
  const { fileSystem, processes, paths, place, target } = context;
  const { signal, grace = GARBAGE_GRACE_MS, keepReferrers = true, sparse = false } = options;
  const mark: MarkOptions = {
    fetch: async (digest, stop) => {
      await bringBack?.(digest);
      return await target.fetchManifest(digest, { signal: stop });
    },
    known: known.marked,
    sparse,
    pool: createTaskPool(SCAN_CONCURRENCY, AbortSignal.any([signal])),
    signal,
  };
  try {
    // Leases first: who lists leased content lets go of the lease after that.
    const leased = await readLeases({ fileSystem, processes, paths });
    const live = await markLive(await readIndex(context), leased, mark);
    const unmarked: Candidate[] = [];
    const counted = { liveBlobs: 0, liveBytes: 0, youngBlobs: 0, youngBytes: 0 };
    const liveFiles: Candidate[] = [];
    for await (const found of listBlobs(fileSystem, paths, signal)) {
      if (found.kind !== 'blob') continue; // foreign names are not ours to remove
      const blob = { digest: found.digest, size: found.info.size, info: found.info };
      (live.has(found.digest) ? liveFiles : unmarked).push(blob);
    }
    if (keepReferrers) await markReferrers(unmarked, live, known.referrers, mark);
    const candidates: Candidate[] = [];
    for (const blob of [...liveFiles, ...unmarked]) {
      if (live.has(blob.digest)) {
        counted.liveBlobs += 1;
        counted.liveBytes += blob.size;
      } else if (isYoung(blob.info, grace)) {
        counted.youngBlobs += 1;
        counted.youngBytes += blob.size;
      } else {
        candidates.push(blob);
      }
    }
    const garbage = candidates.map(({ digest, size }) => ({ digest, size }));
    return { report: { garbage, garbageBytes: sum(garbage), ...counted }, candidates, live };
  } catch (error) {
    if (signal.aborted) throw error;
    throw refusal(error, place);
  }
}

/** Manifests that nothing lists, about something that is kept, until no more are found. */
async function markReferrers(
  unmarked: readonly Candidate[],
  live: Set<Digest>,
  known: Knowledge['referrers'],
  options: MarkOptions,
): Promise<void> {
  for (const { digest, size } of unmarked) {
    if (!known.has(digest))
      known.set(digest, size > MANIFEST_LIMIT ? undefined : await readReferrer(digest, options));
  }
  for (let found = true; found;) {
    found = false;
    for (const { digest } of unmarked) {
      const referrer = known.get(digest);
      if (referrer === undefined || !live.has(referrer.subject) || live.has(digest)) continue;
      await markFrom([referrer.descriptor], live, { ...options, sparse: true });
      found = true;
    }
  }
}

async function readReferrer(digest: Digest, { fetch, signal }: MarkOptions): Promise<Referrer | undefined> {
  try {
    const { descriptor, bytes } = await fetch(digest, signal);
    if (!isManifestMediaType(descriptor.mediaType)) return undefined;
    const { subject } = readManifest(bytes, descriptor.mediaType);
    return subject === undefined ? undefined : { descriptor, subject };
  } catch (error) {
    if (error instanceof TallymanError && !signal.aborted) return undefined; // damaged: nothing that is kept needs it
    throw error;
  }
}

async function readIndex({ fileSystem, paths, place }: GarbageContext): Promise<LayoutIndex> {
  const { bytes } = await readWholeFile(fileSystem, paths.index, INDEX_FILE_LIMIT, 'index.json');
  return parseLayoutIndex(bytes, place);
}

async function moveAside(
  { fileSystem, paths }: GarbageContext,
  trash: string,
  candidates: readonly Candidate[],
  { grace = GARBAGE_GRACE_MS, signal }: GarbageOptions,
): Promise<Map<Digest, Candidate>> {
  const moved = new Map<Digest, Candidate>();
  for (const candidate of candidates) {
    signal.throwIfAborted();
    const file = path.join(paths.root, blobName(candidate.digest));
    const now = await fileSystem.look(file);
    if (now?.kind !== 'file' || isYoung(now, grace)) continue; // asked for since it was listed
    await fileSystem.rename(file, trashFile(trash, candidate.digest));
    moved.set(candidate.digest, candidate);
  }
  return moved;
}

/** Whoever wants content that is there touches it first, so that a touch between the look and the move is seen here. */
async function wasTouched(fileSystem: FileSystem, file: string, { info }: Candidate): Promise<boolean> {
  return (await fileSystem.look(file))?.modified !== info.modified;
}

function isYoung({ modified, changed }: FileInfo, grace: number): boolean {
  const last = modified > changed ? modified : changed;
  return Date.now() - Number(last / 1_000_000n) <= grace;
}

function sum(garbage: readonly Garbage[]): number {
  return garbage.reduce((total, { size }) => total + size, 0);
}

function refusal(error: unknown, place: string): TallymanError {
  const cause = toErrorData(errnoOf(error) === undefined ? error : fileError(error, `Reading ${place}`));
  return new TallymanError(
    {
      code: 'CONFLICT',
      message: `Nothing is removed from ${place}, because something in it cannot be read: ${cause.message}`,
      hint: 'Check the layout first, repair it or remove the damaged entry, then collect garbage again.',
      details: { cause: cause.code },
    },
    { cause: error },
  );
}
