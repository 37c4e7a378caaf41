import { artifactTypeOf } from '../../shared/oci/artifact-type.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import type { FetchedManifest } from '../content/target.ts';

/** What a search for referrers keeps of a manifest. */
export interface ScannedManifest {
  /** As a referrers API would list it (distribution-spec, Listing Referrers): with artifactType and annotations of the document. */
  readonly descriptor: Descriptor;
  readonly subject?: Digest;
  /** Manifests of an index. */
  readonly children: readonly Descriptor[];
}

/**
 * Reads the claims of a manifest.
 * @throws TallymanError MALFORMED or AMBIGUOUS as `parseManifest`.
 */
export function scanManifest({ descriptor, bytes }: FetchedManifest): ScannedManifest {
  const parsed = parseManifest(bytes, descriptor.mediaType);
  const artifactType = artifactTypeOf(parsed);
  return {
    descriptor: {
      mediaType: descriptor.mediaType,
      digest: descriptor.digest,
      size: bytes.byteLength,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(Object.keys(parsed.annotations).length === 0 ? {} : { annotations: parsed.annotations }),
    },
    ...(parsed.subject === undefined ? {} : { subject: parsed.subject.digest }),
    children: parsed.form === 'index' ? parsed.manifests : [],
  };
}
