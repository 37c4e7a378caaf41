import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import type { EditableIndex } from './index-edit.ts';

/** An index of referrers that another layout had under the tag of their subject. */
export interface ForeignFallback {
  readonly tag: string;
  readonly descriptor: Descriptor;
  readonly referrers: readonly Digest[];
}

/**
 * The index with the fallback indexes of an imported layout under their tags, so that they keep their digests; where the layout
 * knows referrers that such an index lacks, its own stays.
 * @param read - the bytes of a manifest of the layout, verified.
 */
export async function adoptFallbacks(
  before: EditableIndex,
  fallbacks: readonly ForeignFallback[],
  read: (descriptor: Descriptor) => Promise<Uint8Array>,
): Promise<EditableIndex> {
  let index = before;
  for (const { tag, descriptor, referrers } of fallbacks) {
    const own = index.find(tag);
    if (own?.digest === descriptor.digest) continue;
    if (own === undefined || (await listsOnly(own, referrers, read)))
      index = (own === undefined ? index : index.without(own.digest)).withName(tag, descriptor);
    else index = index.without(descriptor.digest);
  }
  return index;
}

async function listsOnly(
  own: Descriptor,
  referrers: readonly Digest[],
  read: (descriptor: Descriptor) => Promise<Uint8Array>,
): Promise<boolean> {
  const parsed = parseManifest(await read(own), own.mediaType);
  return parsed.form === 'index' && parsed.manifests.every(({ digest }) => referrers.includes(digest));
}
