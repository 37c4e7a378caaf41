import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { CheckedManifest } from './checked-manifest.ts';
import { addToFallback, type FallbackOutcome } from './fallback-index.ts';
import type { EditableIndex } from './index-edit.ts';

/** How fallback indexes of a layout are read and written. */
export interface FallbackStore {
  /** The bytes of a manifest of the layout, verified. */
  readonly read: (descriptor: Descriptor) => Promise<Uint8Array>;
  readonly write: (descriptor: Descriptor, bytes: Uint8Array) => Promise<void>;
}

/** The index with an entry for each manifest, named or not. */
export function listManifests(
  before: EditableIndex,
  manifests: readonly Pick<CheckedManifest, 'name' | 'entry' | 'list'>[],
): EditableIndex {
  let index = before;
  for (const { name, entry, list } of manifests) {
    if (list !== undefined) index = list(index, entry);
    else index = name === undefined ? index.withListed(entry) : index.withName(name, entry);
  }
  return index;
}

/**
 * The index with each referrer in the `sha256-…` index of its subject, so that tools which look for those see all of them.
 * @param notes - gets those that were left alone, because they name something that is no index of referrers.
 */
export async function listReferrers(
  before: EditableIndex,
  manifests: readonly Pick<CheckedManifest, 'entry' | 'subject'>[],
  store: FallbackStore,
  notes: ErrorData[],
): Promise<EditableIndex> {
  let index = before;
  for (const [subject, referrers] of groupBySubject(manifests)) {
    const outcome = await addToFallback(index, subject, referrers, store.read);
    index = await applyFallback(index, outcome, store, notes);
  }
  return index;
}

/** The index after a change of one fallback index. */
export async function applyFallback(
  index: EditableIndex,
  outcome: FallbackOutcome,
  store: Pick<FallbackStore, 'write'>,
  notes: ErrorData[],
): Promise<EditableIndex> {
  switch (outcome.outcome) {
    case 'unchanged':
      return index;
    case 'emptied':
      return index.without(outcome.digest);
    case 'left-alone':
      notes.push(outcome.reason);
      return index;
    case 'changed': {
      const { tag, descriptor, bytes } = outcome.update;
      await store.write(descriptor, bytes);
      const superseded = index.find(tag);
      const cleared = superseded === undefined ? index : index.without(superseded.digest);
      return cleared.withName(tag, descriptor);
    }
  }
}

function groupBySubject(
  manifests: readonly Pick<CheckedManifest, 'entry' | 'subject'>[],
): ReadonlyMap<Digest, readonly Descriptor[]> {
  const bySubject = new Map<Digest, Descriptor[]>();
  for (const { subject, entry } of manifests) {
    if (subject === undefined) continue;
    const referrers = bySubject.get(subject);
    if (referrers === undefined) bySubject.set(subject, [entry]);
    else referrers.push(entry);
  }
  return bySubject;
}
