import path from 'node:path';
import { digestAlgorithm, digestEncoded, isDigest, type Digest } from '../../../shared/oci/digest.ts';
import { ensureFolder } from '../durable-write.ts';
import { errnoOf, fileError } from '../file-error.ts';
import type { FileSystem } from '../file-system.ts';
import { FolderSyncs } from '../folder-syncs.ts';
import { blobName } from '../layout-storage.ts';
import type { LayoutPaths } from '../work-folder.ts';
import { OWN_REPOSITORY } from './repository-names.ts';

/** What the name of a mark says before the digest. */
const HELD = 'held-';
const GONE = 'gone-';

/** Marks are made at the same time as content is stored: one this young may be a little ahead of its content. */
const MARK_GRACE_MS = 60 * 60 * 1000;

export interface RepositoryMarksOptions {
  readonly fileSystem: FileSystem;
  readonly paths: LayoutPaths;
  /** How the layout is called in texts. */
  readonly place: string;
}

/**
 * - `held`: the repository holds it by itself: it was uploaded or mounted
 * - `gone`: it was deleted from the repository, although a manifest there still names it
 * - `unmarked`: what the manifests of the repository name decides
 */
export type Mark = 'held' | 'gone' | 'unmarked';

/**
 * What repositories hold beyond what `index.json` leads to, and what they do not hold although it does. One empty file for
 * each, `.tallyman/repositories/+team+app/held-sha256-…`, so that every change is one step of the file system and several
 * programs need no lock. A plain layout has none, and other programs make none.
 */
export class RepositoryMarks {
  readonly #options: RepositoryMarksOptions;
  readonly #root: string;
  readonly #syncs: FolderSyncs;

  constructor(options: RepositoryMarksOptions) {
    this.#options = options;
    this.#root = path.join(options.paths.work, 'repositories');
    this.#syncs = new FolderSyncs(options.fileSystem);
  }

  /** Where there are both marks the content counts as held: it came again, or its deletion was never confirmed. */
  async markOf(repository: string, digest: Digest): Promise<Mark> {
    const { fileSystem } = this.#options;
    try {
      if ((await fileSystem.look(this.#file(repository, HELD, digest))) !== undefined) return 'held';
      const gone = await fileSystem.look(this.#file(repository, GONE, digest));
      return gone === undefined ? 'unmarked' : 'gone';
    } catch (error) {
      throw this.#failure(error, digest);
    }
  }

  /** Repositories that hold it by themselves. */
  async heldBy(digest: Digest): Promise<readonly string[]> {
    const { fileSystem } = this.#options;
    const holders: string[] = [];
    try {
      for (const name of await this.#folders()) {
        const mark = await fileSystem.look(path.join(this.#root, name, markName(HELD, digest)));
        const repository = name === '+' ? OWN_REPOSITORY : name.slice(1).replaceAll('+', '/');
        if (mark !== undefined) holders.push(repository);
      }
      return holders;
    } catch (error) {
      throw this.#failure(error, digest);
    }
  }

  /** The empty file that marks content as held: whoever makes it waits with `settle` until it is on the disk. */
  heldFile(repository: string, digest: Digest): string {
    return this.#file(repository, HELD, digest);
  }

  /** Waits until all marks of a repository made so far are on the disk. */
  async settle(repository: string): Promise<void> {
    try {
      await this.#syncs.sync(this.#folder(repository));
    } catch (error) {
      throw fileError(error, `Noting what a repository of ${this.#options.place} holds`);
    }
  }

  /** Sets a mark in the place of the other; it is on the disk when this returns. Whether the content is there is not asked. */
  async mark(repository: string, digest: Digest, mark: Mark): Promise<void> {
    try {
      if (mark === 'held') {
        await this.#make(repository, HELD, digest); // it counts more than any other
      } else {
        if (mark === 'gone') await this.#make(repository, GONE, digest);
        const wasHeld = await this.#take(repository, HELD, digest);
        const wasGone = mark === 'unmarked' && (await this.#take(repository, GONE, digest));
        if (mark === 'unmarked' && !wasHeld && !wasGone) return;
      }
      await this.#syncs.sync(this.#folder(repository));
    } catch (error) {
      throw this.#failure(error, digest);
    }
  }

  /**
   * Removes marks of content that is gone for good: garbage collection took it. Without, content that comes again through
   * another repository would be in this one, too. What cannot be removed now is tried again the next time.
   * @param grace - milliseconds for which a mark is left alone: its content may be on its way.
   */
  async sweep(signal: AbortSignal, grace: number = MARK_GRACE_MS): Promise<void> {
    const { fileSystem, paths } = this.#options;
    for (const repository of await this.#folders().catch(() => [])) {
      const folder = path.join(this.#root, repository);
      for (const name of await fileSystem.list(folder).catch(() => [])) {
        if (signal.aborted) return;
        const digest = name.replace(/^(?:held|gone)-/, '').replace('-', ':');
        if (!isDigest(digest)) continue;
        const mark = path.join(folder, name);
        const blob = await fileSystem.look(path.join(paths.root, blobName(digest))).catch(() => 'unknown');
        if (blob !== undefined) continue;
        const made = await fileSystem.look(mark).catch(() => undefined);
        if (made === undefined || Date.now() - Number(made.modified / 1_000_000n) <= grace) continue;
        await fileSystem.removeFile(mark).catch(() => undefined);
      }
    }
  }

  async #folders(): Promise<readonly string[]> {
    const names = await this.#options.fileSystem.list(this.#root).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return []; // nothing was marked yet
      throw error;
    });
    return names.filter((name) => name.startsWith('+'));
  }

  async #make(repository: string, kind: string, digest: Digest): Promise<void> {
    const { fileSystem, paths } = this.#options;
    const file = this.#file(repository, kind, digest);
    const make = async (): Promise<void> => {
      if (fileSystem.together !== undefined) return fileSystem.together.makeEmptyFile({ file });
      try {
        await (await fileSystem.open(file, 'create', 0o600)).close();
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw error;
        await fileSystem.touch(file); // it may be an old one, about content that comes again just now
      }
    };
    try {
      await make();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      for (const folder of [paths.work, this.#root, this.#folder(repository)])
        await ensureFolder(fileSystem, folder);
      await make();
    }
  }

  /** @returns whether there was one. */
  async #take(repository: string, kind: string, digest: Digest): Promise<boolean> {
    try {
      await this.#options.fileSystem.removeFile(this.#file(repository, kind, digest));
      return true;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  #folder(repository: string): string {
    const name = repository === OWN_REPOSITORY ? '' : repository.replaceAll('/', '+');
    return path.join(this.#root, `+${name}`);
  }

  #file(repository: string, kind: string, digest: Digest): string {
    return path.join(this.#folder(repository), markName(kind, digest));
  }

  #failure(error: unknown, digest: Digest): Error {
    return fileError(error, `Noting which repositories of ${this.#options.place} hold ${digest}`);
  }
}

/** Only content whose digest can be computed is marked: its algorithm holds no "-". */
function markName(kind: string, digest: Digest): string {
  return `${kind}${digestAlgorithm(digest)}-${digestEncoded(digest)}`;
}
