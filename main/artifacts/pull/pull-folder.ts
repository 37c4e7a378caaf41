import { createHash, randomUUID } from 'node:crypto';
import { constants, rename as renameWithCallback, writeFile as writeFileWithCallback } from 'node:fs';
import { link, lstat, mkdir, open, readdir, realpath, rename, rm, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { isDigest, type Digest } from '../../../shared/oci/digest.ts';
import { verifiableAlgorithm } from '../../content/verify-content.ts';
import { errnoOf, fileError } from '../../layout/file-error.ts';
import { foldedPath, requireSafePath, withSuffix, type SafePath } from '../files/safe-path.ts';
import { RENAME_LIMIT } from '../limits.ts';
import { readFrom } from '../push/hash-file.ts';

/** What happens to a file that is there already when one of its name is to be written. */
export type ExistingFile = 'keep' | 'overwrite' | 'rename';

/** What became of one name. */
export interface Published {
  readonly outcome: 'written' | 'kept';
  /** Where it is: other than asked for when it had to get another name. */
  readonly name: SafePath;
}

/** The folder of unfinished work, within the one that is pulled into, so that a finished file only has to change its name. */
const WORK_FOLDER = '.tallyman-partial';
const TEMPORARY_ENDING = '.tmp';
/** Unfinished work of programs that ended is removed after a day; content that can be continued stays. */
const STALE_MS = 24 * 60 * 60 * 1000;

/** For thousands of small files the older interface costs half of what file handles cost. */
const writeQuickly = promisify(writeFileWithCallback);
const renameQuickly = promisify(renameWithCallback);

const NO_FOLLOW = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;

/**
 * The folder that a pull writes into. No name leads out of it: names are safe paths, every folder on the way is looked at and must be
 * a real one, nothing is opened through a link, and a file gets its name in one step when it is whole. Nothing is synced to the
 * disk: a pull can be repeated, so a power failure costs time only, as with every other download.
 */
export class PullFolder {
  readonly #root: string;
  readonly #existing: ExistingFile;
  /** Folders below the root that were looked at, by their paths. */
  readonly #folders = new Map<string, Promise<void>>();
  /** Nothing was in the root when this began. */
  readonly #wasEmpty: boolean;
  #work: Promise<string> | undefined;

  private constructor(root: string, existing: ExistingFile, wasEmpty: boolean) {
    this.#root = root;
    this.#existing = existing;
    this.#wasEmpty = wasEmpty;
  }

  /** Opens the folder, and makes it with those above it when it is not there. */
  static async open(folder: string, existing: ExistingFile): Promise<PullFolder> {
    try {
      await mkdir(folder, { recursive: true });
      const root = await realpath(folder);
      const names = await readdir(root);
      return new PullFolder(root, existing, names.length === 0);
    } catch (error) {
      throw fileError(error, `Making the folder ${quoteText(folder)}`);
    }
  }

  /**
   * Whether the content has to be fetched at all: `present` when a file of that name has it already, `kept` when one with other
   * content is to stay.
   */
  async look(
    name: SafePath,
    descriptor: Descriptor,
    signal: AbortSignal,
  ): Promise<'needed' | 'present' | 'kept'> {
    if (this.#wasEmpty) return 'needed';
    const place = this.#place(name);
    const there = await lstat(place).catch(() => undefined);
    if (there === undefined) return 'needed';
    if (there.isFile() && there.size === descriptor.size && (await hasContent(place, descriptor, signal)))
      return 'present';
    return this.#existing === 'keep' ? 'kept' : 'needed';
  }

  /** Whether anything of that name is there and is to stay, so that nothing has to be made. */
  async isKept(name: SafePath): Promise<boolean> {
    if (this.#wasEmpty || this.#existing !== 'keep') return false;
    return (await lstat(this.#place(name)).catch(() => undefined)) !== undefined;
  }

  /** Whether a folder to be unpacked would only find what stays. */
  async hasOther(name: SafePath): Promise<boolean> {
    const there = this.#wasEmpty ? undefined : await lstat(this.#place(name)).catch(() => undefined);
    return there !== undefined && !there.isDirectory() && this.#existing === 'keep';
  }

  /** The place of a file that can be continued, always the same for one content. */
  async partialPath({ digest }: Descriptor): Promise<string> {
    return path.join(await this.#workFolder(), partialName(digest));
  }

  /** A place of its own for a file or folder that gets its name later. */
  async temporaryPath(): Promise<string> {
    return path.join(await this.#workFolder(), `${randomUUID()}${TEMPORARY_ENDING}`);
  }

  /**
   * Gives a finished file its name.
   * @throws TallymanError CONFLICT when a folder or link is in the way, UNREADABLE.
   */
  async publish(temporary: string, name: SafePath): Promise<Published> {
    try {
      await this.#parents(name);
      if (this.#existing === 'overwrite' || this.#wasEmpty) {
        await this.#replace(temporary, name);
        return { outcome: 'written', name };
      }
      for (let number = 1; number <= RENAME_LIMIT; number += 1) {
        const candidate = number === 1 ? name : requireSafePath(withSuffix(name, number), 'The name');
        if (await this.#placeNew(temporary, candidate)) return { outcome: 'written', name: candidate };
        if (this.#existing === 'keep') {
          await unlink(temporary);
          return { outcome: 'kept', name };
        }
      }
      throw inTheWay(name, 'and so are all other names for it');
    } catch (error) {
      throw fileError(error, `Writing ${quoteText(name)}`);
    }
  }

  /**
   * A small file with its bytes and its name.
   * @throws TallymanError as `publish`.
   */
  async writeSmall(bytes: Uint8Array, name: SafePath): Promise<Published> {
    const temporary = await this.temporaryPath();
    try {
      await this.#parents(name);
      await writeQuickly(temporary, bytes, { flag: 'wx' });
      if (!this.#wasEmpty) return await this.publish(temporary, name);
      await renameQuickly(temporary, this.#place(name));
      return { outcome: 'written', name };
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw fileError(error, `Writing ${quoteText(name)}`);
    }
  }

  /** Gives a folder its name; where one of that name is, its files join it one by one. Tells what became of files that were there. */
  async publishFolder(temporary: string, name: SafePath): Promise<readonly Published[]> {
    try {
      await this.#parents(name);
      const there = await lstat(this.#place(name)).catch(() => undefined);
      if (there === undefined) {
        await rename(temporary, this.#place(name));
        return [];
      }
    } catch (error) {
      throw fileError(error, `Writing ${quoteText(name)}`);
    }
    const published: Published[] = [];
    const merge = async (below: string): Promise<void> => {
      await this.#parents(requireSafePath(`${name}${below}/x`, 'The name'));
      for (const entry of await readdir(path.join(temporary, below), { withFileTypes: true })) {
        const next = `${below}/${entry.name}`;
        if (entry.isDirectory()) await merge(next);
        else {
          const outcome = await this.publish(
            path.join(temporary, next),
            requireSafePath(`${name}${next}`, 'The name'),
          );
          published.push(outcome);
        }
      }
    };
    await merge('');
    await rm(temporary, { recursive: true, force: true });
    return published;
  }

  /** Removes the folder of unfinished work, unless something in it can be continued. */
  async close(): Promise<void> {
    if (this.#work === undefined) return;
    const work = await this.#work.catch(() => undefined);
    if (work !== undefined) await rmdir(work).catch(() => undefined);
  }

  #place(name: string): string {
    return path.join(this.#root, name);
  }

  async #replace(temporary: string, name: SafePath): Promise<void> {
    try {
      await rename(temporary, this.#place(name));
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'EISDIR' || code === 'ENOTEMPTY' || code === 'EEXIST')
        throw inTheWay(name, 'it is a folder');
      throw error;
    }
  }

  /** Names a file where nothing is; false when something is. A link takes the place in one step where the system has links. */
  async #placeNew(temporary: string, name: SafePath): Promise<boolean> {
    const place = this.#place(name);
    try {
      await link(temporary, place);
      await unlink(temporary);
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      if (!NO_LINKS.has(errnoOf(error) ?? '')) throw error;
    }
    if ((await lstat(place).catch(() => undefined)) !== undefined) return false;
    await rename(temporary, place);
    return true;
  }

  /** Makes the folders above a name; each one must be a folder itself, never a link to one. */
  async #parents(name: SafePath): Promise<void> {
    const parts = name.split('/').slice(0, -1);
    for (let count = 1; count <= parts.length; count += 1) {
      const folder = parts.slice(0, count).join('/');
      let ready = this.#folders.get(folder);
      if (ready === undefined) {
        ready = this.#makeFolder(folder);
        this.#folders.set(folder, ready);
      }
      await ready;
    }
  }

  async #makeFolder(folder: string): Promise<void> {
    try {
      await mkdir(this.#place(folder));
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      const there = await lstat(this.#place(folder));
      if (there.isSymbolicLink())
        throw inTheWay(folder, 'it is a link, and nothing is written through links');
      if (!there.isDirectory()) throw inTheWay(folder, 'it is no folder');
    }
  }

  #workFolder(): Promise<string> {
    this.#work ??= this.#openWorkFolder();
    return this.#work;
  }

  async #openWorkFolder(): Promise<string> {
    const folder = this.#place(WORK_FOLDER);
    try {
      await mkdir(folder, 0o700);
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw fileError(error, `Writing into ${quoteText(this.#root)}`);
      if (!(await lstat(folder)).isDirectory()) throw inTheWay(WORK_FOLDER, 'it is no folder');
      await removeStale(folder);
    }
    return folder;
  }
}

/** Removes what was fetched of content that nobody will continue, and the folder of unfinished work when it is empty then. */
export async function forgetPartials(folder: string, digests: readonly string[]): Promise<void> {
  const work = path.join(folder, WORK_FOLDER);
  // Through a link that somebody put there nothing is removed.
  if ((await lstat(work).catch(() => undefined))?.isDirectory() !== true) return;
  for (const digest of digests)
    if (isDigest(digest)) await unlink(path.join(work, partialName(digest))).catch(() => undefined);
  await rmdir(work).catch(() => undefined);
}

function partialName(digest: Digest): string {
  return `${digest.replace(':', '-')}.partial`;
}

/** True for names within the folder of unfinished work, which no artifact may write. */
export function isWorkPath(name: SafePath): boolean {
  return foldedPath(name.split('/')[0] ?? '') === WORK_FOLDER;
}

/** Errors of `link` where the file system has no hard links. */
const NO_LINKS: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EACCES',
]);

async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith(TEMPORARY_ENDING)) continue;
    const place = path.join(folder, name);
    const there = await lstat(place).catch(() => undefined);
    if (there !== undefined && Date.now() - there.mtimeMs > STALE_MS)
      await rm(place, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function hasContent(place: string, { digest }: Descriptor, signal: AbortSignal): Promise<boolean> {
  const algorithm = verifiableAlgorithm(digest);
  const file = await open(place, constants.O_RDONLY | NO_FOLLOW).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const hash = createHash(algorithm);
    for await (const chunk of readFrom(file, 0, signal)) hash.update(chunk);
    return `${algorithm}:${hash.digest('hex')}` === digest;
  } finally {
    await file.close();
  }
}

function inTheWay(name: string, why: string): TallymanError {
  return new TallymanError({
    code: 'CONFLICT',
    message: `${quoteText(name)} is in the way: ${why}.`,
    hint: 'Move it away, or pull into another folder.',
  });
}
