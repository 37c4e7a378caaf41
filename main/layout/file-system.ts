import type { StepsTogether } from './steps-together.ts';

/** What a path holds, links not followed. */
export interface FileInfo {
  readonly kind: 'file' | 'folder' | 'symbolic-link' | 'other';
  /** Bytes of a file. */
  readonly size: number;
  /** Last change of the content, nanoseconds since 1970. */
  readonly modified: bigint;
  /** Last change of content or attributes, nanoseconds since 1970. */
  readonly changed: bigint;
  readonly inode: bigint;
  readonly device: bigint;
}

/**
 * How a file is opened. None of them follows a symbolic link as the last part of the path.
 * - `read`: an existing file
 * - `create`: a new file, for writing and reading; fails with EEXIST when something is there
 * - `update`: an existing file, for writing and reading
 */
export type OpenMode = 'read' | 'create' | 'update';

/** An open file. Every method may fail with the error of the system call, whose `code` is "EIO", "ENOSPC"… */
export interface OpenFile {
  /** Reads up to `length` bytes into `buffer` from `position` of the file; 0 at its end. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** Writes up to `length` bytes; the answer may be **less** (a full disk), so callers use `writeAll`. */
  write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  /** The same for several buffers, one after the other; absent where it costs as much as writing each. */
  writeMany?(buffers: readonly Uint8Array[], position: number): Promise<number>;
  /** Waits until content and size are on the disk. An error is final for this file: it is never asked again. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  info(): Promise<FileInfo>;
  close(): Promise<void>;
}

/**
 * Every call that the layout makes to the file system, so that tests can fail the n-th of them or record them all and
 * replay a crash after any (reliability bar, checks 30–33). Errors are those of the system calls.
 */
export interface FileSystem {
  open(path: string, mode: OpenMode, permissions?: number): Promise<OpenFile>;
  /** What lies at the path itself, links not followed; undefined when nothing does. */
  look(path: string): Promise<FileInfo | undefined>;
  /** The path without links: only for a path that a person named. Fails with ENOENT when it leads nowhere. */
  realPath(path: string): Promise<string>;
  /** Names in a folder, unsorted, without `.` and `..`. */
  list(path: string): Promise<readonly string[]>;
  /** Makes one folder; fails with EEXIST when something is there. */
  makeFolder(path: string, permissions?: number): Promise<void>;
  /** Moves a file or folder, replacing a file (or an empty folder by a folder), in one step that readers see whole. */
  rename(from: string, to: string): Promise<void>;
  removeFile(path: string): Promise<void>;
  /** Removes an empty folder. */
  removeFolder(path: string): Promise<void>;
  setPermissions(path: string, permissions: number): Promise<void>;
  /** Sets the time of last modification to now: "still wanted", for garbage collection. */
  touch(path: string): Promise<void>;
  /** Waits until names made, moved or removed in this folder are on the disk; does nothing where folders cannot be synced. */
  syncFolder(path: string): Promise<void>;
  /** Steps that belong together in one call; absent where they cost the same one by one. */
  readonly together?: FileSystemTogether;
}

/** What `StepsTogether` does, without waiting for it. */
export type FileSystemTogether = {
  readonly [Name in 'storeFile' | 'makeEmptyFile' | 'look' | 'readFile']: (
    job: Parameters<StepsTogether[Name]>[0],
  ) => Promise<ReturnType<StepsTogether[Name]>>;
};
