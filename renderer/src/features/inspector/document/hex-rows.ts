/** One row of a hex view. */
export interface HexRow {
  /** Place of the first byte: "00000010". */
  readonly offset: string;
  /** "1f 8b 08 00 …", with a wider gap in the middle. */
  readonly hex: string;
  /** Printable ASCII, a dot for everything else: no byte can change how the page is shown. */
  readonly text: string;
}

/**
 * One row of a hex view of some bytes.
 *
 * @param width - Bytes in a row, 8 or 16
 */
export function hexRow(bytes: Uint8Array, row: number, width: number): HexRow {
  const from = row * width;
  const part = [...bytes.subarray(from, from + width)];
  const pairs = part.map((byte) => byte.toString(16).padStart(2, '0'));
  const half = width / 2;
  const hex =
    pairs.length > half
      ? `${pairs.slice(0, half).join(' ')}  ${pairs.slice(half).join(' ')}`
      : pairs.join(' ');
  return {
    offset: from.toString(16).padStart(8, '0'),
    hex: hex.padEnd(width * 3 + 1, ' '),
    text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join(''),
  };
}

/** The bytes of base64; empty for text that is none. */
export function bytesOfBase64(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
