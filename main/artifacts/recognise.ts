import type { NodeKind } from '../../shared/contract/graph-words.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { ManifestDocument, ParsedManifest } from '../../shared/oci/manifest.ts';
import { isArtifactManifestMediaType, MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import type { Recognition } from '../content/recognition.ts';

/** Where cosign says what a bundle states (sigstore/cosign specs/BUNDLE_SPEC.md). */
const BUNDLE_PREDICATE = 'dev.sigstore.bundle.predicateType';
/** Where cosign's `.att` manifests and BuildKit's attestation manifests say what a layer states. */
const LAYER_PREDICATES = ['predicateType', 'in-toto.io/predicate-type'] as const;

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([MEDIA_TYPES.imageConfig, MEDIA_TYPES.dockerImageConfig]);

interface Rule {
  readonly kind: NodeKind;
  /** Says whether one of the manifest's type strings means this kind. */
  readonly matches: (type: string) => boolean;
}

const includes = (part: string) => (type: string) => type.includes(part);
const equals =
  (...types: readonly string[]) =>
  (type: string) =>
    types.includes(type);

/**
 * The first rule that one of the types fits wins. What wraps a document (a signed bundle, an envelope) comes before what the
 * document itself is; substrings are for the many versions and spellings of one type (`…bundle.v0.3+json`,
 * `…bundle+json;version=0.3`, `application/vnd.cyclonedx+json`, `text/spdx`).
 */
const RULES: readonly Rule[] = [
  { kind: 'sigstore-bundle', matches: includes('application/vnd.dev.sigstore.bundle') },
  { kind: 'signature-notation', matches: includes(MEDIA_TYPES.notationSignature) },
  { kind: 'signature-cosign', matches: includes('application/vnd.dev.cosign.simplesigning') },
  { kind: 'attestation', matches: equals(MEDIA_TYPES.dsseEnvelope, MEDIA_TYPES.inToto) },
  { kind: 'sarif', matches: includes('sarif') },
  { kind: 'sbom-cyclonedx', matches: includes('cyclonedx') },
  { kind: 'sbom-spdx', matches: includes('spdx') },
  { kind: 'helm-chart', matches: includes('application/vnd.cncf.helm') },
  { kind: 'wasm', matches: includes('wasm') },
];

/**
 * What a manifest or index is, by its types alone: artifactType, media type of the config, media types of the layers; the
 * content of blobs is not read. An index is an index unless its artifactType says more; an image is what has an image config and
 * no artifactType. The strings themselves stay in the graph, so that "other" never hides what it really is.
 */
export function recognise(parsed: ParsedManifest): Recognition {
  switch (parsed.form) {
    case 'schema-1':
      return { kind: 'image' };
    case 'index': {
      const { artifactType } = parsed;
      const kind = artifactType === undefined ? undefined : kindOfTypes([artifactType], artifactType);
      return withPredicates(kind ?? 'index', parsed, []);
    }
    case 'manifest': {
      const { artifactType, config, layers } = parsed;
      const types = [artifactType, config?.mediaType, ...layers.map((layer) => layer.mediaType)];
      const kind = kindOfTypes(
        types.filter((type) => type !== undefined),
        artifactType,
      );
      return withPredicates(kind ?? (isImage(parsed) ? 'image' : 'other'), parsed, layers);
    }
  }
}

function kindOfTypes(types: readonly string[], artifactType: string | undefined): NodeKind | undefined {
  return RULES.find(
    ({ kind, matches }) =>
      types.some(matches) || (kind === 'signature-cosign' && artifactType === MEDIA_TYPES.cosignSignature),
  )?.kind;
}

/** The withdrawn artifact manifests have no config and are never an image. */
function isImage({ artifactType, config, mediaType }: ManifestDocument): boolean {
  return (
    artifactType === undefined &&
    config !== undefined &&
    IMAGE_CONFIGS.has(config.mediaType) &&
    !isArtifactManifestMediaType(mediaType)
  );
}

function withPredicates(kind: NodeKind, parsed: ParsedManifest, layers: readonly Descriptor[]): Recognition {
  const predicateTypes = predicateTypesOf(kind, parsed, layers);
  const [predicateType] = predicateTypes;
  return predicateType === undefined ? { kind } : { kind, predicateType, predicateTypes };
}

function predicateTypesOf(
  kind: NodeKind,
  parsed: ParsedManifest,
  layers: readonly Descriptor[],
): readonly string[] {
  if (kind === 'sigstore-bundle') return filled([parsed.annotations[BUNDLE_PREDICATE]]);
  if (kind !== 'attestation') return [];
  return filled(
    layers.map(({ annotations }) =>
      LAYER_PREDICATES.map((key) => annotations?.[key]).find((value) => value !== undefined && value !== ''),
    ),
  );
}

function filled(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined && value !== ''))] as string[];
}
