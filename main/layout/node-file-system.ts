import { constants, type BigIntStats } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rmdir,
  unlink,
  utimes,
  type FileHandle,
} from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from './file-error.ts';
import type { FileInfo, FileSystem, OpenFile, OpenMode } from './file-system.ts';

// Both are absent on Windows, whatever the types say. O_NONBLOCK keeps the open of a FIFO from waiting for ever.
const optionalFlags = constants as Partial<typeof constants>;
const SAFE = (optionalFlags.O_NOFOLLOW ?? 0) | (optionalFlags.O_NONBLOCK ?? 0);

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY | SAFE,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | SAFE,
  update: constants.O_RDWR | SAFE,
};

/** Folders that cannot be synced answer one of these (restic tolerates the same); the rename itself has still happened. */
const FOLDER_SYNC_UNSUPPORTED: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'ENOTTY', 'EISDIR']);

/** Virus scanners on Windows hold files for a moment. */
const RENAME_TRIES = 10;
const RENAME_PAUSE_MS = 200;
const RENAME_BUSY: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'EBUSY']);

/** The real file system. */
export const nodeFileSystem: FileSystem = {
  async open(path, mode, permissions = 0o644) {
    return new NodeFile(await open(path, FLAGS[mode], permissions));
  },

  async look(path) {
    try {
      return toInfo(await lstat(path, { bigint: true }));
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error;
    }
  },

  realPath: (path) => realpath(path),
  list: (path) => readdir(path),

  async makeFolder(path, permissions = 0o755) {
    await mkdir(path, permissions);
  },

  async rename(from, to) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await rename(from, to);
        return;
      } catch (error) {
        const busy = process.platform === 'win32' && RENAME_BUSY.has(errnoOf(error) ?? '');
        if (!busy || attempt === RENAME_TRIES) throw error;
        await sleep(RENAME_PAUSE_MS);
      }
    }
  },

  removeFile: (path) => unlink(path),
  removeFolder: (path) => rmdir(path),
  setPermissions: (path, permissions) => chmod(path, permissions),

  async touch(path) {
    const now = new Date();
    await utimes(path, now, now);
  },

  async syncFolder(path) {
    if (process.platform === 'win32') return; // a folder cannot be opened for this there
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } catch (error) {
      if (!FOLDER_SYNC_UNSUPPORTED.has(errnoOf(error) ?? '')) throw error;
    } finally {
      await handle.close();
    }
  },
};

class NodeFile implements OpenFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, offset, length, position);
    return bytesRead;
  }

  async write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    const { bytesWritten } = await this.#handle.write(buffer, offset, length, position);
    return bytesWritten;
  }

  async writeMany(buffers: readonly Uint8Array[], position: number): Promise<number> {
    const { bytesWritten } = await this.#handle.writev([...buffers], position);
    return bytesWritten;
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size);
  }

  async info(): Promise<FileInfo> {
    return toInfo(await this.#handle.stat({ bigint: true }));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function toInfo(stats: BigIntStats): FileInfo {
  return {
    kind: stats.isFile()
      ? 'file'
      : stats.isDirectory()
        ? 'folder'
        : stats.isSymbolicLink()
          ? 'symbolic-link'
          : 'other',
    size: Number(stats.size),
    modified: stats.mtimeNs,
    changed: stats.ctimeNs,
    inode: stats.ino,
    device: stats.dev,
  };
}
