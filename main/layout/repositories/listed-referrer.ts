import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { parseManifest, type ParsedManifest } from '../../../shared/oci/manifest.ts';
import type { FetchedManifest } from '../../content/target.ts';

/**
 * The type that a listing of referrers gives a manifest: its own, else that of its config, whatever that is; an index without
 * one has none (distribution-spec, Listing Referrers).
 */
export function listedArtifactType(parsed: ParsedManifest): string | undefined {
  return parsed.artifactType ?? (parsed.form === 'manifest' ? parsed.config?.mediaType : undefined);
}

/**
 * A manifest as a listing of referrers names it: with its type and all its annotations.
 * @throws TallymanError as `parseManifest`.
 */
export function listedReferrer({ descriptor, bytes }: FetchedManifest): Descriptor {
  const parsed = parseManifest(bytes, descriptor.mediaType);
  const artifactType = listedArtifactType(parsed);
  return {
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: bytes.byteLength,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(Object.keys(parsed.annotations).length === 0 ? {} : { annotations: parsed.annotations }),
  };
}
