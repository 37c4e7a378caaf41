import { TAR_BLOCK_SIZE } from '../tar-header.ts';

/** Largest size that the field of a ustar header holds: 8 GiB − 1. */
const USTAR_SIZE_LIMIT = 0o77777777777;

/** Longest path that the first field of a header holds, in bytes. */
const USTAR_PATH_LIMIT = 100;

/** Files of a layout are read by everybody and written by nobody. */
const PERMISSIONS = '0000444';

/**
 * The header of a file in a tar, as the same bytes each time: no owner, no date. What the plain form cannot say (a path of
 * more than 100 bytes as sha512 makes them, 8 GiB and more) goes into a pax header before it (POSIX pax, 2001).
 * @param path - of ASCII characters.
 */
export function tarEntryHeader(path: string, size: number): Uint8Array {
  const records = [
    ...(path.length > USTAR_PATH_LIMIT ? [paxRecord('path', path)] : []),
    ...(size > USTAR_SIZE_LIMIT ? [paxRecord('size', String(size))] : []),
  ];
  const plain = headerBlock(path, size > USTAR_SIZE_LIMIT ? 0 : size, '0');
  if (records.length === 0) return plain;
  const content = Buffer.from(records.join(''));
  const padding = Buffer.alloc(paddingAfter(content.byteLength));
  return Buffer.concat([headerBlock('PaxHeaders/blob', content.byteLength, 'x'), content, padding, plain]);
}

/** Bytes from the end of a content to the next header. */
export function paddingAfter(size: number): number {
  return (TAR_BLOCK_SIZE - (size % TAR_BLOCK_SIZE)) % TAR_BLOCK_SIZE;
}

function headerBlock(path: string, size: number, type: string): Buffer {
  const block = Buffer.alloc(TAR_BLOCK_SIZE);
  block.write(path.slice(0, USTAR_PATH_LIMIT), 0, 'latin1');
  block.write(`${PERMISSIONS}\0`, 100, 'latin1');
  block.write('0000000\0', 108, 'latin1'); // user
  block.write('0000000\0', 116, 'latin1'); // group
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  block.write('00000000000\0', 136, 'latin1'); // date
  block.write('        ', 148, 'latin1'); // the sum is computed with blanks in its place
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}
