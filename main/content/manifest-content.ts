import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isDigest, type Digest } from '../../shared/oci/digest.ts';
import type { ParsedManifest } from '../../shared/oci/manifest.ts';
import { bareMediaType, MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import type { ContainmentVia } from './growing-graph.ts';

/** Something that a manifest or index names as its content. */
export interface NamedContent {
  readonly via: ContainmentVia;
  readonly digest: Digest;
  /** Absent for the layers of Docker schema 1, which are named by digest alone. */
  readonly descriptor?: Descriptor;
}

/** What a document names, in its own order, config first. */
export function* contentOf(parsed: ParsedManifest): Generator<NamedContent> {
  switch (parsed.form) {
    case 'index':
      for (const descriptor of parsed.manifests)
        yield { via: 'child', digest: descriptor.digest, descriptor };
      return;
    case 'manifest':
      if (parsed.config !== undefined)
        yield { via: 'config', digest: parsed.config.digest, descriptor: parsed.config };
      for (const descriptor of parsed.layers) yield { via: 'layer', digest: descriptor.digest, descriptor };
      return;
    case 'schema-1':
      for (const digest of parsed.layerDigests) yield { via: 'layer', digest };
  }
}

/** A BuildKit attestation manifest beside the image of the same index that it speaks of. */
export interface AttestedImage {
  readonly attestation: Digest;
  readonly image: Digest;
}

const REFERENCE_TYPE = 'vnd.docker.reference.type';
const REFERENCE_DIGEST = 'vnd.docker.reference.digest';

/** The attestations that BuildKit put into an index (docs.docker.com, Attestation storage). */
export function attestedImages(parsed: ParsedManifest): readonly AttestedImage[] {
  if (parsed.form !== 'index') return [];
  return parsed.manifests.flatMap(({ digest, annotations }) => {
    const image =
      annotations?.[REFERENCE_TYPE] === 'attestation-manifest' ? annotations[REFERENCE_DIGEST] : undefined;
    return image !== undefined && isDigest(image) && image !== digest ? [{ attestation: digest, image }] : [];
  });
}

const FOREIGN_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.foreignLayerTar,
  MEDIA_TYPES.foreignLayerTarGzip,
  MEDIA_TYPES.foreignLayerTarZstd,
  MEDIA_TYPES.dockerForeignLayer,
]);

/** True for a layer that may lie outside of the place that names it: absent is normal. */
export function isForeignLayer(descriptor: Descriptor): boolean {
  return isForeignMediaType(descriptor) || (descriptor.urls !== undefined && descriptor.urls.length > 0);
}

/** True for a layer that says of itself that it must not be distributed. */
export function isForeignMediaType({ mediaType }: Pick<Descriptor, 'mediaType'>): boolean {
  return FOREIGN_TYPES.has(bareMediaType(mediaType));
}
