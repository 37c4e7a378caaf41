import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { ensureFolder, writeSynced } from './durable-write.ts';
import type { FileSystem } from './file-system.ts';
import { OWNER_RECORD_NAME, type OwnerRecord } from './owner-record.ts';
import type { ProcessTable } from './process-identity.ts';
import type { LayoutPaths } from './work-folder.ts';

export interface WriterSessionOptions {
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  readonly paths: LayoutPaths;
}

/**
 * The folder in which one writer keeps what it has not published: made when it is first needed, named after its owner, so
 * that others know when it may be cleared away.
 */
export class WriterSession {
  readonly #options: WriterSessionOptions;
  readonly #id = randomUUID();
  readonly #folder: string;
  #made: Promise<string> | undefined;

  constructor(options: WriterSessionOptions) {
    this.#options = options;
    this.#folder = path.join(options.paths.ingest, this.#id);
  }

  /** The folder, made. */
  folder(): Promise<string> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  /** Removes the folder, which should be empty; what is left in it stays until somebody clears up. */
  async close(): Promise<void> {
    if (this.#made === undefined) return;
    await this.#made.catch(() => undefined);
    const { fileSystem } = this.#options;
    await fileSystem.removeFile(path.join(this.#folder, OWNER_RECORD_NAME)).catch(() => undefined);
    await fileSystem.removeFolder(this.#folder).catch(() => undefined);
  }

  async #make(): Promise<string> {
    const { fileSystem, processes, paths } = this.#options;
    await ensureFolder(fileSystem, paths.work);
    await ensureFolder(fileSystem, paths.ingest);
    await fileSystem.makeFolder(this.#folder, 0o700);
    const owner: OwnerRecord = { ...(await processes.self()), id: this.#id, since: Date.now() };
    await writeSynced(
      fileSystem,
      path.join(this.#folder, OWNER_RECORD_NAME),
      Buffer.from(JSON.stringify(owner)),
      0o600,
    );
    return this.#folder;
  }
}
