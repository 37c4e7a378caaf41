import type { NodeKind } from '../../shared/contract/graph-words.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isIndexMediaType } from '../../shared/oci/media-types.ts';
import type { Recognise } from './recognition.ts';

/** What a descriptor makes one expect of a manifest that was not read: its artifactType, its type, or the platform of an image. */
export function guessKind(descriptor: Descriptor, recognise: Recognise): NodeKind {
  const { artifactType, mediaType, platform, annotations = {} } = descriptor;
  const isIndex = isIndexMediaType(mediaType);
  if (artifactType !== undefined) {
    const common = { mediaType, artifactType, annotations, problems: [], document: {} };
    return recognise(
      isIndex ? { ...common, form: 'index', manifests: [] } : { ...common, form: 'manifest', layers: [] },
    ).kind;
  }
  if (isIndex) return 'index';
  return platform !== undefined && platform.os !== 'unknown' ? 'image' : 'other';
}
