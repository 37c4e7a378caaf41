import type { ParsedManifest } from './manifest.ts';
import { isImageConfigMediaType, isSameMediaType, MEDIA_TYPES } from './media-types.ts';

/**
 * The type of the artifact that a manifest is (image-spec manifest.md, Guidelines for Artifact Usage; distribution-spec,
 * Listing Referrers): its `artifactType`, else the media type of its config. Undefined for container images, for the empty
 * config and for an index without `artifactType`.
 */
export function artifactTypeOf(parsed: ParsedManifest): string | undefined {
  if (parsed.artifactType !== undefined) return parsed.artifactType;
  if (parsed.form !== 'manifest' || parsed.config === undefined) return undefined;
  const { mediaType } = parsed.config;
  if (isImageConfigMediaType(mediaType) || isSameMediaType(mediaType, MEDIA_TYPES.empty)) return undefined;
  return mediaType;
}
