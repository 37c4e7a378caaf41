import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { TAR_EXTENDED_HEADER_LIMIT, TAR_PATH_LIMIT } from '../../layout/limits.ts';
import { parsePaxRecords } from '../../layout/pax-records.ts';
import { isZeroBlock, parseTarHeader, TAR_BLOCK_SIZE, type TarHeader } from '../../layout/tar-header.ts';
import { BytePuller } from './byte-puller.ts';

/** One entry of an archive that is read from its beginning to its end. */
export interface StreamedTarEntry {
  /** As the archive says it, not cleaned: it may be absolute, lead upwards, or be empty. */
  readonly path: string;
  /** The type flag as a character, `0` for all spellings of a file: see `TarEntryType`. */
  readonly type: StreamedTarEntryType;
  /** Of links: what they name. */
  readonly linkPath: string;
  /** Bytes of content that follow in the archive. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Seconds since 1970; undefined when the field holds none. */
  readonly modified: number | undefined;
  /** All header blocks of the entry as they came, extended ones too. */
  readonly headers: Uint8Array;
  /** The content; what is not read of it is passed over with the next entry. Only valid until then. */
  content(): AsyncGenerator<Uint8Array, void, undefined>;
}

export type StreamedTarEntryType =
  'file' | 'folder' | 'symbolic-link' | 'hard-link' | 'device' | 'fifo' | 'sparse-file' | 'other';

const TYPES: Readonly<Record<string, StreamedTarEntryType>> = {
  '0': 'file',
  '1': 'hard-link',
  '2': 'symbolic-link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'fifo',
  S: 'sparse-file',
};

/** These carry no content, whatever their size field says (Go's archive/tar reads them the same way). */
const WITHOUT_CONTENT: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '6']);

export interface ReadTarOptions {
  /** What is read, for error texts. */
  readonly what: string;
  /** Most entries. */
  readonly entryLimit: number;
  readonly signal: AbortSignal;
}

/**
 * Reads a tar in one pass: ustar, pax (local headers; global ones are passed over), GNU long names and links, old GNU sparse files
 * and V7. An end without its two empty blocks, and content without its last padding, are taken as umoci writes them. Everything behind
 * the end is read and dropped, so that whoever hashes the source sees all of it.
 * @throws TallymanError MALFORMED for a header that does not hold or an archive that is cut off in an entry, LIMIT; what the source throws.
 */
export async function* readTarStream(
  source: AsyncIterable<Uint8Array>,
  { what, entryLimit, signal }: ReadTarOptions,
): AsyncGenerator<StreamedTarEntry, void, undefined> {
  const input = new BytePuller(source);
  try {
    let position = 0;
    let count = 0;
    let before: Override = {};
    let headers: Uint8Array[] = [];
    const take = async (length: number): Promise<Uint8Array> => {
      const bytes = await input.take(length);
      if (bytes.byteLength < length) throw incomplete(what);
      position += length;
      return bytes;
    };
    for (;;) {
      signal.throwIfAborted();
      const block = await input.take(TAR_BLOCK_SIZE);
      if (block.byteLength === 0 || isZeroBlock(block)) break;
      if (block.byteLength < TAR_BLOCK_SIZE) throw incomplete(what);
      count += 1;
      if (count > entryLimit) throw limit(what, 'entries', entryLimit);
      const header = parseTarHeader(block, position);
      position += TAR_BLOCK_SIZE;
      headers.push(block);

      if (header.type === 'g') {
        headers = headers.slice(0, -1);
        await skip(input, padded(checkExtended(header, what)));
        position += padded(header.size);
        continue;
      }
      if (header.type === 'x' || header.type === 'L' || header.type === 'K') {
        const content = await take(padded(checkExtended(header, what)));
        headers.push(content);
        before = extend(before, header, content.subarray(0, header.size), what);
        continue;
      }
      if (header.extended) headers.push(...(await readSparseMap(take, what)));

      const size = WITHOUT_CONTENT.has(header.type) ? 0 : (before.size ?? header.size);
      const path = before.path ?? header.path;
      const linkPath = before.linkPath ?? header.linkPath;
      if (Buffer.byteLength(path) > TAR_PATH_LIMIT || Buffer.byteLength(linkPath) > TAR_PATH_LIMIT)
        throw limit(what, 'bytes in one path', TAR_PATH_LIMIT);
      let left = size;
      yield {
        path,
        // Before folders had a flag of their own, a slash at the end made one.
        type:
          before.sparse === true
            ? 'sparse-file'
            : header.type === '0' && path.endsWith('/')
              ? 'folder'
              : (TYPES[header.type] ?? 'other'),
        linkPath,
        size,
        mode: octal(block.subarray(100, 108)) ?? 0o644,
        modified: octal(block.subarray(136, 148)),
        headers: headers.length === 1 ? block : Buffer.concat(headers),
        async *content() {
          while (left > 0) {
            const chunk = await input.some(left);
            if (chunk === undefined) throw incomplete(what);
            left -= chunk.byteLength;
            yield chunk;
          }
        },
      };
      while (left > 0) {
        const chunk = await input.some(left);
        if (chunk === undefined) throw incomplete(what);
        left -= chunk.byteLength;
      }
      await skip(input, padded(size) - size);
      position += padded(size);
      before = {};
      headers = [];
    }
    while ((await input.some(Number.MAX_SAFE_INTEGER)) !== undefined) signal.throwIfAborted();
  } finally {
    await input.close();
  }
}

/** What the extended headers before an entry say of it. */
interface Override {
  readonly path?: string;
  readonly linkPath?: string;
  readonly size?: number;
  readonly sparse?: boolean;
}

function extend(before: Override, { type }: TarHeader, content: Uint8Array, what: string): Override {
  if (type === 'L') return { path: longName(content), ...before };
  if (type === 'K') return { linkPath: longName(content), ...before };
  const records = parsePaxRecords(content);
  if (records === undefined) throw malformed(what, 'an extended header does not hold together');
  const path = records.get('path');
  const linkPath = records.get('linkpath');
  const size = records.get('size');
  if (size !== undefined && (!/^[0-9]{1,16}$/.test(size) || Number(size) > Number.MAX_SAFE_INTEGER))
    throw malformed(what, 'an extended header names a size that no file can have');
  const sparse = [...records.keys()].some((key) => key.startsWith('GNU.sparse.'));
  return {
    ...before,
    ...(path === undefined ? {} : { path }),
    ...(linkPath === undefined ? {} : { linkPath }),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(sparse ? { sparse } : {}),
  };
}

/** Old GNU sparse files have blocks of their map between header and content; byte 504 says whether one more follows. */
async function readSparseMap(
  take: (length: number) => Promise<Uint8Array>,
  what: string,
): Promise<readonly Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for (;;) {
    const block = await take(TAR_BLOCK_SIZE);
    blocks.push(block);
    if (block[504] === 0) return blocks;
    if (blocks.length * TAR_BLOCK_SIZE > TAR_EXTENDED_HEADER_LIMIT)
      throw limit(what, 'bytes in one sparse map', TAR_EXTENDED_HEADER_LIMIT);
  }
}

function checkExtended({ size }: TarHeader, what: string): number {
  if (size > TAR_EXTENDED_HEADER_LIMIT)
    throw limit(what, 'bytes in one extended header', TAR_EXTENDED_HEADER_LIMIT);
  return size;
}

function longName(content: Uint8Array): string {
  const end = content.indexOf(0);
  return new TextDecoder().decode(end < 0 ? content : content.subarray(0, end));
}

function padded(size: number): number {
  return Math.ceil(size / TAR_BLOCK_SIZE) * TAR_BLOCK_SIZE;
}

/** Passes over bytes; fewer at the end of the source are fine. */
async function skip(input: BytePuller, length: number): Promise<void> {
  for (let left = length; left > 0;) {
    const chunk = await input.some(left);
    if (chunk === undefined) return;
    left -= chunk.byteLength;
  }
}

/** A field that only describes: what is no octal number is left out. */
function octal(field: Uint8Array): number | undefined {
  const digits = String.fromCharCode(...field)
    .replace(/^ +/, '')
    .replace(/[ \0][^]*$/, '');
  return /^[0-7]{1,12}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

function incomplete(what: string): TallymanError {
  return malformed(what, 'it ends in the middle');
}

function malformed(what: string, why: string): TallymanError {
  return new TallymanError({
    code: 'MALFORMED',
    message: `The archive ${quoteText(what)} is damaged: ${why}.`,
    hint: 'Its digest may be right: then it was made so. Save it as it is and look at it with a tool that you trust.',
  });
}

function limit(what: string, of: string, value: number): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The archive ${quoteText(what)} has more than ${value} ${of}.`,
    hint: 'Tallyman does not unpack such archives. Save it as it is and unpack it with a tool that you trust.',
    details: { limit: value },
  });
}
