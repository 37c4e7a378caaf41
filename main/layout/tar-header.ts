import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { trimEndWhile } from '../../shared/text/trim-end-while.ts';

/** Bytes of a header and of the unit in which content is padded. */
export const TAR_BLOCK_SIZE = 512;

/** One header block of a tar (POSIX pax, ustar; GNU and V7 differ only in what is marked so below). */
export interface TarHeader {
  /** Path as the block says it, with the ustar prefix; extended headers may replace it. */
  readonly path: string;
  /** The type flag as a character; `0` for the two old spellings of a file. */
  readonly type: string;
  /** Bytes of content that follow, before any extended header replaced it. */
  readonly size: number;
  readonly linkPath: string;
  /** Old GNU sparse files: further header blocks follow this one. */
  readonly extended: boolean;
}

/**
 * Reads one block.
 * @param block - exactly 512 bytes, not all zero.
 * @param position - where it lies, for the error's text.
 * @throws TallymanError MALFORMED when the checksum or the size does not hold.
 */
export function parseTarHeader(block: Uint8Array, position: number): TarHeader {
  if (!checksumHolds(block)) throw malformed(position, 'its checksum is wrong');
  const size = parseNumber(block.subarray(124, 136));
  if (size === undefined) throw malformed(position, 'its size is no number that a file can have');
  const flag = String.fromCharCode(block[156] ?? 0);
  const posix = text(block.subarray(257, 263)) === 'ustar'; // GNU writes "ustar  " and other fields where the prefix lies
  const prefix = posix ? text(block.subarray(345, 500)) : '';
  const name = text(block.subarray(0, 100));
  return {
    path: prefix === '' ? name : `${prefix}/${name}`,
    type: flag === '\0' || flag === '7' ? '0' : flag,
    size,
    linkPath: text(block.subarray(157, 257)),
    extended: flag === 'S' && block[482] !== 0,
  };
}

/** True for the block of zeros that ends an archive. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Whether a block has the checksum of a tar header: how a tar is told from any other file. */
export function checksumHolds(block: Uint8Array): boolean {
  const claimed = parseNumber(block.subarray(148, 156));
  if (claimed === undefined) return false;
  let unsigned = 0;
  let signed = 0; // what old Sun and BSD programs computed
  for (let index = 0; index < TAR_BLOCK_SIZE; index += 1) {
    const byte = index >= 148 && index < 156 ? 0x20 : (block[index] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return claimed === unsigned || claimed === signed;
}

/** A numeric field: octal digits between blanks, or base 256 when the first bit is set. Undefined for anything else. */
function parseNumber(field: Uint8Array): number | undefined {
  const first = field[0] ?? 0;
  if (first >= 0x80) {
    if (first !== 0x80) return undefined; // negative, or beyond 2^64
    let value = 0;
    for (const byte of field.subarray(1)) {
      value = value * 256 + byte;
      if (value > Number.MAX_SAFE_INTEGER) return undefined;
    }
    return value;
  }
  const digits = trimEndWhile(
    latin1(field).replace(/^ +/, ''),
    (character) => character === ' ' || character === '\0',
  );
  if (digits === '') return 0;
  // A NUL ends the digits; some writers leave rubbish behind it.
  const end = digits.indexOf('\0');
  const octal = end < 0 ? digits : digits.slice(0, end).trimEnd();
  if (!/^[0-7]{1,12}$/.test(octal)) return undefined;
  return Number.parseInt(octal, 8);
}

/** The text of a field up to its first NUL. */
function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function latin1(field: Uint8Array): string {
  return String.fromCharCode(...field);
}

function malformed(position: number, why: string): TallymanError {
  return new TallymanError({
    code: 'MALFORMED',
    message: `The archive is damaged: the header at byte ${position} cannot be read, ${why}.`,
    hint: 'Get the archive again from where it came from.',
    details: { position },
  });
}
