import type { Digest } from '../../shared/oci/digest.ts';
import { isDigest } from '../../shared/oci/digest.ts';
import { parseCompanionTag, referrersTag } from '../../shared/oci/referrers-tag.ts';

/** What a companion tag says: how it names its subject, and the subject itself where the tag holds the whole digest. */
export interface CompanionSubject {
  readonly via: 'fallback-tag' | 'cosign-tag';
  readonly subject: Digest | undefined;
}

/** Reads a tag as one that names something attached to a digest; undefined for an ordinary tag. */
export function companionSubject(tag: string): CompanionSubject | undefined {
  const companion = parseCompanionTag(tag);
  if (companion === undefined) return undefined;
  const digest = `${companion.algorithm}:${companion.encoded}`;
  return {
    via: companion.form === 'fallback' ? 'fallback-tag' : 'cosign-tag',
    subject: isDigest(digest) ? digest : undefined, // only the first half of a sha512 digest
  };
}

/** True when the fallback tag is the one of this digest, also where it holds only the first half of it. */
export function isFallbackTagOf(tag: string, digest: Digest): boolean {
  return referrersTag(digest) === tag;
}
