import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { EMPTY_DESCRIPTOR } from '../../shared/oci/empty-descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import type { ManifestToWrite, TargetWriter } from '../content/target-writer.ts';
import { blobOf } from './blob-sources.ts';

/** An image that is in an index, with an SBOM attached to it and a signature attached to that. */
export interface SmallGraph {
  readonly image: Descriptor;
  readonly index: Descriptor;
  readonly sbom: Descriptor;
  readonly signature: Descriptor;
}

/** A manifest of an artifact as bytes. */
export function artifactOf(layers: readonly Descriptor[], more: object = {}): ManifestToWrite {
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: 'application/vnd.example.thing',
    config: EMPTY_DESCRIPTOR,
    layers,
    ...more,
  };
  return { bytes: Buffer.from(JSON.stringify(document)), mediaType: MEDIA_TYPES.manifest };
}

/** Writes the graph: the image as `1.0` and `latest`, the index as `all`. The writer is finished, not closed. */
export async function writeSmallGraph(writer: TargetWriter, signal: AbortSignal): Promise<SmallGraph> {
  const layer = blobOf(Buffer.from('a layer of the small graph'));
  const config = blobOf(Buffer.from('{}'));
  for (const { descriptor, source } of [layer, config])
    await writer.writeBlob(descriptor, source, { signal });
  const write = async (manifest: ManifestToWrite): Promise<Descriptor> => {
    const [descriptor] = (await writer.writeManifests([manifest], { signal })).descriptors;
    if (descriptor === undefined) throw new Error('One manifest was written.');
    return descriptor;
  };
  const layers = [layer.descriptor];
  const image = await write({ ...artifactOf(layers), tags: ['1.0', 'latest'] });
  const document = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [image] };
  const index = await write({
    bytes: Buffer.from(JSON.stringify(document)),
    mediaType: MEDIA_TYPES.index,
    tags: ['all'],
  });
  const sbom = await write(artifactOf(layers, { artifactType: 'application/spdx+json', subject: image }));
  const signature = await write(
    artifactOf(layers, { artifactType: 'application/vnd.example.signature', subject: sbom }),
  );
  await writer.finish({ signal });
  return { image, index, sbom, signature };
}
