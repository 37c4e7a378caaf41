import path from 'node:path';
import { digestAlgorithm, digestEncoded, isDigest, type Digest } from '../../../shared/oci/digest.ts';
import { ensureFolder } from '../durable-write.ts';
import { errnoOf, fileError } from '../file-error.ts';
import type { FileSystem } from '../file-system.ts';
import { blobName } from '../layout-storage.ts';
import type { LayoutPaths } from '../work-folder.ts';
import { OWN_REPOSITORY } from './repository-names.ts';

export interface BlobLinksOptions {
  readonly fileSystem: FileSystem;
  readonly paths: LayoutPaths;
  /** How the layout is called in texts. */
  readonly place: string;
}

/**
 * Which blobs a repository holds by itself, without a manifest that names them: what was uploaded or mounted. One empty file
 * each, `.tallyman/repositories/+team+app/sha256-…`, so that every change is one step of the file system and several
 * programs need no lock. A blob that only a manifest names has no link; other programs that write the layout make none.
 */
export class BlobLinks {
  readonly #options: BlobLinksOptions;
  readonly #root: string;
  /** Per folder, the sync that has not begun yet: whoever makes a name before that waits for the same one. */
  readonly #nextSync = new Map<string, Promise<void>>();
  readonly #runningSync = new Map<string, Promise<void>>();

  constructor(options: BlobLinksOptions) {
    this.#options = options;
    this.#root = path.join(options.paths.work, 'repositories');
  }

  /** The link is on the disk when this returns. Whether the blob is there is not asked. */
  async add(repository: string, digest: Digest): Promise<void> {
    const { fileSystem, paths } = this.#options;
    const folder = this.#folder(repository);
    try {
      await this.#makeLink(folder, digest).catch(async (error: unknown) => {
        if (errnoOf(error) !== 'ENOENT') throw error;
        await ensureFolder(fileSystem, paths.work);
        await ensureFolder(fileSystem, this.#root);
        await ensureFolder(fileSystem, folder);
        await this.#makeLink(folder, digest);
      });
      await this.#sync(folder);
    } catch (error) {
      throw fileError(error, `Noting the blob ${digest} in ${this.#options.place}`);
    }
  }

  async has(repository: string, digest: Digest): Promise<boolean> {
    try {
      const found = await this.#options.fileSystem.look(this.#link(repository, digest));
      return found?.kind === 'file';
    } catch (error) {
      throw fileError(error, `Looking for the blob ${digest} in ${this.#options.place}`);
    }
  }

  /** The link is gone, also after a crash, when this returns. */
  async remove(repository: string, digest: Digest): Promise<void> {
    try {
      await this.#options.fileSystem.removeFile(this.#link(repository, digest));
      await this.#sync(this.#folder(repository));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return;
      throw fileError(error, `Letting go of the blob ${digest} in ${this.#options.place}`);
    }
  }

  /** Whether any repository has a link to it. */
  async hasAnywhere(digest: Digest): Promise<boolean> {
    const { fileSystem } = this.#options;
    try {
      for (const folder of await this.#folders()) {
        if ((await fileSystem.look(path.join(folder, linkName(digest)))) !== undefined) return true;
      }
      return false;
    } catch (error) {
      throw fileError(error, `Looking for the blob ${digest} in ${this.#options.place}`);
    }
  }

  /**
   * Removes links to blobs that are gone: garbage collection took them. Without, a blob that comes again through another
   * repository would be in this one, too. What cannot be removed now is tried again the next time.
   */
  async sweep(signal: AbortSignal): Promise<void> {
    const { fileSystem, paths } = this.#options;
    for (const folder of await this.#folders().catch(() => [])) {
      for (const name of await fileSystem.list(folder).catch(() => [])) {
        if (signal.aborted) return;
        const digest = name.replace('-', ':');
        if (!isDigest(digest)) continue;
        if ((await fileSystem.look(path.join(paths.root, blobName(digest)))) !== undefined) continue;
        await fileSystem.removeFile(path.join(folder, name)).catch(() => undefined);
      }
    }
  }

  async #folders(): Promise<readonly string[]> {
    const { fileSystem } = this.#options;
    const names = await fileSystem.list(this.#root).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return []; // nothing was uploaded yet
      throw error;
    });
    return names.map((name) => path.join(this.#root, name));
  }

  async #makeLink(folder: string, digest: Digest): Promise<void> {
    try {
      const file = await this.#options.fileSystem.open(path.join(folder, linkName(digest)), 'create', 0o600);
      await file.close();
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }

  /** One sync serves everybody who came before it began. */
  #sync(folder: string): Promise<void> {
    const waiting = this.#nextSync.get(folder);
    if (waiting !== undefined) return waiting;
    const next = (this.#runningSync.get(folder) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.#nextSync.delete(folder);
        const running = this.#options.fileSystem.syncFolder(folder);
        this.#runningSync.set(folder, running);
        return running.finally(() => {
          if (this.#runningSync.get(folder) === running) this.#runningSync.delete(folder);
        });
      });
    this.#nextSync.set(folder, next);
    return next;
  }

  #folder(repository: string): string {
    return path.join(this.#root, repository === OWN_REPOSITORY ? '+' : `+${repository.replaceAll('/', '+')}`);
  }

  #link(repository: string, digest: Digest): string {
    return path.join(this.#folder(repository), linkName(digest));
  }
}

/** Only content whose digest can be computed is stored: sha256-… and sha512-…. */
function linkName(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestEncoded(digest)}`;
}
