import type * as NodeFiles from 'node:fs';

/** Steps on files that belong together, done one after the other without a wait in between. */
export interface StepsTogether {
  /**
   * Creates a file with all its bytes, waits until they are on the disk, and moves it into its place, unless something is
   * there: then nothing is done. When a step fails nothing is left of the file. Its name is not on the disk yet.
   */
  storeFile(job: StoreFileJob): 'stored' | 'there';
  /** Makes an empty file; one that is there is left as it is. */
  makeEmptyFile(job: { readonly file: string }): void;
  /** Waits until names made, moved or removed in a folder are on the disk. */
  syncFolder(job: { readonly folder: string }): void;
  /** What lies at a path, if no folder of `parents` is a link. */
  look(job: LookJob): LookAnswer;
  /** The same, with the content of a file of up to `limit` bytes. */
  readFile(job: LookJob & { readonly limit: number }): LookAnswer & { readonly bytes?: Uint8Array };
}

export interface StoreFileJob {
  /** Where it is written: in the same file system. */
  readonly temporary: string;
  readonly final: string;
  readonly bytes: Uint8Array;
  readonly permissions: number;
  /** An empty file that is made before, if it is not there. */
  readonly beside?: string | undefined;
}

export interface LookJob {
  readonly file: string;
  readonly parents: readonly string[];
}

export type LookAnswer =
  | { readonly state: 'missing' }
  /** One of the parents is a link: which one. */
  | { readonly state: 'behind-link'; readonly parent: number }
  | {
      readonly state: 'found';
      readonly kind: 'file' | 'folder' | 'symbolic-link' | 'other';
      readonly size: number;
    };

/**
 * The steps on a real disk, in the thread that calls: its source is what the threads of `StepThreads` run, so it must not use
 * anything but its parameter.
 */
export function stepsTogether(fs: typeof NodeFiles): StepsTogether {
  const flags: Partial<typeof fs.constants> = fs.constants;
  const safe = (flags.O_NOFOLLOW ?? 0) | (flags.O_NONBLOCK ?? 0);
  const create = fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL | safe;
  const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
  const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });
  const kindOf = (stats: NodeFiles.Stats): 'file' | 'folder' | 'symbolic-link' | 'other' =>
    stats.isFile()
      ? 'file'
      : stats.isDirectory()
        ? 'folder'
        : stats.isSymbolicLink()
          ? 'symbolic-link'
          : 'other';

  const statsOf = (place: string): NodeFiles.Stats | undefined => {
    try {
      return fs.lstatSync(place, { throwIfNoEntry: false });
    } catch (error) {
      if (codeOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  };

  const look = ({ file, parents }: LookJob): LookAnswer => {
    const stats = statsOf(file);
    if (stats === undefined) return { state: 'missing' };
    for (const [parent, folder] of parents.entries()) {
      const above = statsOf(folder);
      if (above === undefined) return { state: 'missing' };
      if (above.isSymbolicLink()) return { state: 'behind-link', parent };
    }
    return { state: 'found', kind: kindOf(stats), size: stats.size };
  };

  const makeEmptyFile = (file: string): void => {
    try {
      fs.closeSync(fs.openSync(file, create, 0o600));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  };

  const syncFolder = (folder: string): void => {
    const handle = fs.openSync(folder, fs.constants.O_RDONLY);
    try {
      fs.fsyncSync(handle);
    } catch (error) {
      // Folders that cannot be synced; names in them are there all the same.
      if (!['EINVAL', 'ENOTSUP', 'ENOTTY', 'EISDIR'].includes(codeOf(error) ?? '')) throw error;
    } finally {
      fs.closeSync(handle);
    }
  };

  const writeSynced = (file: number, bytes: Uint8Array): void => {
    for (let written = 0; written < bytes.byteLength;) {
      const count = fs.writeSync(file, bytes, written, bytes.byteLength - written, written);
      if (count === 0) throw failure('ENOSPC', 'a write took no bytes');
      written += count;
    }
    fs.fsyncSync(file);
    if (fs.fstatSync(file).size !== bytes.byteLength)
      throw failure('EIO', 'the file has another size than was written');
  };

  return {
    storeFile({ temporary, final, bytes, permissions, beside }) {
      if (statsOf(final) !== undefined) return 'there';
      if (beside !== undefined) makeEmptyFile(beside);
      const file = fs.openSync(temporary, create, permissions);
      try {
        try {
          writeSynced(file, bytes);
        } finally {
          fs.closeSync(file);
        }
        fs.renameSync(temporary, final);
      } catch (error) {
        try {
          fs.unlinkSync(temporary);
        } catch {
          // It is cleared away later.
        }
        throw error;
      }
      return 'stored';
    },

    makeEmptyFile: ({ file }) => makeEmptyFile(file),
    syncFolder: ({ folder }) => syncFolder(folder),

    look,

    readFile({ limit, ...job }) {
      const found = look(job);
      if (found.state !== 'found' || found.kind !== 'file' || found.size > limit) return found;
      let file: number;
      try {
        file = fs.openSync(job.file, fs.constants.O_RDONLY | safe);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return { state: 'missing' };
        throw error;
      }
      try {
        const stats = fs.fstatSync(file);
        const kind = kindOf(stats);
        if (kind !== 'file' || stats.size > limit) return { state: 'found', kind, size: stats.size };
        const bytes = new Uint8Array(stats.size);
        let filled = 0;
        while (filled < bytes.byteLength) {
          const count = fs.readSync(file, bytes, filled, bytes.byteLength - filled, filled);
          if (count === 0) break;
          filled += count;
        }
        return { state: 'found', kind, size: stats.size, bytes: bytes.subarray(0, filled) };
      } finally {
        fs.closeSync(file);
      }
    },
  };
}
