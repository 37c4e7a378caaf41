import path from 'node:path';
import type { FileSystem, OpenFile } from './file-system.ts';

/**
 * Writes all bytes. A single write may take only a part (on a full disk it does, without an error), so it is asked again
 * until everything is written or the system call fails.
 */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const count = await file.write(bytes, written, bytes.byteLength - written, position + written);
    if (count === 0) throw Object.assign(new Error('a write took no bytes'), { code: 'ENOSPC' });
    written += count;
  }
}

/** The same for several buffers, one after the other. */
export async function writeAllOf(
  file: OpenFile,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<void> {
  const length = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (length === 0) return;
  let written = buffers.length > 1 ? ((await file.writeMany?.(buffers, position)) ?? 0) : 0;
  // What is left is written piece by piece: all of it where there is no call for several.
  for (let start = 0, index = 0; index < buffers.length; index += 1) {
    const buffer = buffers[index] ?? new Uint8Array();
    const end = start + buffer.byteLength;
    if (written < end) {
      await writeAll(file, buffer.subarray(written - start), position + written);
      written = end;
    }
    start = end;
  }
}

/**
 * Writes a new file whose content is on the disk when this returns; its name is not yet, see `publishFile`. When it fails
 * nothing is left. An error of `sync` is final: the file is given up, never synced again.
 */
export async function writeSynced(
  fileSystem: FileSystem,
  file: string,
  bytes: Uint8Array,
  permissions?: number,
): Promise<void> {
  const handle = await fileSystem.open(file, 'create', permissions);
  try {
    try {
      await writeAll(handle, bytes, 0);
      await handle.sync();
      const { size } = await handle.info();
      if (size !== bytes.byteLength)
        throw Object.assign(new Error('the file has another size than was written'), { code: 'EIO' });
    } finally {
      await handle.close();
    }
  } catch (error) {
    await fileSystem.removeFile(file).catch(() => undefined);
    throw error;
  }
}

/** Gives a synced file its final name, in one step, and waits until the name is on the disk. */
export async function publishFile(fileSystem: FileSystem, temporary: string, final: string): Promise<void> {
  await fileSystem.rename(temporary, final);
  await fileSystem.syncFolder(path.dirname(final));
}

/**
 * Makes a folder and those above it that are missing; the names of new ones are on the disk when this returns.
 * @returns whether the folder itself is new.
 */
export async function ensureFolder(
  fileSystem: FileSystem,
  folder: string,
  permissions?: number,
): Promise<boolean> {
  const found = await fileSystem.look(folder);
  if (found?.kind === 'folder') return false;
  if (found !== undefined)
    throw Object.assign(new Error(`${folder} is no folder`), {
      code: found.kind === 'symbolic-link' ? 'ELOOP' : 'ENOTDIR',
    });
  const parent = path.dirname(folder);
  if (parent !== folder) await ensureParent(fileSystem, parent, permissions);
  try {
    await fileSystem.makeFolder(folder, permissions);
  } catch (error) {
    const other = await fileSystem.look(folder); // somebody else made it at the same moment
    if (other?.kind !== 'folder') throw error;
  }
  await fileSystem.syncFolder(parent);
  return true;
}

async function ensureParent(
  fileSystem: FileSystem,
  folder: string,
  permissions: number | undefined,
): Promise<void> {
  const found = await fileSystem.look(folder);
  if (found === undefined) await ensureFolder(fileSystem, folder, permissions);
}
