import type { FileSystem, OpenFile } from '../layout/file-system.ts';

/** Calls that change something, or wait until a change is on the disk. */
export type ChangingCall =
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

/** A file system in which something happens before each call that changes something: `place` is where it works, or goes to. */
export function watchedFileSystem(
  base: FileSystem,
  before: (call: ChangingCall, place: string) => Promise<void>,
): FileSystem {
  const wrap = (file: OpenFile, place: string): OpenFile => ({
    read: (...range) => file.read(...range),
    async write(buffer, offset, length, position) {
      await before('write', place);
      // Never more than a part: whoever does not look at the answer loses the rest.
      return file.write(buffer, offset, Math.min(length, 100_000), position);
    },
    async sync() {
      await before('sync', place);
      await file.sync();
    },
    async truncate(size) {
      await before('truncate', place);
      await file.truncate(size);
    },
    info: () => file.info(),
    close: () => file.close(),
  });
  return {
    async open(path, mode, permissions) {
      if (mode !== 'read') await before('open', path);
      return wrap(await base.open(path, mode, permissions), path);
    },
    look: (path) => base.look(path),
    realPath: (path) => base.realPath(path),
    list: (path) => base.list(path),
    async makeFolder(path, permissions) {
      await before('makeFolder', path);
      await base.makeFolder(path, permissions);
    },
    async rename(from, to) {
      await before('rename', to);
      await base.rename(from, to);
    },
    async removeFile(path) {
      await before('removeFile', path);
      await base.removeFile(path);
    },
    async removeFolder(path) {
      await before('removeFolder', path);
      await base.removeFolder(path);
    },
    async setPermissions(path, permissions) {
      await before('setPermissions', path);
      await base.setPermissions(path, permissions);
    },
    async touch(path) {
      await before('touch', path);
      await base.touch(path);
    },
    async syncFolder(path) {
      await before('syncFolder', path);
      await base.syncFolder(path);
    },
  };
}
