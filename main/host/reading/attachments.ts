import type { NodeKind } from '../../../shared/contract/graph-words.ts';
import type { RowDetails } from '../../../shared/contract/repository.ts';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { recognise } from '../../artifacts/recognise.ts';
import type { FoundReferrers } from '../../content/find-referrers.ts';
import { findReferrers } from '../../content/find-referrers.ts';
import type { TagLookup } from '../../content/tag-lookup.ts';
import type { Target } from '../../content/target.ts';
import type { Immutable } from '../handlers.ts';
import { kindOfDescriptor } from './kind-of-descriptor.ts';
import type { Ask } from './row-facts.ts';

/** Manifests that are read for one row to tell what is attached; further ones count by what their descriptors say. */
export const ATTACHED_READ_LIMIT = 50;

export type Attachments = Immutable<Pick<RowDetails, 'attached' | 'attachedError'>>;

export interface FindAttachmentsOptions {
  readonly target: Target;
  readonly subject: Digest;
  /** What the subject, an index, itself holds about its images. */
  readonly attestations: Promise<readonly Descriptor[]>;
  readonly tags: Pick<TagLookup, 'find'>;
  readonly ask: Ask;
  readonly signal: AbortSignal;
}

/**
 * Counts what is attached to a digest, by kind, one level deep: the lookups of the graph walk, without reading what need not be read.
 * Rejects only when cancelled.
 */
export async function findAttachments(options: FindAttachmentsOptions): Promise<Attachments> {
  const { target, subject, tags, ask, signal } = options;
  const kinds = new Map<Digest, Promise<NodeKind>>();
  let failure: RowDetails['attachedError'];
  let reads = 0;

  const take = (descriptor: Descriptor, kind: () => Promise<NodeKind>): void => {
    // Fallback tags have been seen to name their own subject, and indexes themselves (oras-go#1396).
    if (descriptor.digest !== subject && !kinds.has(descriptor.digest)) kinds.set(descriptor.digest, kind());
  };
  const read = async (descriptor: Descriptor): Promise<NodeKind> => {
    const guess = kindOfDescriptor(descriptor);
    if (guess !== 'other' || reads >= ATTACHED_READ_LIMIT) return guess;
    reads += 1;
    try {
      const fetched = await ask(() => target.fetchManifest(descriptor, { signal }));
      return recognise(parseManifest(fetched.bytes, fetched.descriptor.mediaType)).kind;
    } catch (error) {
      if (isCancellation(error)) throw error;
      return guess; // it is attached all the same; the graph says what is wrong with it
    }
  };
  const onFound = (found: FoundReferrers): void => {
    if ('claimed' in found) for (const descriptor of found.claimed) take(descriptor, () => read(descriptor));
    else if ('named' in found) for (const descriptor of found.named) take(descriptor, () => read(descriptor));
    else
      take(found.fetched.descriptor, () =>
        Promise.resolve(kindOfFetched(found.fetched.bytes, found.fetched.descriptor)),
      );
  };

  let unanswered = 0;
  await findReferrers({
    target,
    subject,
    tags,
    signal,
    run: ask,
    onFound,
    onLookup: (lookup) => {
      unanswered += 1;
      if (lookup.outcome === 'failed') failure ??= lookup.error;
    },
  });
  for (const attestation of await options.attestations)
    take(attestation, () => Promise.resolve('attestation'));

  const counts = new Map<NodeKind, number>();
  for (const kind of await Promise.all(kinds.values())) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return {
    ...(unanswered < countSources(target) || kinds.size > 0
      ? { attached: [...counts].map(([kind, count]) => ({ kind, count })) }
      : {}),
    ...(failure === undefined ? {} : { attachedError: failure }),
  };
}

/** How many sources `findReferrers` asks: the place itself where it can answer, the fallback tag, and cosign's three tags. */
function countSources(target: Target): number {
  return (target.referrers === undefined ? 0 : 1) + 4;
}

function kindOfFetched(bytes: Uint8Array, descriptor: Descriptor): NodeKind {
  try {
    return recognise(parseManifest(bytes, descriptor.mediaType)).kind;
  } catch {
    return 'other';
  }
}
