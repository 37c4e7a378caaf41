import { isLowerHex } from './ascii.ts';
import { digestAlgorithm, digestEncoded, type Digest } from './digest.ts';
import { isTagCharacter } from './tag.ts';

/** Characters of algorithm and encoded part that a referrers tag keeps (distribution-spec, Referrers Tag Schema). */
const ALGORITHM_LENGTH = 32;
const ENCODED_LENGTH = 64;

/** What cosign attaches by tag: signatures, attestations, SBOMs. */
export type CosignTagSuffix = 'sig' | 'att' | 'sbom';

/** A tag that stands for something attached to a digest, not for a version. */
export interface CompanionTag {
  readonly form: 'fallback' | CosignTagSuffix;
  readonly algorithm: string;
  /** The encoded part of the subject's digest; of a sha512 digest perhaps only its first 64 characters. */
  readonly encoded: string;
}

/**
 * The tag under which registries without the referrers API keep the index of what refers to a digest: algorithm and
 * encoded part, cut to 32 and 64 characters, characters that tags cannot hold replaced by `-`
 * (distribution-spec, Referrers Tag Schema). Two sha512 digests that begin alike share a tag: check each manifest's subject.
 */
export function referrersTag(digest: Digest): string {
  const algorithm = digestAlgorithm(digest).slice(0, ALGORITHM_LENGTH);
  const encoded = digestEncoded(digest).slice(0, ENCODED_LENGTH);
  return replaceForTag(`${algorithm}-${encoded}`);
}

/** The tag under which cosign keeps what belongs to a digest. It never shortens, so a sha512 digest gives no valid tag. */
export function cosignTag(digest: Digest, suffix: CosignTagSuffix): string {
  return `${digestAlgorithm(digest)}-${digestEncoded(digest)}.${suffix}`;
}

/** Reads a tag as a companion of a digest; undefined for an ordinary tag. The tag may still name anything: look before believing. */
export function parseCompanionTag(tag: string): CompanionTag | undefined {
  const hyphen = tag.indexOf('-');
  const dot = tag.indexOf('.');
  const algorithm = tag.slice(0, Math.max(hyphen, 0));
  const encoded = tag.slice(hyphen + 1, dot === -1 ? tag.length : dot);
  const form = dot === -1 ? 'fallback' : tag.slice(dot + 1);
  if (form !== 'fallback' && form !== 'sig' && form !== 'att' && form !== 'sbom') return undefined;
  if (!isLengthOf(algorithm, encoded.length)) return undefined;
  for (let index = 0; index < encoded.length; index++)
    if (!isLowerHex(encoded.charCodeAt(index))) return undefined;
  return { form, algorithm, encoded };
}

function isLengthOf(algorithm: string, length: number): boolean {
  if (algorithm === 'sha256' || algorithm === 'blake3') return length === 64;
  return algorithm === 'sha512' && (length === 64 || length === 128);
}

function replaceForTag(text: string): string {
  let tag = '';
  for (const character of text) {
    const isAllowed = isTagCharacter(character.charCodeAt(0), tag.length > 0);
    tag += isAllowed ? character : '-';
  }
  return tag;
}
