import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { LayoutWriter } from '../../layout/layout-writer.ts';

/** A manifest with its one layer, which is its config as well: made in memory, so that its digest is known before it is stored. */
export interface MadeImage {
  readonly layer: Descriptor;
  readonly layerBytes: Uint8Array;
  readonly manifest: Descriptor;
  readonly manifestBytes: Uint8Array;
}

export function makeImage(layerBytes: Uint8Array, fields: object = {}): MadeImage {
  const layer = {
    mediaType: MEDIA_TYPES.layerTar,
    digest: digestOf(layerBytes),
    size: layerBytes.byteLength,
  };
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: layer,
    layers: [layer],
    ...fields,
  };
  const manifestBytes = Buffer.from(JSON.stringify(document));
  const manifest = {
    mediaType: MEDIA_TYPES.manifest,
    digest: digestOf(manifestBytes),
    size: manifestBytes.byteLength,
  };
  return { layer, layerBytes, manifest, manifestBytes };
}

/** Stores it as a transfer does: its blobs under a lease, so that no collection takes them, then the manifest. */
export async function storeImage(
  writer: LayoutWriter,
  { layer, layerBytes, manifest, manifestBytes }: MadeImage,
  name: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const lease = await writer.lease([layer.digest, manifest.digest]);
  try {
    await writer.ingest(layer, layerBytes, { signal, names: 'later' });
    const listed = { bytes: manifestBytes, mediaType: manifest.mediaType };
    await writer.putManifests([name === undefined ? listed : { ...listed, name }], { signal });
  } finally {
    await lease.release();
  }
}
