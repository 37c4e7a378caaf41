import { TallymanError, toErrorData, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { isIndexMediaType, MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { referrersTag } from '../../shared/oci/referrers-tag.ts';
import { digestOf } from '../content/digest-of.ts';
import { EditableIndex } from './index-edit.ts';

/** A new version of the fallback index of a subject (distribution-spec, Referrers Tag Schema). */
export interface FallbackUpdate {
  readonly tag: string;
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export type FallbackOutcome =
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'changed'; readonly update: FallbackUpdate }
  /** Nothing is left in it: its entry may go. */
  | { readonly outcome: 'emptied'; readonly digest: Digest }
  /** What is under the tag is no fallback index, or cannot be read: it is left as it is. */
  | { readonly outcome: 'left-alone'; readonly reason: ErrorData };

/**
 * Adds referrers to the fallback index of their subject, which keeps every other entry as it is written.
 * @param read - the bytes of a manifest of the layout, verified.
 */
export async function addToFallback(
  index: EditableIndex,
  subject: Digest,
  referrers: readonly Descriptor[],
  read: (descriptor: Descriptor) => Promise<Uint8Array>,
): Promise<FallbackOutcome> {
  return change(index, subject, read, (fallback) =>
    referrers.reduce((all, referrer) => all.withListed(referrer), fallback),
  );
}

/** Takes a referrer out of the fallback index of its subject. */
export async function removeFromFallback(
  index: EditableIndex,
  subject: Digest,
  referrer: Digest,
  read: (descriptor: Descriptor) => Promise<Uint8Array>,
): Promise<FallbackOutcome> {
  if (index.find(referrersTag(subject)) === undefined) return { outcome: 'unchanged' };
  return change(index, subject, read, (fallback) => fallback.without(referrer));
}

async function change(
  index: EditableIndex,
  subject: Digest,
  read: (descriptor: Descriptor) => Promise<Uint8Array>,
  edit: (fallback: EditableIndex) => EditableIndex,
): Promise<FallbackOutcome> {
  const tag = referrersTag(subject);
  const current = index.find(tag);
  try {
    const before = current === undefined ? EditableIndex.empty() : await readFallback(current, subject, read);
    const after = edit(before);
    const bytes = after.toBytes();
    if (current !== undefined && after.entries.length === 0)
      return { outcome: 'emptied', digest: current.digest };
    if (Buffer.compare(bytes, before.toBytes()) === 0) return { outcome: 'unchanged' };
    const descriptor = { mediaType: MEDIA_TYPES.index, digest: digestOf(bytes), size: bytes.byteLength };
    return { outcome: 'changed', update: { tag, descriptor, bytes } };
  } catch (error) {
    return { outcome: 'left-alone', reason: toErrorData(error) };
  }
}

/** GitLab's registry answered with the subject itself for this tag: what is no index of its own is never replaced. */
async function readFallback(
  current: Descriptor,
  subject: Digest,
  read: (descriptor: Descriptor) => Promise<Uint8Array>,
): Promise<EditableIndex> {
  if (!isIndexMediaType(current.mediaType) || current.digest === subject) {
    throw new TallymanError({
      code: 'CONFLICT',
      message: `The tag ${referrersTag(subject)} names something else than an index of referrers.`,
      hint: 'Programs that look for referrers by this tag will not see the new one. Remove the tag if it has no meaning.',
    });
  }
  const bytes = await read(current);
  parseManifest(bytes, current.mediaType);
  return EditableIndex.parse(bytes, current.digest);
}
