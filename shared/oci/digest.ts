import { quoteText } from '../display/display-text.ts';
import { TallymanError } from '../errors/tallyman-error.ts';
import { isAsciiAlphanumeric, isAsciiDigit, isAsciiLower, isLowerHex } from './ascii.ts';

/** A content identifier `algorithm:encoded` that fits the grammar of image-spec descriptor.md, section Digests. */
export type Digest = string & { readonly __digest: unique symbol };

/** The algorithms whose content Tallyman can verify. Others are shown, never fetched as verified, never stored (bar, B1). */
export type VerifiableAlgorithm = 'sha256' | 'sha512';

/** Longest digest taken, in characters. The specification sets none; the longest registered one has 135. */
export const DIGEST_LENGTH_LIMIT = 256;

/** Characters of the encoded part that stand for a digest where there is no room for all. */
const SHORT_DIGEST_LENGTH = 12;

/** Registered algorithms, whose encoded part is lower-case hexadecimal of exactly this length (image-spec descriptor.md). */
const HEX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha512', 128],
  ['blake3', 64],
]);

/**
 * A digest in text form, checked: the grammar `algorithm ":" encoded` and, for registered algorithms, length and lower
 * case. Algorithms that are not registered pass when they fit the grammar, as the specification asks; whether content can
 * be checked against one is what `isVerifiable` says.
 * @throws TallymanError INVALID_REFERENCE that says what is wrong.
 */
export function parseDigest(text: string): Digest {
  const fault = digestFault(text);
  if (fault === undefined) return text as Digest;
  throw new TallymanError({
    code: 'INVALID_REFERENCE',
    message: `${quoteText(text)} is no digest: ${fault}.`,
    hint: 'A digest looks like sha256: followed by 64 characters of 0–9 and a–f.',
  });
}

export function isDigest(text: string): text is Digest {
  return digestFault(text) === undefined;
}

/** The part before the colon: `sha256`. */
export function digestAlgorithm(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}

/** The part after the colon. It holds no `/` and no `.`, so it is safe as a file name. */
export function digestEncoded(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** True where Tallyman can check content against the digest. */
export function isVerifiable(digest: Digest): boolean {
  const algorithm = digestAlgorithm(digest);
  return algorithm === 'sha256' || algorithm === 'sha512';
}

/**
 * True for a digest of an algorithm that can be computed here. Among texts that may be anything only such a one is taken for a
 * digest: `localhost:5000` and `127.0.0.1:443` fit the grammar of the specification, too.
 */
export function isVerifiableDigest(text: string): text is Digest {
  return isDigest(text) && isVerifiable(text);
}

/** The first 12 characters of the encoded part; enough to tell digests on one page apart, never to identify content. */
export function shortDigest(digest: string): string {
  const encoded = digest.slice(digest.indexOf(':') + 1);
  return encoded.slice(0, SHORT_DIGEST_LENGTH);
}

/** What is wrong with a digest, as the end of a sentence; undefined when nothing is. Linear in the text. */
export function digestFault(text: string): string | undefined {
  if (text.length > DIGEST_LENGTH_LIMIT) return `it is longer than ${DIGEST_LENGTH_LIMIT} characters`;
  const colon = text.indexOf(':');
  if (colon === -1) return 'it has no “:” between algorithm and value';
  const algorithm = text.slice(0, colon);
  if (!isAlgorithm(algorithm))
    return 'its algorithm is not made of lower-case letters and digits with single “+”, “.”, “_” or “-” between';
  const hexLength = HEX_LENGTHS.get(algorithm);
  if (hexLength !== undefined) {
    const length = text.length - colon - 1;
    if (length !== hexLength)
      return `${algorithm} has ${hexLength} characters after the colon, this has ${length}`;
    for (let index = colon + 1; index < text.length; index++) {
      if (!isLowerHex(text.charCodeAt(index)))
        return `${algorithm} is written in 0–9 and lower-case a–f only`;
    }
    return undefined;
  }
  if (colon === text.length - 1) return 'nothing follows the colon';
  for (let index = colon + 1; index < text.length; index++) {
    if (!isEncodedCharacter(text.charCodeAt(index)))
      return 'the value holds something besides letters, digits, “=”, “_” and “-”';
  }
  return undefined;
}

/** `[a-z0-9]+([+._-][a-z0-9]+)*` by hand: single separators, never at either end. */
function isAlgorithm(text: string): boolean {
  let afterSeparator = true;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isAsciiLower(code) || isAsciiDigit(code)) {
      afterSeparator = false;
    } else if (!afterSeparator && (code === PLUS || code === DOT || code === UNDERSCORE || code === HYPHEN)) {
      afterSeparator = true;
    } else {
      return false;
    }
  }
  return !afterSeparator;
}

const PLUS = 0x2b;
const HYPHEN = 0x2d;
const DOT = 0x2e;
const EQUALS = 0x3d;
const UNDERSCORE = 0x5f;

function isEncodedCharacter(code: number): boolean {
  return isAsciiAlphanumeric(code) || code === EQUALS || code === UNDERSCORE || code === HYPHEN;
}
