import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { readAll } from '../../content/verify-content.ts';
import { entryPathParts, linkedPathParts } from '../archive-path.ts';
import { readRange, type ByteSource } from '../byte-source.ts';
import { readTarEntries, type TarEntry } from '../tar-entries.ts';
import { DOCKER_LINK_LIMIT, DOCKER_PATHS_LIMIT } from './docker-limits.ts';

/** Where the content of a file lies in the archive. */
export interface ArchivedPart {
  readonly offset: number;
  readonly size: number;
}

type DockerEntry =
  | { readonly kind: 'file'; readonly part: ArchivedPart }
  /** `to` is absent for a link that leads out of the archive. */
  | { readonly kind: 'link'; readonly to: string | undefined }
  | { readonly kind: 'other' };

/**
 * The files of a docker archive by name. Symbolic links are followed inside the archive and nowhere else: `docker save` and
 * podman write them for layers that several images have.
 */
export class DockerFiles {
  readonly #source: ByteSource;
  readonly #place: string;
  readonly #entries: ReadonlyMap<string, readonly DockerEntry[]>;

  private constructor(
    source: ByteSource,
    place: string,
    entries: ReadonlyMap<string, readonly DockerEntry[]>,
  ) {
    this.#source = source;
    this.#place = place;
    this.#entries = entries;
  }

  /** @throws TallymanError LIMIT, and as `readTarEntries`. */
  static async list(source: ByteSource, place: string, signal: AbortSignal): Promise<DockerFiles> {
    const entries = new Map<string, DockerEntry[]>();
    let pathBytes = 0;
    for await (const entry of readTarEntries(source, signal)) {
      const parts = entryPathParts(entry.path);
      if (parts === undefined || parts.length === 0 || entry.type === 'folder') continue;
      const name = parts.join('/');
      pathBytes += name.length + entry.linkPath.length;
      if (pathBytes > DOCKER_PATHS_LIMIT) throw tooManyPaths(place);
      const known = entries.get(name);
      if (known === undefined) entries.set(name, [readEntry(entry, parts)]);
      else known.push(readEntry(entry, parts));
    }
    return new DockerFiles(source, place, entries);
  }

  /** Every name, as often as it is there once or more. */
  names(): Iterable<string> {
    return this.#entries.keys();
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /**
   * Where the content of a name lies; of a name that comes twice the later counts, as after unpacking.
   * @throws TallymanError MISSING when there is none, UNREADABLE for what is no file and for links that lead elsewhere.
   */
  find(path: string): ArchivedPart {
    let name = entryPathParts(path)?.join('/');
    for (let hops = 0; hops <= DOCKER_LINK_LIMIT; hops += 1) {
      if (name === undefined || name === '') throw this.#outside(path);
      const entry = this.#entries.get(name)?.at(-1);
      if (entry === undefined) throw this.#missing(path);
      if (entry.kind === 'file') return entry.part;
      if (entry.kind === 'other') throw this.#noFile(path);
      name = entry.to;
    }
    throw this.#noFile(path);
  }

  /**
   * The bytes of a small file. Where the name comes twice, both must have the same bytes: some programs read the first of
   * them, others the last.
   * @throws TallymanError as `find`; LIMIT, AMBIGUOUS.
   */
  async read(path: string, limit: number, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = await this.#readPart(path, this.find(path), limit, signal);
    const name = entryPathParts(path)?.join('/') ?? '';
    for (const other of this.#entries.get(name)?.slice(0, -1) ?? []) {
      const isSame =
        other.kind === 'file' &&
        Buffer.compare(await this.#readPart(path, other.part, limit, signal), bytes) === 0;
      if (isSame) continue;
      throw new TallymanError({
        code: 'AMBIGUOUS',
        message: `The docker archive ${this.#place} holds ${quoteText(path)} twice, with different content.`,
        hint: 'Programs differ in which of the two they read. Save the images again with the program that made the archive.',
      });
    }
    return bytes;
  }

  /** The content of a part in chunks. */
  stream({ offset, size }: ArchivedPart, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return readRange(this.#source, offset, size, signal);
  }

  #readPart(path: string, part: ArchivedPart, limit: number, signal: AbortSignal): Promise<Uint8Array> {
    return readAll(this.stream(part, signal), limit, `The file ${quoteText(path)} of ${this.#place}`);
  }

  #missing(path: string): TallymanError {
    return new TallymanError({
      code: 'MISSING',
      message: `The docker archive ${this.#place} names ${quoteText(path)} and does not hold it.`,
      hint: 'The archive is only a part: save the images again.',
    });
  }

  #outside(path: string): TallymanError {
    return new TallymanError({
      code: 'UNREADABLE',
      message: `${quoteText(path)} is not read: it leads out of the docker archive ${this.#place}.`,
      hint: 'The archive may be made to show files of this machine. Do not use it.',
    });
  }

  #noFile(path: string): TallymanError {
    return new TallymanError({
      code: 'UNREADABLE',
      message: `${quoteText(path)} in the docker archive ${this.#place} is not read: it is no plain file, nor a link to one.`,
      hint: 'Save the images again with the program that made the archive.',
    });
  }
}

function readEntry(entry: TarEntry, parts: readonly string[]): DockerEntry {
  switch (entry.type) {
    case 'file':
      return { kind: 'file', part: { offset: entry.offset, size: entry.size } };
    case 'symbolic-link':
      return { kind: 'link', to: linkedPathParts(parts.slice(0, -1), entry.linkPath)?.join('/') };
    case 'hard-link':
      return { kind: 'link', to: entryPathParts(entry.linkPath)?.join('/') };
    case 'folder':
    case 'sparse-file':
    case 'other':
      return { kind: 'other' };
  }
}

function tooManyPaths(place: string): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The paths in the docker archive ${place} have more than ${DOCKER_PATHS_LIMIT} bytes in all.`,
    hint: 'No program that saves images writes so many files.',
    details: { limit: DOCKER_PATHS_LIMIT },
  });
}
