import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import type { PushedManifest } from '../manifests/push-manifest.ts';

/** A manifest that has a subject, as the index of what refers to that subject lists it. */
export interface ListedReferrer {
  readonly subject: Descriptor;
  readonly entry: Descriptor;
}

/**
 * Reads a manifest that is to be pushed for its subject; undefined where it has none. The entry has the manifest's type, else
 * that of its config, and all its annotations (distribution-spec, Pushing Manifests with Subject).
 * @throws TallymanError as `parseManifest`: what cannot be read is not pushed.
 */
export function listedReferrer({ bytes, descriptor }: PushedManifest): ListedReferrer | undefined {
  const parsed = parseManifest(bytes, descriptor.mediaType);
  const { subject, annotations } = parsed;
  if (subject === undefined) return undefined;
  const artifactType =
    parsed.artifactType ?? (parsed.form === 'manifest' ? parsed.config?.mediaType : undefined);
  const { mediaType, digest, size } = descriptor;
  return {
    subject,
    entry: {
      mediaType,
      digest,
      size,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
  };
}
