import path from 'node:path';
import { errnoOf } from './file-error.ts';
import type { FileSystem } from './file-system.ts';
import { OWNER_RECORD_NAME, readOwnerRecord } from './owner-record.ts';
import type { ProcessTable } from './process-identity.ts';
import { NEW_INDEX_PREFIX, PARTIAL_STATE_NAME, type LayoutPaths } from './work-folder.ts';

/** A folder without a readable owner is left alone so long: its owner may be about to sign it, or to remove it. */
const UNSIGNED_AGE_MS = 60 * 1000;

/** Content that can be resumed is kept so long after the last byte came. */
export const PARTIAL_LIFE_MS = 7 * 24 * 60 * 60 * 1000;

/** A folder whose owner cannot be told dead or alive, because it ran elsewhere, is left alone so long. */
const FOREIGN_AGE_MS = 7 * 24 * 60 * 60 * 1000;

export interface ClearLeftoversOptions {
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  readonly paths: LayoutPaths;
}

/**
 * Removes what writers that ended in the middle left behind: half-written content and parts of locks. Runs under the lock.
 * Whatever cannot be removed stays for the next time; it harms nobody.
 */
export async function clearLeftovers({ fileSystem, processes, paths }: ClearLeftoversOptions): Promise<void> {
  for (const name of await namesIn(fileSystem, paths.work)) {
    const place = path.join(paths.work, name);
    if (name.startsWith(NEW_INDEX_PREFIX)) await fileSystem.removeFile(place).catch(() => undefined);
    if (name.startsWith('lock-') && (await isAbandoned(fileSystem, processes, place)))
      await removeOwned(fileSystem, place);
  }
  for (const name of await namesIn(fileSystem, paths.ingest)) {
    const place = path.join(paths.ingest, name);
    if (await canBeResumed(fileSystem, place)) continue;
    if (await isAbandoned(fileSystem, processes, place)) await removeOwned(fileSystem, place);
  }
}

/** A partial ingest is kept for a week, whoever began it. */
async function canBeResumed(fileSystem: FileSystem, folder: string): Promise<boolean> {
  const [state, data] = await Promise.all(
    [PARTIAL_STATE_NAME, 'data'].map((name) =>
      fileSystem.look(path.join(folder, name)).catch(() => undefined),
    ),
  );
  if (state === undefined) return false;
  const last = Math.max(...[state, data].map((file) => Number((file?.modified ?? 0n) / 1_000_000n)));
  return Date.now() - last <= PARTIAL_LIFE_MS;
}

async function isAbandoned(
  fileSystem: FileSystem,
  processes: ProcessTable,
  folder: string,
): Promise<boolean> {
  const info = await fileSystem.look(folder).catch(() => undefined);
  if (info?.kind !== 'folder') return false;
  const age = Date.now() - Number(info.modified / 1_000_000n);
  try {
    const owner = await readOwnerRecord(fileSystem, path.join(folder, OWNER_RECORD_NAME));
    if (owner === undefined) return age > UNSIGNED_AGE_MS;
    const liveness = await processes.liveness(owner);
    return liveness === 'dead' || (liveness === 'unknown' && age > FOREIGN_AGE_MS);
  } catch (error) {
    return errnoOf(error) === 'ENOENT' && age > UNSIGNED_AGE_MS;
  }
}

/** Removes a folder of files; the owner's name last, so that a folder half removed is still known to be abandoned. */
async function removeOwned(fileSystem: FileSystem, folder: string): Promise<void> {
  try {
    const names = await namesIn(fileSystem, folder);
    for (const name of names)
      if (name !== OWNER_RECORD_NAME) await fileSystem.removeFile(path.join(folder, name));
    if (names.includes(OWNER_RECORD_NAME)) await fileSystem.removeFile(path.join(folder, OWNER_RECORD_NAME));
    await fileSystem.removeFolder(folder);
  } catch {
    // It is tried again when the layout is opened for writing the next time.
  }
}

async function namesIn(fileSystem: FileSystem, folder: string): Promise<readonly string[]> {
  return await fileSystem.list(folder).catch(() => []);
}
