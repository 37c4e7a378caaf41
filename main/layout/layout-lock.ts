import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { writeAll } from './durable-write.ts';
import { errnoOf, fileError } from './file-error.ts';
import type { FileSystem } from './file-system.ts';
import { OWNER_RECORD_NAME, readOwnerRecord, type OwnerRecord } from './owner-record.ts';
import type { ProcessTable } from './process-identity.ts';

/** How long a change waits for another program that changes the layout. */
export const LOCK_WAIT_LIMIT_MS = 15_000;

/**
 * Pauses between two looks at a lock that is held, drawn at random between the two: shorter ones for who waits for a while
 * already, so that no one of many waits for ever.
 */
const LOCK_PAUSE_MS = { least: 2, most: 24, mostWhenLate: 5 } as const;

/** Who waited so long for a lock is late. */
const LATE_AFTER_MS = 300;

/**
 * A lock whose owner cannot be read belongs to nobody: files lose their content only when a machine dies. One from before the
 * machine was started is taken at once, one that seems younger (clocks go wrong) after this time.
 */
const UNREADABLE_OWNER_MS = 2_000;

/** Locks over takeovers of locks… each level needs one more crash at the worst moment. */
const TAKEOVER_DEPTH_LIMIT = 6;

/** Locks that this program could not release, because the file system refused at that moment: nobody holds them. */
const unreleased = new Set<string>();

const HELD: ReadonlySet<string> = new Set(['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES']);

export interface LockOptions {
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  readonly signal: AbortSignal;
  readonly waitLimit?: number;
}

/** A lock that is held. */
export interface HeldLock {
  /**
   * The fence: looks whether the lock is still this one, right before something is published under it.
   * @throws TallymanError CONFLICT when somebody removed it.
   */
  check(): Promise<void>;
}

/**
 * Runs `work` while this process holds the lock `folder`, against all processes that use it.
 *
 * A lock is a folder with its owner's name in it, made elsewhere and moved into place, so that it is never seen without
 * an owner. It is taken from an owner only when that one is known to be dead: its process ended, or the machine was started
 * anew; never for its age, so a stopped process keeps it. Taking it is itself done under a lock that is named after the
 * dead owner, so that nobody moves away the lock of a successor.
 * @throws TallymanError CONFLICT when it stays taken for the time limit; whatever `work` throws.
 */
export async function withLock<Result>(
  folder: string,
  options: LockOptions,
  work: (lock: HeldLock) => Promise<Result>,
): Promise<Result> {
  const owner = await acquire(folder, options, 0);
  const held: HeldLock = {
    async check() {
      const now = await readOwner(options.fileSystem, folder);
      if (now.state === 'owned' && now.owner.id === owner.id) return;
      throw new TallymanError({
        code: 'CONFLICT',
        message: 'The lock of the layout was removed by somebody else while a change was under way.',
        hint: 'Nothing was changed. Try again; do not remove files in .tallyman by hand while programs run.',
      });
    },
  };
  try {
    return await work(held);
  } finally {
    await releaseOrForget(options.fileSystem, folder, owner);
  }
}

async function acquire(folder: string, options: LockOptions, depth: number): Promise<OwnerRecord> {
  const { fileSystem, processes, signal, waitLimit = LOCK_WAIT_LIMIT_MS } = options;
  const owner: OwnerRecord = { ...(await processes.self()), id: randomUUID(), since: Date.now() };
  const claim = `${folder}-claim-${owner.id}`;
  const began = Date.now();
  const deadline = began + waitLimit;
  try {
    await writeClaim(fileSystem, claim, owner);
    let unreadableSince: number | undefined;
    for (;;) {
      if (await moveIntoPlace(fileSystem, claim, folder)) return owner;
      const now = await readOwner(fileSystem, folder);
      if (now.state === 'free') continue;
      unreadableSince = now.state === 'unreadable' ? (unreadableSince ?? Date.now()) : undefined;
      const dead =
        now.state === 'unreadable'
          ? now.made < processes.machineStart() ||
            Date.now() - (unreadableSince ?? Date.now()) > UNREADABLE_OWNER_MS
          : unreleased.has(now.owner.id) || (await processes.liveness(now.owner)) === 'dead';
      if (dead) await removeDead(folder, now.key, options, depth);
      else if (Date.now() > deadline) throw conflict(now.state === 'owned' ? now.owner : undefined);
      else await sleep(pause(Date.now() - began), undefined, { signal });
    }
  } catch (error) {
    await removeClaim(fileSystem, claim);
    throw fileError(error, 'Locking the layout');
  }
}

async function release(fileSystem: FileSystem, folder: string, owner: OwnerRecord): Promise<void> {
  const now = await readOwner(fileSystem, folder);
  if (now.state !== 'owned' || now.owner.id !== owner.id) return; // taken away: the next change says so
  const released = `${folder}-released-${owner.id}`;
  await fileSystem.rename(folder, released);
  await removeClaim(fileSystem, released);
}

function pause(waited: number): number {
  const { least, most, mostWhenLate } = LOCK_PAUSE_MS;
  return least + Math.random() * ((waited > LATE_AFTER_MS ? mostWhenLate : most) - least);
}

/** What cannot be released now is taken over by the next change of this program, like the lock of a dead one. */
async function releaseOrForget(fileSystem: FileSystem, folder: string, owner: OwnerRecord): Promise<void> {
  try {
    await release(fileSystem, folder, owner);
  } catch (error) {
    unreleased.add(owner.id);
    throw fileError(error, 'Unlocking the layout');
  }
}

/** Moves away the lock of a dead owner, if it is still that one's. */
async function removeDead(folder: string, key: string, options: LockOptions, depth: number): Promise<void> {
  if (depth >= TAKEOVER_DEPTH_LIMIT) throw conflict(undefined);
  const takeover = `${folder}-takeover-${key}`;
  const owner = await acquire(takeover, options, depth + 1);
  try {
    const now = await readOwner(options.fileSystem, folder);
    if (now.state === 'free' || now.key !== key) return; // somebody else was first
    const dead = `${folder}-dead-${owner.id}`;
    await options.fileSystem.rename(folder, dead).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error; // cleared away as a leftover
    });
    await removeClaim(options.fileSystem, dead);
  } finally {
    await releaseOrForget(options.fileSystem, takeover, owner);
  }
}

async function writeClaim(fileSystem: FileSystem, claim: string, owner: OwnerRecord): Promise<void> {
  await fileSystem.makeFolder(claim, 0o755);
  const file = await fileSystem.open(path.join(claim, OWNER_RECORD_NAME), 'create', 0o644);
  try {
    await writeAll(file, Buffer.from(JSON.stringify(owner)), 0);
  } finally {
    await file.close();
  }
}

/** Moving a folder onto one that is not empty fails everywhere: that is what makes the lock one. */
async function moveIntoPlace(fileSystem: FileSystem, claim: string, folder: string): Promise<boolean> {
  if ((await fileSystem.look(folder)) !== undefined) return false;
  try {
    await fileSystem.rename(claim, folder);
    return true;
  } catch (error) {
    if (HELD.has(errnoOf(error) ?? '') && (await fileSystem.look(folder)) !== undefined) return false;
    if (HELD.has(errnoOf(error) ?? '') && (await fileSystem.look(claim)) !== undefined)
      return await retryWhenFreed(fileSystem, claim, folder, error);
    throw error;
  }
}

/** Between the refusal and the look the lock may have been released: one more try tells that from a lack of rights. */
async function retryWhenFreed(
  fileSystem: FileSystem,
  claim: string,
  folder: string,
  refusal: unknown,
): Promise<boolean> {
  try {
    await fileSystem.rename(claim, folder);
    return true;
  } catch {
    if ((await fileSystem.look(folder)) !== undefined) return false;
    throw refusal;
  }
}

type OwnerNow =
  | { readonly state: 'free' }
  | { readonly state: 'owned'; readonly key: string; readonly owner: OwnerRecord }
  /** `made`: when its folder last changed, in milliseconds since 1970. */
  | { readonly state: 'unreadable'; readonly key: string; readonly made: number };

async function readOwner(fileSystem: FileSystem, folder: string): Promise<OwnerNow> {
  const info = await fileSystem.look(folder);
  if (info === undefined) return { state: 'free' };
  try {
    const owner = await readOwnerRecord(fileSystem, path.join(folder, OWNER_RECORD_NAME));
    if (owner !== undefined) return { state: 'owned', key: owner.id, owner };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== undefined && errno !== 'ENOENT' && errno !== 'ENOTDIR') throw error;
    if ((await fileSystem.look(folder)) === undefined) return { state: 'free' };
  }
  return { state: 'unreadable', key: `inode-${info.inode}`, made: Number(info.modified / 1_000_000n) };
}

async function removeClaim(fileSystem: FileSystem, claim: string): Promise<void> {
  await fileSystem.removeFile(path.join(claim, OWNER_RECORD_NAME)).catch(() => undefined);
  await fileSystem.removeFolder(claim).catch(() => undefined);
}

function conflict(owner: OwnerRecord | undefined): TallymanError {
  const who =
    owner === undefined
      ? 'another program'
      : `process ${owner.pid} since ${new Date(owner.since).toISOString()}`;
  return new TallymanError({
    code: 'CONFLICT',
    message: `The layout is being changed by ${who}, and that does not end.`,
    hint: 'Wait until that program is done, or end it. If it ran on another machine or in another container and is gone, remove the folder .tallyman/lock.',
    ...(owner === undefined ? {} : { details: { pid: owner.pid } }),
  });
}
