import type { FileSystem, OpenFile } from '../layout/file-system.ts';

/** When a call fails, and how. Calls are counted from 1. */
export interface Fault {
  readonly at: number;
  readonly errno: string;
  /** Every later call fails as well, as on a disk that stays full. */
  readonly persistent?: boolean;
}

/** Calls that change something, or wait until a change is on the disk. */
export type CountedCall =
  | 'open'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'makeFolder'
  | 'rename'
  | 'removeFile'
  | 'removeFolder'
  | 'setPermissions'
  | 'touch'
  | 'syncFolder';

export interface FaultyFileSystem extends FileSystem {
  /** The counted calls so far. */
  readonly calls: readonly CountedCall[];
}

/** A file system in which one call fails (SQLite's way to test: let every call fail once, and look what is left). */
export function faultyFileSystem(base: FileSystem, fault?: Fault): FaultyFileSystem {
  const calls: CountedCall[] = [];
  const count = (call: CountedCall): void => {
    calls.push(call);
    if (fault === undefined) return;
    if (calls.length === fault.at || (fault.persistent === true && calls.length > fault.at)) {
      throw Object.assign(new Error(`${fault.errno}: made to fail, ${call}`), { code: fault.errno });
    }
  };
  const wrap = (file: OpenFile): OpenFile => ({
    read: (...range) => file.read(...range),
    async write(buffer, offset, length, position) {
      count('write');
      // Never more than a part: whoever does not look at the answer loses the rest.
      return file.write(buffer, offset, Math.min(length, 100_000), position);
    },
    // One call for several takes less than the first two, so that what is left of it has to be written again.
    async writeMany(buffers, position) {
      count('write');
      const bytes = Buffer.concat(buffers.slice(0, 2));
      return file.write(bytes, 0, Math.min(Math.max(1, bytes.byteLength - 1), 100_000), position);
    },
    async sync() {
      count('sync');
      await file.sync();
    },
    async truncate(size) {
      count('truncate');
      await file.truncate(size);
    },
    info: () => file.info(),
    close: () => file.close(),
  });
  return {
    calls,
    async open(path, mode, permissions) {
      if (mode !== 'read') count('open');
      return wrap(await base.open(path, mode, permissions));
    },
    look: (path) => base.look(path),
    realPath: (path) => base.realPath(path),
    list: (path) => base.list(path),
    async makeFolder(path, permissions) {
      count('makeFolder');
      await base.makeFolder(path, permissions);
    },
    async rename(from, to) {
      count('rename');
      await base.rename(from, to);
    },
    async removeFile(path) {
      count('removeFile');
      await base.removeFile(path);
    },
    async removeFolder(path) {
      count('removeFolder');
      await base.removeFolder(path);
    },
    async setPermissions(path, permissions) {
      count('setPermissions');
      await base.setPermissions(path, permissions);
    },
    async touch(path) {
      count('touch');
      await base.touch(path);
    },
    async syncFolder(path) {
      count('syncFolder');
      await base.syncFolder(path);
    },
  };
}
