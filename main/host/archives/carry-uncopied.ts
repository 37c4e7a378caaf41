import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { isManifestMediaType, isSchemaOneMediaType, MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { Target, TargetOptions } from '../../content/target.ts';
import type { ManifestToWrite, TargetWriter } from '../../content/target-writer.ts';

/** True for what a copy of graphs refuses or does not know, and a layout may hold: Docker schema 1, and what is no manifest. */
export function isUncopied({ mediaType }: Descriptor): boolean {
  return isSchemaOneMediaType(mediaType) || !isManifestMediaType(mediaType);
}

export interface UncopiedContent {
  /** To be written when all the rest is there. */
  readonly manifests: readonly ManifestToWrite[];
  readonly sent: { readonly blobs: number; readonly bytes: number };
  readonly skipped: { readonly blobs: number; readonly bytes: number };
}

/**
 * Carries such content from one layout to another. Schema 1 names no sizes: they are those of the files.
 * @throws TallymanError MISSING, and what the places answer.
 */
export async function carryUncopied(
  from: Target,
  to: TargetWriter,
  descriptors: readonly Descriptor[],
  { signal }: TargetOptions,
): Promise<UncopiedContent> {
  const manifests: ManifestToWrite[] = [];
  const blobs = new Map<Digest, Descriptor>();
  for (const descriptor of descriptors) {
    if (!isSchemaOneMediaType(descriptor.mediaType)) {
      blobs.set(descriptor.digest, descriptor);
      continue;
    }
    const { bytes } = await from.fetchManifest(descriptor.digest, { signal });
    const { mediaType, digest } = descriptor;
    manifests.push({ bytes, mediaType, digest });
    const parsed = parseManifest(bytes, mediaType);
    if (parsed.form !== 'schema-1') continue;
    for (const layer of parsed.layerDigests) blobs.set(layer, await describeFile(from, layer, signal));
  }
  const sent = { blobs: 0, bytes: 0 };
  const skipped = { blobs: 0, bytes: 0 };
  for (const descriptor of blobs.values()) {
    const source = {
      open: (offset: number) => from.readBlob(descriptor, { signal, offset }),
    };
    const { outcome } = await to.writeBlob(descriptor, source, { signal });
    const amount = outcome === 'present' ? skipped : sent;
    amount.blobs += 1;
    amount.bytes += descriptor.size;
  }
  return { manifests, sent, skipped };
}

async function describeFile(from: Target, digest: Digest, signal: AbortSignal): Promise<Descriptor> {
  const descriptor = { mediaType: MEDIA_TYPES.octetStream, digest, size: 0 };
  const found = await from.inspectBlob?.(descriptor, { signal });
  if (found?.state === 'present') return { ...descriptor, size: found.size };
  throw new TallymanError({
    code: 'MISSING',
    message: `${digest} is not in ${from.label}.`,
    hint: 'The layout holds only a part of the image: get it from where it was made.',
  });
}
