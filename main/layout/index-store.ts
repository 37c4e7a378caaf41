import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { readAll } from '../content/verify-content.ts';
import { fileSource, readRange } from './byte-source.ts';
import { publishFile, writeSynced } from './durable-write.ts';
import { clearLeftovers } from './clear-leftovers.ts';
import { emptyTrash } from './trash.ts';
import { fileError } from './file-error.ts';
import type { FileInfo, FileSystem, OpenFile } from './file-system.ts';
import { EditableIndex } from './index-edit.ts';
import { LOCK_WAIT_LIMIT_MS, withLock, type HeldLock } from './layout-lock.ts';
import { INDEX_FILE_LIMIT } from './limits.ts';
import type { ProcessTable } from './process-identity.ts';
import { ensureWorkFolders, NEW_INDEX_PREFIX, type LayoutPaths } from './work-folder.ts';

/** How often a change is made anew because a program that ignores the lock wrote the index meanwhile. */
export const FOREIGN_WRITE_TRIES = 8;

/** A program that writes the index in place leaves it torn for a moment. */
const TORN_INDEX_TRIES = 20;
const TORN_INDEX_PAUSE_MS = 25;

/** Windows does not move a file over one that is open. */
const REPLACES_OPEN_FILES = process.platform !== 'win32';

export interface IndexStoreOptions {
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  readonly paths: LayoutPaths;
  /** How the layout is called in texts. */
  readonly place: string;
  readonly lockWaitLimit?: number;
}

/**
 * What a change does to the index as it is at that moment. It may run several times, each time on the newest index, and
 * must come to its result from that alone.
 */
export type IndexChange = (index: EditableIndex) => EditableIndex | Promise<EditableIndex>;

/** `index.json` as it was read, with the file still open: what is written into it later is noticed. */
interface IndexBefore {
  readonly file: OpenFile;
  readonly info: FileInfo;
  readonly bytes: Uint8Array;
}

/** The only writer of `index.json` (reliability bar, 3.4). */
export class IndexStore {
  readonly #options: IndexStoreOptions;
  #queue: Promise<unknown> = Promise.resolve();
  #cleared = false;

  constructor(options: IndexStoreOptions) {
    this.#options = options;
  }

  /**
   * Changes the index under the lock: reads it, applies the change, writes the result beside it, and moves it into place.
   * When this returns the new index is on the disk. Readers see the old index or the new one, whole.
   *
   * Programs that ignore the lock are noticed: what they wrote before or during the change is the ground on which it is
   * made again. One gap stays: a program that read the index before and moves its own file into place after the change
   * undoes it, and one that does so in the instant between the last look and the move is undone.
   * @throws TallymanError CONFLICT when the lock stays taken or others keep writing, MALFORMED when the index cannot be read
   * (nothing is written then), UNREADABLE when the file system refuses.
   */
  update(change: IndexChange, signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + (this.#options.lockWaitLimit ?? LOCK_WAIT_LIMIT_MS);
    return this.underLock((lock) => this.#replace(change, lock, signal), signal, deadline);
  }

  /** Runs something else under the same lock. Changes of one process take their turns before they ask for it. */
  underLock<Result>(
    work: (lock: HeldLock) => Promise<Result>,
    signal: AbortSignal,
    deadline = Date.now() + (this.#options.lockWaitLimit ?? LOCK_WAIT_LIMIT_MS),
  ): Promise<Result> {
    const run = this.#queue.then(() => this.#lock(work, signal, deadline));
    this.#queue = run.catch(() => undefined);
    return run;
  }

  async #lock<Result>(
    work: (lock: HeldLock) => Promise<Result>,
    signal: AbortSignal,
    deadline: number,
  ): Promise<Result> {
    const { fileSystem, processes, paths, place } = this.#options;
    signal.throwIfAborted();
    try {
      await ensureWorkFolders(fileSystem, paths);
      return await withLock(
        paths.lock,
        { fileSystem, processes, signal, waitLimit: Math.max(0, deadline - Date.now()) },
        async (lock) => {
          if (!this.#cleared) await clearLeftovers(this.#options);
          // What cannot be put back now is garbage as far as anybody knew; the next change tries again.
          await emptyTrash(fileSystem, paths).catch(() => undefined);
          this.#cleared = true;
          return await work(lock);
        },
      );
    } catch (error) {
      throw fileError(error, `Changing ${place}`);
    }
  }

  async #replace(change: IndexChange, lock: HeldLock, signal: AbortSignal): Promise<void> {
    const { fileSystem, paths, place } = this.#options;
    let foreign: Uint8Array | undefined;
    for (let attempt = 1; attempt <= FOREIGN_WRITE_TRIES; attempt += 1) {
      const before = await this.#read(signal);
      try {
        const ground = EditableIndex.parse(foreign ?? before.bytes, place);
        const next = (await change(ground)).toBytes();
        if (foreign === undefined && Buffer.compare(ground.toBytes(), next) === 0) {
          await fileSystem.syncFolder(paths.root); // it is as asked for; whoever made it so may not have waited
          return;
        }
        signal.throwIfAborted();
        const published = await this.#publish(before, next, lock);
        if (published === 'overtaken') continue;
        foreign = REPLACES_OPEN_FILES ? await this.#writtenMeanwhile(before, signal) : undefined;
        if (foreign === undefined) return;
      } finally {
        await before.file.close();
      }
    }
    throw new TallymanError({
      code: 'CONFLICT',
      message: `Another program keeps writing index.json of ${place}: the change was given up after ${FOREIGN_WRITE_TRIES} tries.`,
      hint: 'Wait until that program is done, then try again.',
    });
  }

  async #publish(before: IndexBefore, next: Uint8Array, lock: HeldLock): Promise<'published' | 'overtaken'> {
    const { fileSystem, paths } = this.#options;
    const temporary = path.join(paths.work, `${NEW_INDEX_PREFIX}${randomUUID()}`);
    await writeSynced(fileSystem, temporary, next, 0o644);
    try {
      await this.#keepCopy(next);
      if (!(await this.#isStill(before))) {
        await fileSystem.removeFile(temporary);
        return 'overtaken';
      }
      if (!REPLACES_OPEN_FILES) await before.file.close();
      await lock.check();
      await publishFile(fileSystem, temporary, paths.index);
      return 'published';
    } catch (error) {
      await fileSystem.removeFile(temporary).catch(() => undefined);
      throw error;
    }
  }

  /** For the day on which another program leaves `index.json` torn. Not the same file: that program may write in place. */
  async #keepCopy(bytes: Uint8Array): Promise<void> {
    const { fileSystem, paths } = this.#options;
    const temporary = path.join(paths.work, `${NEW_INDEX_PREFIX}${randomUUID()}`);
    await writeSynced(fileSystem, temporary, bytes, 0o644);
    await fileSystem.rename(temporary, paths.previousIndex);
  }

  async #read(signal: AbortSignal): Promise<IndexBefore> {
    const { fileSystem, paths, place } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const file = await fileSystem.open(paths.index, 'read');
      try {
        const info = await file.info();
        const bytes = await readFile(file, info.size, signal);
        EditableIndex.parse(bytes, place);
        return { file, info, bytes };
      } catch (error) {
        await file.close();
        const torn = error instanceof TallymanError && error.code === 'MALFORMED';
        if (!torn || attempt === TORN_INDEX_TRIES) throw error;
        await sleep(TORN_INDEX_PAUSE_MS, undefined, { signal });
      }
    }
  }

  /** Whether the path still names the file that was read, with the content that was read. */
  async #isStill(before: IndexBefore): Promise<boolean> {
    const { fileSystem, paths } = this.#options;
    const now = await fileSystem.look(paths.index);
    if (now?.inode !== before.info.inode || now.device !== before.info.device) return false;
    return (await contentIfChanged(before)) === undefined;
  }

  /**
   * What a program wrote into the replaced file after it was read: it had opened it before the new one took its place.
   * @throws TallymanError CONFLICT when that stays torn.
   */
  async #writtenMeanwhile(before: IndexBefore, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { place } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const bytes = await contentIfChanged(before);
      if (bytes === undefined) return undefined;
      try {
        EditableIndex.parse(bytes, place);
        return bytes;
      } catch (error) {
        if (attempt < TORN_INDEX_TRIES) {
          await sleep(TORN_INDEX_PAUSE_MS, undefined, { signal });
          continue;
        }
        throw new TallymanError(
          {
            code: 'CONFLICT',
            message: `Another program was writing index.json of ${place} at the same moment; its change may be lost.`,
            hint: 'The change asked for is made. Look whether the other program has to be run again.',
          },
          { cause: error },
        );
      }
    }
  }
}

/** The content of an open index, when it is no longer what was read. */
async function contentIfChanged({ file, bytes }: IndexBefore): Promise<Uint8Array | undefined> {
  const { size } = await file.info();
  const now = await readFile(file, size, new AbortController().signal);
  return Buffer.compare(now, bytes) === 0 ? undefined : now;
}

function readFile(file: OpenFile, size: number, signal: AbortSignal): Promise<Uint8Array> {
  return readAll(readRange(fileSource(file, size), 0, size, signal), INDEX_FILE_LIMIT, 'index.json');
}
