import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A real file system of a given size, in memory. */
export interface SmallDisk {
  readonly folder: string;
  /** Lets nobody write from now on. */
  makeReadOnly(): Promise<void>;
  /** Gives it another size, in bytes. */
  resize(bytes: number): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Mounts a small disk (tmpfs), which only root of a Linux machine can.
 * @returns where it cannot be, in words, so that what needs it is a visible skip.
 */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk | { readonly reason: string }> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return { reason: 'only root of Linux can mount a small disk' };
  const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  } catch (error) {
    await rm(folder, { recursive: true });
    return {
      reason: `mounting a small disk failed: ${error instanceof Error ? error.message.trim() : String(error)}`,
    };
  }
  const remount = async (how: string): Promise<void> => {
    await run('mount', ['-o', `remount,${how}`, folder]);
  };
  return {
    folder,
    makeReadOnly: () => remount('ro'),
    resize: (size) => remount(`size=${size}`),
    async remove() {
      await run('umount', [folder]);
      await rm(folder, { recursive: true });
    },
  };
}
