import type { FileSystem } from './file-system.ts';

/**
 * Waits until names in folders are on the disk. Whoever asks for a folder before a wait begins shares it: many small changes
 * at once cost few waits.
 */
export class FolderSyncs {
  readonly #fileSystem: FileSystem;
  /** Per folder, the wait that runs, and the one that begins when it ends. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem;
  }

  /** Names made, moved or removed in the folder before this call are on the disk when it returns. */
  sync(folder: string): Promise<void> {
    const waiting = this.#next.get(folder);
    if (waiting !== undefined) return waiting;
    const before = this.#running.get(folder);
    if (before === undefined) return this.#begin(folder);
    const next = before
      .catch(() => undefined)
      .then(() => {
        this.#next.delete(folder);
        return this.#begin(folder);
      });
    this.#next.set(folder, next);
    return next;
  }

  #begin(folder: string): Promise<void> {
    const running = this.#fileSystem.syncFolder(folder).finally(() => {
      if (this.#running.get(folder) === running) this.#running.delete(folder);
    });
    this.#running.set(folder, running);
    return running;
  }
}
