import path from 'node:path';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { fileSource, readRange } from './byte-source.ts';
import { errnoOf, fileError } from './file-error.ts';
import type { FileInfo, FileSystem, OpenFile } from './file-system.ts';
import { INDEX_NAME, type LayoutStorage, type ReadRange, type StoredFile } from './layout-storage.ts';
import { READ_CHUNK_SIZE } from './limits.ts';
import type { LookAnswer, LookJob } from './steps-together.ts';

const REFUSED: Readonly<Record<Exclude<FileInfo['kind'], 'file'>, string>> = {
  folder: 'a folder',
  'symbolic-link': 'a symbolic link, and links inside a layout are not followed',
  other: 'a device or another special file',
};

/**
 * A layout in a folder, inside which no link is followed.
 * @param folder - its absolute path, without links.
 * @param place - how it is called in texts.
 */
export function folderStorage(fileSystem: FileSystem, folder: string, place: string): LayoutStorage {
  return new FolderStorage(fileSystem, folder, place);
}

class FolderStorage implements LayoutStorage {
  readonly kind = 'folder';
  readonly place: string;
  readonly #fileSystem: FileSystem;
  readonly #folder: string;

  constructor(fileSystem: FileSystem, folder: string, place: string) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.place = place;
  }

  async look(name: string): Promise<StoredFile> {
    try {
      const { together } = this.#fileSystem;
      if (together !== undefined) return this.#answered(await together.look(this.#job(name)), name);
      const info = await this.#fileSystem.look(path.join(this.#folder, name));
      if (info === undefined) return { state: 'missing' }; // whatever is above it: most looks end here
      const parent = await this.#refusedParent(name);
      if (parent !== undefined) return parent;
      return info.kind === 'file'
        ? { state: 'file', size: info.size }
        : { state: 'refused', what: REFUSED[info.kind] };
    } catch (error) {
      throw fileError(error, `Looking at ${name} in ${this.place}`);
    }
  }

  async *read(name: string, range: ReadRange): AsyncGenerator<Uint8Array, void, undefined> {
    const { stored, bytes } = await this.#lookOrRead(name);
    if (bytes !== undefined) {
      range.signal.throwIfAborted();
      const part = bytes.subarray(range.offset, range.offset + (range.length ?? bytes.byteLength));
      if (part.byteLength > 0) yield part;
      return;
    }
    if (stored.state === 'missing') throw this.#missing(name);
    if (stored.state === 'refused') throw this.#refused(name, stored.what);
    const file = await this.#open(name);
    try {
      const info = await file.info();
      if (info.kind !== 'file') throw this.#refused(name, REFUSED[info.kind]);
      const from = Math.min(range.offset, info.size);
      const length = Math.min(range.length ?? Infinity, info.size - from);
      yield* readRange(fileSource(file, info.size), from, length, range.signal);
    } catch (error) {
      throw fileError(error, `Reading ${name} in ${this.place}`);
    } finally {
      await file.close();
    }
  }

  /** What is there, and of a small file its content at once. */
  async #lookOrRead(
    name: string,
  ): Promise<{ readonly stored: StoredFile; readonly bytes?: Uint8Array | undefined }> {
    const { together } = this.#fileSystem;
    if (together === undefined) return { stored: await this.look(name) };
    try {
      const answer = await together.readFile({ ...this.#job(name), limit: READ_CHUNK_SIZE });
      const { bytes } = answer;
      return {
        stored: this.#answered(answer, name),
        bytes: bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      };
    } catch (error) {
      throw fileError(error, `Reading ${name} in ${this.place}`);
    }
  }

  #job(name: string): LookJob {
    const parents = foldersAbove(name).map((folder) => path.join(this.#folder, folder));
    return { file: path.join(this.#folder, name), parents };
  }

  #answered(answer: LookAnswer, name: string): StoredFile {
    switch (answer.state) {
      case 'missing':
        return answer;
      case 'behind-link':
        return behindLink(foldersAbove(name)[answer.parent] ?? '');
      case 'found':
        return answer.kind === 'file'
          ? { state: 'file', size: answer.size }
          : { state: 'refused', what: REFUSED[answer.kind] };
    }
  }

  async *blobNames(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    try {
      for (const algorithm of await this.#namesIn('blobs')) {
        for (const name of await this.#namesIn(`blobs/${algorithm}`)) {
          signal.throwIfAborted();
          yield `blobs/${algorithm}/${name}`;
        }
      }
    } catch (error) {
      throw fileError(error, `Listing the blobs of ${this.place}`);
    }
  }

  /** Names in a folder; none when it is no folder, or behind a link. */
  async #namesIn(folder: string): Promise<readonly string[]> {
    const info = await this.#fileSystem.look(path.join(this.#folder, folder));
    return info?.kind === 'folder' ? await this.#fileSystem.list(path.join(this.#folder, folder)) : [];
  }

  async indexStamp(): Promise<string> {
    const info = await this.#fileSystem.look(path.join(this.#folder, INDEX_NAME)).catch((error: unknown) => {
      throw fileError(error, `Looking at ${INDEX_NAME} in ${this.place}`);
    });
    return info === undefined ? 'missing' : `${info.inode} ${info.size} ${info.modified} ${info.changed}`;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #open(name: string): Promise<OpenFile> {
    try {
      return await this.#fileSystem.open(path.join(this.#folder, name), 'read');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') throw this.#missing(name);
      throw fileError(error, `Reading ${name} in ${this.place}`);
    }
  }

  /** Blobs lie in `blobs/ALGORITHM`: a link there would lead all of them out of the layout. */
  async #refusedParent(name: string): Promise<StoredFile | undefined> {
    for (const parent of foldersAbove(name)) {
      const info = await this.#fileSystem.look(path.join(this.#folder, parent));
      if (info === undefined) return { state: 'missing' };
      if (info.kind === 'symbolic-link') return behindLink(parent);
    }
    return undefined;
  }

  #missing(name: string): TallymanError {
    return new TallymanError({
      code: 'MISSING',
      message: `${name} is not in ${this.place}.`,
      hint: 'The layout holds only a part of the content: copy it again from where it was made.',
    });
  }

  #refused(name: string, what: string): TallymanError {
    return new TallymanError({
      code: 'UNREADABLE',
      message: `${name} in ${this.place} is not read: it is ${what}.`,
      hint: 'Replace it by the file itself, if you trust where it leads.',
    });
  }
}

/** `blobs` and `blobs/sha256` of `blobs/sha256/…`. */
function foldersAbove(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, depth) => parts.slice(0, depth + 1).join('/'));
}

function behindLink(parent: string): StoredFile {
  return { state: 'refused', what: `behind ${parent}, ${REFUSED['symbolic-link']}` };
}
