import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { isDigest, isVerifiable } from '../../../shared/oci/digest.ts';
import { verifiableAlgorithm } from '../../content/verify-content.ts';
import { fileError } from '../../layout/file-error.ts';
import { collapsePath, foldedPath, toSafePath, withSuffix } from '../files/safe-path.ts';
import { writeFully } from '../files/temporary-file.ts';
import { FOLDER_ENTRY_LIMIT, RENAME_LIMIT, UNPACKED_BYTES_LIMIT } from '../limits.ts';
import { decompress } from '../tar/decompress.ts';
import { readTarStream, type StreamedTarEntry } from '../tar/read-tar-stream.ts';

export interface UnpackFolderOptions {
  /** The title of the archive: oras puts it before every path, so it is taken away; empty for archives without. */
  readonly prefix: string;
  /** An empty folder that only this program uses, by its real path. */
  readonly into: string;
  /** What `io.deis.oras.content.digest` says of the uncompressed archive. */
  readonly contentDigest?: string | undefined;
  /** Bytes of the archive as it is stored. */
  readonly packedSize: number;
  readonly signal: AbortSignal;
}

/** Something in an archive that is not on the disk now, or is there under another name or kind. */
export interface UnpackNote {
  /** As the archive calls it. */
  readonly path: string;
  /** `left-out`: it is not there. `changed`: its content is, as the text says. */
  readonly kind: 'left-out' | 'changed';
  readonly text: string;
}

export interface UnpackedFolder {
  readonly files: number;
  readonly bytes: number;
  /** Cut at `NOTE_LIMIT`; `noteCount` counts all. */
  readonly notes: readonly UnpackNote[];
  readonly noteCount: number;
}

/** Notes that are kept of one archive. */
const NOTE_LIMIT = 1_000;
/** Links that lead to links are followed so far. */
const LINK_CHAIN_LIMIT = 16;
/** Times that are set: from 1980 (the earliest that zip and FAT know) to a day from now (bar, C5). */
const EARLIEST_TIME = Date.UTC(1980, 0, 1) / 1000;
const DAY = 24 * 60 * 60;

/**
 * Unpacks a tar, compressed or not, into an empty folder. Only files and folders are made: no link, no device (bar, C2), so nothing
 * can be written through one. A link to a file of the same archive becomes a copy of that file; everything else that is no file or
 * folder, and every name that is not safe, is left out and noted. Names that some file system takes for one get suffixes.
 * @throws TallymanError DIGEST_MISMATCH when the content digest does not hold, MALFORMED, LIMIT, UNREADABLE (a full disk); what the
 * source throws. The folder then holds a part of it: the caller removes it.
 */
export async function unpackFolder(
  source: AsyncIterable<Uint8Array>,
  options: UnpackFolderOptions,
): Promise<UnpackedFolder> {
  const { prefix, packedSize, contentDigest, signal } = options;
  const what = prefix === '' ? 'the folder' : prefix;
  const tar = hashed(decompress(source, { what, packedSize, signal }), contentDigest);
  const unpacking = new Unpacking(options);
  for await (const entry of readTarStream(tar, { what, entryLimit: FOLDER_ENTRY_LIMIT, signal }))
    await unpacking.add(entry);
  await unpacking.copyLinks();
  return unpacking.result();
}

/** Passes a tar on and compares it with what is claimed of it, where that can be computed; oras passes other claims over as well. */
async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  claimed: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (claimed === undefined || !isDigest(claimed) || !isVerifiable(claimed)) {
    yield* chunks;
    return;
  }
  const algorithm = verifiableAlgorithm(claimed);
  const hash = createHash(algorithm);
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = `${algorithm}:${hash.digest('hex')}`;
  if (actual === claimed) return;
  throw new TallymanError({
    code: 'DIGEST_MISMATCH',
    message: `The folder unpacks to content with the digest ${actual}; its annotation says ${claimed}.`,
    hint: 'Whoever made it made a mistake, or somebody changed it. Nothing of it was kept.',
    details: { expected: claimed, actual },
  });
}

interface Link {
  readonly path: string;
  /** Parts below the folder. */
  readonly parts: readonly string[];
  /** Where it leads, as parts below the folder; undefined when it leads out of it. */
  readonly target: readonly string[] | undefined;
  readonly says: string;
}

class Unpacking {
  readonly #options: UnpackFolderOptions;
  /** What was made, by the folded path: folders and files under the names that they have on the disk. */
  readonly #made = new Map<string, { readonly name: string; readonly kind: 'folder' | 'file' }>();
  /** Files by their paths in the archive. */
  readonly #files = new Map<string, { readonly name: string; readonly size: number }>();
  readonly #links = new Map<string, Link>();
  readonly #notes: UnpackNote[] = [];
  #noteCount = 0;
  #bytes = 0;

  constructor(options: UnpackFolderOptions) {
    this.#options = options;
  }

  async add(entry: StreamedTarEntry): Promise<void> {
    const parts = this.#partsOf(entry.path);
    if ('fault' in parts) {
      this.#note(entry.path, 'left-out', parts.fault);
      return;
    }
    switch (entry.type) {
      case 'folder':
        if ((await this.#folder(parts.parts)) === undefined)
          this.#note(entry.path, 'left-out', 'a file has that name');
        return;
      case 'file':
        await this.#file(entry, parts.parts);
        return;
      case 'hard-link':
      case 'symbolic-link':
        this.#links.set(parts.parts.join('/'), {
          path: entry.path,
          parts: parts.parts,
          target: this.#targetOf(entry, parts.parts),
          says: entry.linkPath,
        });
        return;
      default:
        this.#note(entry.path, 'left-out', KIND_FAULTS[entry.type]);
    }
  }

  /** Links come last: nothing is ever written through one, and what they name may come after them. */
  async copyLinks(): Promise<void> {
    for (const link of this.#links.values()) {
      this.#options.signal.throwIfAborted();
      const file = this.#resolve(link);
      if (file === undefined) {
        this.#note(
          link.path,
          'left-out',
          `it is a link to ${quoteText(link.says)}, which is no file of the archive`,
        );
        continue;
      }
      this.#count(file.size);
      const name = await this.#freeName(link.path, link.parts);
      if (name === undefined) continue;
      const { into } = this.#options;
      await this.#try(link.path, () =>
        copyFile(
          path.join(into, file.name),
          path.join(into, name),
          constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE,
        ),
      );
      this.#note(
        link.path,
        'changed',
        `it is a link to ${quoteText(link.says)}; it became a copy of that file`,
      );
    }
  }

  result(): UnpackedFolder {
    const files = [...this.#made.values()].filter(({ kind }) => kind === 'file').length;
    return { files, bytes: this.#bytes, notes: this.#notes, noteCount: this.#noteCount };
  }

  #partsOf(archivePath: string): { readonly parts: readonly string[] } | { readonly fault: string } {
    const cleaned = collapsePath(archivePath);
    const prefix = collapsePath(this.#options.prefix);
    if (prefix !== '' && cleaned !== prefix && !cleaned.startsWith(`${prefix}/`))
      return { fault: `it does not lie below ${quoteText(prefix)}` };
    const below = prefix === '' ? cleaned : cleaned.slice(prefix.length + 1);
    if (below === '') return { parts: [] };
    const checked = toSafePath(below);
    return 'fault' in checked ? checked : { parts: checked.path.split('/') };
  }

  async #file(entry: StreamedTarEntry, parts: readonly string[]): Promise<void> {
    if (parts.length === 0) {
      this.#note(entry.path, 'left-out', 'it has the name of the folder itself');
      return;
    }
    this.#count(entry.size);
    const key = parts.join('/');
    const before = this.#files.get(key);
    if (before !== undefined) {
      // The same name twice: like other programs, the last one counts.
      await rm(path.join(this.#options.into, before.name));
      this.#made.delete(foldedPath(before.name));
      this.#note(entry.path, 'changed', 'the archive holds it more than once; the last one counts');
    }
    const name = await this.#freeName(entry.path, parts);
    if (name === undefined) return;
    this.#files.set(key, { name, size: entry.size });
    await this.#try(entry.path, () => this.#write(entry, name));
  }

  async #write(entry: StreamedTarEntry, name: string): Promise<void> {
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | NO_FOLLOW;
    const file = await open(
      path.join(this.#options.into, name),
      flags,
      (entry.mode & 0o100) === 0 ? 0o644 : 0o755,
    );
    try {
      let position = 0;
      for await (const chunk of entry.content()) {
        await writeFully(file, chunk, position);
        position += chunk.byteLength;
      }
      const { modified } = entry;
      if (modified !== undefined && modified >= EARLIEST_TIME && modified <= Date.now() / 1000 + DAY)
        await file.utimes(modified, modified);
    } finally {
      await file.close();
    }
  }

  /** A name that nothing has yet, in folders that are there. */
  async #freeName(archivePath: string, parts: readonly string[]): Promise<string | undefined> {
    const parent = await this.#folder(parts.slice(0, -1));
    if (parent === undefined) {
      this.#note(archivePath, 'left-out', 'a file has the name of its folder');
      return undefined;
    }
    const wanted = [...parent, parts.at(-1) ?? ''].join('/');
    for (let number = 1; number <= RENAME_LIMIT; number += 1) {
      const name = number === 1 ? wanted : withSuffix(wanted, number);
      const folded = foldedPath(name);
      if (this.#made.has(folded)) continue;
      this.#made.set(folded, { name, kind: 'file' });
      if (number > 1)
        this.#note(archivePath, 'changed', `its name was taken already; it is called ${quoteText(name)}`);
      return name;
    }
    this.#note(archivePath, 'left-out', 'too many files have its name');
    return undefined;
  }

  /** Makes a folder and those above it; the names that they have on the disk, or undefined when one of them is a file. */
  async #folder(parts: readonly string[]): Promise<readonly string[] | undefined> {
    let names: readonly string[] = [];
    for (const part of parts) {
      const name = [...names, part].join('/');
      const folded = foldedPath(name);
      const made = this.#made.get(folded);
      if (made?.kind === 'file') return undefined;
      if (made === undefined) {
        await this.#try(name, () => mkdir(path.join(this.#options.into, name), 0o755));
        this.#made.set(folded, { name, kind: 'folder' });
        if (this.#made.size > FOLDER_ENTRY_LIMIT) throw tooMany();
      }
      names = (made?.name ?? name).split('/');
    }
    return names;
  }

  /** What a link names, in the archive: hard links by the whole path, symbolic ones from where they lie. */
  #targetOf(entry: StreamedTarEntry, parts: readonly string[]): readonly string[] | undefined {
    if (entry.type === 'hard-link') {
      const target = this.#partsOf(entry.linkPath);
      return 'parts' in target ? target.parts : undefined;
    }
    if (entry.linkPath.startsWith('/')) return undefined;
    const target = parts.slice(0, -1);
    for (const part of entry.linkPath.normalize('NFC').split('/')) {
      if (part === '' || part === '.') continue;
      if (part !== '..') target.push(part);
      else if (target.pop() === undefined) return undefined;
    }
    return target;
  }

  #resolve(link: Link): { readonly name: string; readonly size: number } | undefined {
    let target = link.target;
    for (let hops = 0; hops < LINK_CHAIN_LIMIT && target !== undefined; hops += 1) {
      const key: string = target.join('/');
      const file = this.#files.get(key);
      if (file !== undefined) return file;
      target = this.#links.get(key)?.target;
    }
    return undefined;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= UNPACKED_BYTES_LIMIT) return;
    throw new TallymanError({
      code: 'LIMIT',
      message: `The archive unpacks to more than ${UNPACKED_BYTES_LIMIT} bytes.`,
      hint: 'If you trust it, save it as it is and unpack it yourself.',
      details: { limit: UNPACKED_BYTES_LIMIT },
    });
  }

  #note(archivePath: string, kind: UnpackNote['kind'], text: string): void {
    this.#noteCount += 1;
    if (this.#notes.length < NOTE_LIMIT) this.#notes.push({ path: archivePath, kind, text });
  }

  async #try(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw fileError(error, `Writing ${quoteText(name)}`);
    }
  }
}

const NO_FOLLOW = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0;

const KIND_FAULTS = {
  device: 'it is a device',
  fifo: 'it is a pipe',
  'sparse-file': 'it is a sparse file, which Tallyman does not unpack',
  other: 'it is neither a file nor a folder',
} as const;

function tooMany(): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The archive makes more than ${FOLDER_ENTRY_LIMIT} files and folders.`,
    hint: 'Save it as it is and unpack it with a tool that you trust.',
    details: { limit: FOLDER_ENTRY_LIMIT },
  });
}
