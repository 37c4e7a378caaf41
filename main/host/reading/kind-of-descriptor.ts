import type { NodeKind } from '../../../shared/contract/graph-words.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { isIndexMediaType } from '../../../shared/oci/media-types.ts';
import { recognise } from '../../artifacts/recognise.ts';

/**
 * What a manifest is, as far as its descriptor alone tells: by the artifact type that registries and fallback indexes repeat there.
 * `other` where it does not tell.
 */
export function kindOfDescriptor(descriptor: Descriptor): NodeKind {
  const { mediaType, artifactType, annotations = {} } = descriptor;
  if (artifactType === undefined) return 'other';
  const common = { mediaType, artifactType, annotations, problems: [], document: {} };
  return recognise(
    isIndexMediaType(mediaType)
      ? { ...common, form: 'index', manifests: [] }
      : { ...common, form: 'manifest', layers: [] },
  ).kind;
}
