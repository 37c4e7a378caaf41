import type { FileSystem } from '../layout/file-system.ts';
import { watchedFileSystem, type ChangingCall } from './watched-file-system.ts';

/** When a call fails, and how. Calls are counted from 1. */
export interface Fault {
  readonly at: number;
  readonly errno: string;
  /** Every later call fails as well, as on a disk that stays full. */
  readonly persistent?: boolean;
}

export interface FaultyFileSystem extends FileSystem {
  /** The counted calls so far. */
  readonly calls: readonly ChangingCall[];
}

/** A file system in which one call fails (SQLite's way to test: let every call fail once, and look what is left). */
export function faultyFileSystem(base: FileSystem, fault?: Fault): FaultyFileSystem {
  const calls: ChangingCall[] = [];
  const watched = watchedFileSystem(base, (call) => {
    calls.push(call);
    const fails =
      fault !== undefined &&
      (calls.length === fault.at || (fault.persistent === true && calls.length > fault.at));
    return fails
      ? Promise.reject(
          Object.assign(new Error(`${fault.errno}: made to fail, ${call}`), { code: fault.errno }),
        )
      : Promise.resolve();
  });
  return { calls, ...watched };
}
