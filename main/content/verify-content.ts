import { createHash } from 'node:crypto';
import { displayText } from '../../shared/display/display-text.ts';
import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest, VerifiableAlgorithm } from '../../shared/oci/digest.ts';
import { digestOf } from './digest-of.ts';

/** The part of a descriptor that says what the bytes must be. */
export type ExpectedContent = Pick<Descriptor, 'digest' | 'size'>;

/**
 * The algorithm of a digest whose content can be verified.
 * @throws TallymanError UNSUPPORTED for any other: its content is shown as a name, never read as verified (bar, B1).
 */
export function verifiableAlgorithm(digest: string): VerifiableAlgorithm {
  const algorithm = digest.slice(0, digest.indexOf(':'));
  if (algorithm === 'sha256' || algorithm === 'sha512') return algorithm;
  throw new TallymanError(cannotVerify(digest));
}

/** Says that nobody here can tell whether the bytes behind a digest are the right ones. */
export function cannotVerify(digest: string): ErrorData {
  return {
    code: 'UNSUPPORTED',
    message: `Content named ${displayText(digest)} cannot be verified: only sha256 and sha512 can be computed here.`,
    hint: 'Ask the publisher for a sha256 or sha512 digest.',
  };
}

/**
 * Passes bytes on and checks them on the way: more bytes than `size` fail before they are passed on, fewer at the end,
 * and the digest at the end (image-spec descriptor.md, Verification: size first, then hash). Nothing is kept, so memory
 * does not depend on the size. Whoever stores the bytes publishes them only after the last one came through.
 * @throws TallymanError SIZE_MISMATCH, DIGEST_MISMATCH, or UNSUPPORTED for an algorithm that cannot be computed.
 */
export async function* verifyContent(
  source: AsyncIterable<Uint8Array>,
  expected: ExpectedContent,
): AsyncGenerator<Uint8Array, void, undefined> {
  const algorithm = verifiableAlgorithm(expected.digest);
  const hash = createHash(algorithm);
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > expected.size) throw sizeMismatch(expected, size, 'more than');
    hash.update(chunk);
    yield chunk;
  }
  if (size !== expected.size) throw sizeMismatch(expected, size, 'only');
  const actual = `${algorithm}:${hash.digest('hex')}`;
  if (actual !== expected.digest) throw digestMismatch(expected.digest, actual);
}

/**
 * The same check for bytes that are in memory.
 * @throws TallymanError as `verifyContent`.
 */
export function verifyBytes(bytes: Uint8Array, expected: ExpectedContent): void {
  const algorithm = verifiableAlgorithm(expected.digest);
  if (bytes.byteLength !== expected.size) {
    throw sizeMismatch(expected, bytes.byteLength, bytes.byteLength > expected.size ? 'more than' : 'only');
  }
  const actual = digestOf(bytes, algorithm);
  if (actual !== expected.digest) throw digestMismatch(expected.digest, actual);
}

/**
 * All bytes of a source in one piece, which grows with what came and never with what was announced (GHSA-f36w-mj3v-6jqv).
 * @param limit - most bytes taken.
 * @param what - the name of the content in the error's text.
 * @throws TallymanError LIMIT as soon as more came.
 */
export async function readAll(
  source: AsyncIterable<Uint8Array>,
  limit: number,
  what = 'The content',
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > limit) {
      throw new TallymanError({
        code: 'LIMIT',
        message: `${what} has more than ${limit} bytes.`,
        hint: 'Tallyman does not read more of it into memory; save it to look at the whole.',
        details: { limit },
      });
    }
    chunks.push(chunk);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
}

function sizeMismatch(expected: ExpectedContent, actual: number, word: 'more than' | 'only'): TallymanError {
  const came = word === 'only' ? `only ${actual} bytes` : `more than the announced bytes`;
  return new TallymanError({
    code: 'SIZE_MISMATCH',
    message: `${expected.digest} should have ${expected.size} bytes; ${came} came.`,
    hint: 'The content was cut, replaced, or described wrongly: get it from its publisher again.',
    details: { digest: expected.digest, expected: expected.size, actual },
  });
}

function digestMismatch(expected: Digest, actual: string): TallymanError {
  return new TallymanError({
    code: 'DIGEST_MISMATCH',
    message: `The bytes named ${expected} have the digest ${actual}.`,
    hint: 'The content was damaged or replaced. Do not use it; get it from its publisher again.',
    details: { expected, actual },
  });
}
