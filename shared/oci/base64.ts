const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const INVALID = 255;
const PADDING = 0x3d; // =

const VALUES: Uint8Array = valuesByCode();

/**
 * Bytes of a base64 text in the strict form of RFC 4648, section 4: padded, no other character, no stray bits at the end.
 * Undefined when the text is anything else, so that one content has one spelling.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const length = base64Length(text);
  if (length === undefined) return undefined;
  const bytes = new Uint8Array(length);
  let position = 0;
  let bits = 0;
  let held = 0;
  for (let index = 0; position < length; index++) {
    bits = ((bits << 6) | valueAt(text, index)) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[position++] = (bits >> held) & 0xff;
  }
  return bytes;
}

/** How many bytes a strict base64 text stands for; undefined when it is none. Linear, allocates nothing. */
export function base64Length(text: string): number | undefined {
  if (text.length % 4 !== 0) return undefined;
  if (text.length === 0) return 0;
  let padding = 0;
  while (padding < 2 && text.charCodeAt(text.length - 1 - padding) === PADDING) padding++;
  const end = text.length - padding;
  for (let index = 0; index < end; index++) if (valueAt(text, index) === INVALID) return undefined;
  // The bits that padding leaves over must be zero, else several texts would stand for the same bytes.
  const strayBits = padding === 0 ? 0 : padding === 1 ? 0b11 : 0b1111;
  if ((valueAt(text, end - 1) & strayBits) !== 0) return undefined;
  return (text.length / 4) * 3 - padding;
}

function valueAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? INVALID;
}

function valuesByCode(): Uint8Array {
  const values = new Uint8Array(128).fill(INVALID);
  for (let value = 0; value < ALPHABET.length; value++) values[ALPHABET.charCodeAt(value)] = value;
  return values;
}
