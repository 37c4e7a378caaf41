import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { ByteSource } from './byte-source.ts';
import { TAR_ENTRY_LIMIT, TAR_EXTENDED_HEADER_LIMIT, TAR_PATH_LIMIT } from './limits.ts';
import { parsePaxRecords } from './pax-records.ts';
import { isZeroBlock, parseTarHeader, TAR_BLOCK_SIZE, type TarHeader } from './tar-header.ts';

/** One file, folder or link of a tar: where its content lies, and nothing of the content. */
export interface TarEntry {
  /** The path as the archive says it, not cleaned: it may be absolute, lead upwards, or be empty. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'symbolic-link' | 'hard-link' | 'sparse-file' | 'other';
  /** Of links: what they name. */
  readonly linkPath: string;
  /** Where the content begins in the archive, and its bytes there. */
  readonly offset: number;
  readonly size: number;
}

const TYPES: Readonly<Record<string, TarEntry['type']>> = {
  '0': 'file',
  '1': 'hard-link',
  '2': 'symbolic-link',
  '5': 'folder',
  S: 'sparse-file',
};

/** These carry no content, whatever their size field says (Go's archive/tar reads them the same way). */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '6']);

/** Headers are read ahead: in an archive of small files most of them lie in one window. */
const WINDOW_SIZE = 64 * 1024;

/**
 * Lists a tar by one pass over its headers; content is skipped, not read. Understands ustar, pax (local headers; global
 * ones are passed over), GNU long names and links, old GNU sparse files (passed over), and V7.
 * @throws TallymanError MALFORMED for a header that does not hold or an archive that is cut off (`details.incomplete`),
 * LIMIT above a limit; whatever the bytes, it ends with one of them or with the last entry.
 */
export async function* readTarEntries(
  source: ByteSource,
  signal: AbortSignal,
): AsyncGenerator<TarEntry, void, undefined> {
  const window = new HeaderWindow(source);
  let position = 0;
  let headers = 0;
  let override: Override = {};
  for (;;) {
    signal.throwIfAborted();
    const block = await window.block(position);
    if (block === undefined)
      throw incomplete(source, 'it ends without the two empty blocks that close an archive');
    if (isZeroBlock(block)) return;
    headers += 1;
    if (headers > TAR_ENTRY_LIMIT) throw limit('entries', TAR_ENTRY_LIMIT);
    const header = parseTarHeader(block, position);
    const offset = position + TAR_BLOCK_SIZE;

    if (header.type === 'x' || header.type === 'g' || header.type === 'L' || header.type === 'K') {
      const end = contentEnd(source, offset, header.size);
      if (header.type !== 'g') override = await extend(override, source, header, offset);
      position = end;
      continue;
    }

    const size = WITHOUT_CONTENT.has(header.type) ? 0 : (override.size ?? header.size);
    const path = override.path ?? header.path;
    const start = header.extended ? await afterSparseMap(window, source, offset) : offset;
    const end = contentEnd(source, start, size);
    checkPath(path);
    checkPath(override.linkPath ?? header.linkPath);
    yield {
      path,
      // Before folders had a flag of their own, a slash at the end made one.
      type:
        override.sparse === true
          ? 'sparse-file'
          : header.type === '0' && path.endsWith('/')
            ? 'folder'
            : (TYPES[header.type] ?? 'other'),
      linkPath: override.linkPath ?? header.linkPath,
      offset: start,
      size,
    };
    override = {};
    position = end;
  }
}

/** What the extended headers before an entry say of it. */
interface Override {
  readonly path?: string;
  readonly linkPath?: string;
  readonly size?: number;
  readonly sparse?: boolean;
}

async function extend(
  before: Override,
  source: ByteSource,
  header: TarHeader,
  offset: number,
): Promise<Override> {
  if (header.size > TAR_EXTENDED_HEADER_LIMIT)
    throw limit('bytes in one extended header', TAR_EXTENDED_HEADER_LIMIT);
  const content = await source.readAt(offset, header.size);
  if (header.type === 'L') return { path: longName(content), ...before };
  if (header.type === 'K') return { linkPath: longName(content), ...before };
  const records = parsePaxRecords(content);
  if (records === undefined) throw malformed(`the extended header at byte ${offset} does not hold together`);
  const path = records.get('path');
  const linkPath = records.get('linkpath');
  const size = records.get('size');
  if (size !== undefined && (!/^[0-9]{1,16}$/.test(size) || Number(size) > Number.MAX_SAFE_INTEGER)) {
    throw malformed(`the extended header at byte ${offset} names a size that no file can have`);
  }
  const sparse = [...records.keys()].some((key) => key.startsWith('GNU.sparse.'));
  return {
    ...before,
    ...(path === undefined ? {} : { path }),
    ...(linkPath === undefined ? {} : { linkPath }),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(sparse ? { sparse } : {}),
  };
}

function longName(content: Uint8Array): string {
  const end = content.indexOf(0);
  return new TextDecoder().decode(end < 0 ? content : content.subarray(0, end));
}

/** Old GNU sparse files have blocks of their map between header and content; byte 504 says whether one more follows. */
async function afterSparseMap(window: HeaderWindow, source: ByteSource, offset: number): Promise<number> {
  let position = offset;
  for (;;) {
    if (position - offset > TAR_EXTENDED_HEADER_LIMIT)
      throw limit('bytes in one sparse map', TAR_EXTENDED_HEADER_LIMIT);
    const block = await window.block(position);
    if (block === undefined) throw incomplete(source, 'it ends inside the map of a sparse file');
    position += TAR_BLOCK_SIZE;
    if (block[504] === 0) return position;
  }
}

/** Where the next header lies. */
function contentEnd(source: ByteSource, offset: number, size: number): number {
  const end = offset + Math.ceil(size / TAR_BLOCK_SIZE) * TAR_BLOCK_SIZE;
  if (offset + size > source.size || end > Number.MAX_SAFE_INTEGER)
    throw incomplete(source, 'it ends in the middle of a file');
  return end;
}

function checkPath(path: string): void {
  if (Buffer.byteLength(path) > TAR_PATH_LIMIT) throw limit('bytes in one path', TAR_PATH_LIMIT);
}

class HeaderWindow {
  readonly #source: ByteSource;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The block at a position; undefined when the source has no whole block there. */
  async block(position: number): Promise<Uint8Array | undefined> {
    const inside = position - this.#start;
    if (inside < 0 || inside + TAR_BLOCK_SIZE > this.#bytes.byteLength) {
      this.#bytes = await this.#source.readAt(position, WINDOW_SIZE);
      this.#start = position;
    }
    const from = position - this.#start;
    const block = this.#bytes.subarray(from, from + TAR_BLOCK_SIZE);
    return block.byteLength === TAR_BLOCK_SIZE ? block : undefined;
  }
}

function incomplete(source: ByteSource, why: string): TallymanError {
  return new TallymanError({
    code: 'MALFORMED',
    message: `The archive is incomplete: ${why} (${source.size} bytes are there).`,
    hint: 'The download or copy was probably cut off: get the archive again.',
    details: { incomplete: true, size: source.size },
  });
}

function malformed(why: string): TallymanError {
  return new TallymanError({
    code: 'MALFORMED',
    message: `The archive is damaged: ${why}.`,
    hint: 'Get the archive again from where it came from.',
  });
}

function limit(what: string, value: number): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The archive has more than ${value} ${what}.`,
    hint: 'Tallyman does not read such archives. Unpack it with a tool that you trust and open the folder.',
    details: { limit: value },
  });
}
