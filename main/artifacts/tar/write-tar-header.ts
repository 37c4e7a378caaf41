import { TAR_BLOCK_SIZE } from '../../layout/tar-header.ts';

/** What a header says of one entry. */
export interface TarHeaderFields {
  /** With `/` between the parts, as it is written; folders get no slash of their own. */
  readonly path: string;
  readonly type:
    'file' | 'folder' | 'symbolic-link' | 'hard-link' | 'character-device' | 'block-device' | 'fifo';
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  /** Bytes of content; 0 for everything that is no file. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
  readonly linkPath?: string;
  readonly owner?: number;
  readonly group?: number;
}

const FLAGS: Readonly<Record<TarHeaderFields['type'], string>> = {
  file: '0',
  'hard-link': '1',
  'symbolic-link': '2',
  'character-device': '3',
  'block-device': '4',
  folder: '5',
  fifo: '6',
};

const NAME_SIZE = 100;
const PREFIX_SIZE = 155;
/** Longest number in the size field: eleven octal digits. */
const OCTAL_SIZE_LIMIT = 8 ** 11 - 1;
/** The same for the fields of owner and group. */
const OCTAL_ID_LIMIT = 8 ** 7 - 1;

/**
 * The header of one entry, byte for byte as Go's archive/tar writes it when no format is asked for: ustar where everything fits
 * (long ASCII paths split at a slash), else a pax header before it. oras packs folders with that writer.
 */
export function writeTarHeader(fields: TarHeaderFields): Uint8Array {
  const path = Buffer.from(fields.path);
  const link = Buffer.from(fields.linkPath ?? '');
  const records = paxRecords(fields, path, link);
  const split = splitPath(path);
  const fitsUstar =
    isPlain(path) &&
    (path.byteLength <= NAME_SIZE || split !== undefined) &&
    isPlain(link) &&
    link.byteLength <= NAME_SIZE &&
    !records.some(([key]) => key !== 'path' && key !== 'linkpath');
  if (fitsUstar) {
    return headerBlock(fields, split?.suffix ?? path, link, split?.prefix);
  }
  return Buffer.concat([
    paxBlocks(fields.path, records),
    headerBlock(fields, asciiOnly(path), asciiOnly(link)),
  ]);
}

/** What ends an archive: two empty blocks. */
export const TAR_END_BLOCKS: Uint8Array = Buffer.alloc(2 * TAR_BLOCK_SIZE);

/** The zeros between content of `size` bytes and the next header. */
export function tarPadding(size: number): Uint8Array {
  return Buffer.alloc((TAR_BLOCK_SIZE - (size % TAR_BLOCK_SIZE)) % TAR_BLOCK_SIZE);
}

/** Sorted by name; `path` and `linkpath` only count when something makes a pax header necessary. */
function paxRecords(fields: TarHeaderFields, path: Buffer, link: Buffer): (readonly [string, string])[] {
  const records: (readonly [string, string])[] = [];
  if ((fields.group ?? 0) > OCTAL_ID_LIMIT) records.push(['gid', String(fields.group)]);
  if (!isPlain(link) || link.byteLength > NAME_SIZE) records.push(['linkpath', fields.linkPath ?? '']);
  if (!isPlain(path) || path.byteLength > NAME_SIZE) records.push(['path', fields.path]);
  if (fields.size > OCTAL_SIZE_LIMIT) records.push(['size', String(fields.size)]);
  if ((fields.owner ?? 0) > OCTAL_ID_LIMIT) records.push(['uid', String(fields.owner)]);
  return records;
}

function paxBlocks(path: string, records: readonly (readonly [string, string])[]): Uint8Array {
  const data = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  const slash = path.lastIndexOf('/');
  const name = asciiOnly(
    Buffer.from(joinPath(path.slice(0, slash + 1), 'PaxHeaders.0', path.slice(slash + 1))),
  );
  const block = Buffer.alloc(TAR_BLOCK_SIZE);
  name.subarray(0, NAME_SIZE).copy(block, 0);
  for (const [at, length] of [
    [100, 8],
    [108, 8],
    [116, 8],
  ] as const)
    writeOctal(block, at, length, 0);
  writeOctal(block, 124, 12, data.byteLength);
  writeOctal(block, 136, 12, 0);
  block.write('x', 156);
  finishBlock(block);
  return Buffer.concat([block, data, tarPadding(data.byteLength)]);
}

/** As Go's path.Join of the three. */
function joinPath(folder: string, ...parts: readonly string[]): string {
  const joined = [folder.replace(/\/$/, ''), ...parts].filter((part) => part !== '').join('/');
  return folder === '/' ? `/${joined}` : joined;
}

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function headerBlock(fields: TarHeaderFields, name: Buffer, link: Buffer, prefix?: Buffer): Buffer {
  const block = Buffer.alloc(TAR_BLOCK_SIZE);
  writeText(block, 0, NAME_SIZE, name);
  writeOctal(block, 100, 8, fields.mode);
  writeOctal(block, 108, 8, fitting(fields.owner, OCTAL_ID_LIMIT));
  writeOctal(block, 116, 8, fitting(fields.group, OCTAL_ID_LIMIT));
  writeOctal(block, 124, 12, fitting(fields.size, OCTAL_SIZE_LIMIT));
  writeOctal(block, 136, 12, Math.max(0, fields.modified));
  block.write(FLAGS[fields.type], 156);
  writeText(block, 157, NAME_SIZE, link);
  writeOctal(block, 329, 8, 0);
  writeOctal(block, 337, 8, 0);
  if (prefix !== undefined) writeText(block, 345, PREFIX_SIZE, prefix);
  finishBlock(block);
  return block;
}

/** What does not fit stands in the pax header; the field itself is zero then. */
function fitting(value: number | undefined, limit: number): number {
  return value === undefined || value > limit ? 0 : value;
}

function writeText(block: Buffer, at: number, size: number, text: Buffer): void {
  text.subarray(0, size).copy(block, at);
  // Some readers take a cut name that ends with a slash for a folder.
  if (text.byteLength > size && block[at + size - 1] === 0x2f) {
    let end = at + size - 1;
    while (end > at && block[end - 1] === 0x2f) end -= 1;
    block[end] = 0;
  }
}

function writeOctal(block: Buffer, at: number, length: number, value: number): void {
  block.write(value.toString(8).padStart(length - 1, '0'), at, length - 1, 'latin1');
}

function finishBlock(block: Buffer): void {
  block.write('ustar\u000000', 257, 'latin1');
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

/** A long path as ustar can hold it: in two parts at a slash. */
function splitPath(path: Buffer): { readonly prefix: Buffer; readonly suffix: Buffer } | undefined {
  if (path.byteLength <= NAME_SIZE || !isPlain(path)) return undefined;
  let length = path.byteLength;
  if (length > PREFIX_SIZE + 1) length = PREFIX_SIZE + 1;
  else if (path[length - 1] === 0x2f) length -= 1;
  const slash = path.subarray(0, length).lastIndexOf(0x2f);
  const rest = path.byteLength - slash - 1;
  if (slash <= 0 || rest > NAME_SIZE || rest === 0 || slash > PREFIX_SIZE) return undefined;
  return { prefix: path.subarray(0, slash), suffix: path.subarray(slash + 1) };
}

function isPlain(text: Buffer): boolean {
  return text.every((byte) => byte > 0 && byte < 0x80);
}

function asciiOnly(text: Buffer): Buffer {
  return Buffer.from(text.filter((byte) => byte > 0 && byte < 0x80));
}
