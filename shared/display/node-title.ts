import type { NodeKind } from '../contract/graph-words.ts';
import { bareMediaType, isImageConfigMediaType, isSameMediaType, MEDIA_TYPES } from '../oci/media-types.ts';
import { formatPlatform, type Platform } from '../oci/platform.ts';
import { displayText } from './display-text.ts';
import { kindName } from './kind-name.ts';
import { knownPredicateName } from './predicate-name.ts';

const TITLE_ANNOTATION = 'org.opencontainers.image.title';
const VERSION_ANNOTATION = 'org.opencontainers.image.version';

/** What is known about a node, as far as its title depends on it; a `GraphNode` fits. */
export interface TitledNode {
  readonly kind: NodeKind;
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  readonly configMediaType?: string | undefined;
  readonly predicateType?: string | undefined;
  readonly platform?: Platform | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/**
 * The name of a node in words, what it is before what it is called: "SBOM · SPDX", "linux/arm64", "SLSA provenance",
 * "Helm chart 1.8.2"; where there is no word for it, its real type. Safe to show: foreign parts go through `displayText`.
 */
export function nodeTitle(node: TitledNode): string {
  switch (node.kind) {
    case 'image':
      return platformName(node.platform) ?? kindName('image');
    case 'index':
      return node.artifactType === undefined ? kindName('index') : displayText(node.artifactType);
    case 'sigstore-bundle':
    case 'attestation':
      return attestationTitle(node);
    case 'helm-chart':
      return withVersion(kindName('helm-chart'), node);
    case 'config':
      return configTitle(node.mediaType);
    case 'layer':
      return layerTitle(node);
    case 'other':
      return typeTitle(node);
    default:
      return kindName(node.kind);
  }
}

function platformName(platform: Platform | undefined): string | undefined {
  if (platform === undefined) return undefined;
  const name = formatPlatform(platform);
  return name === '' ? undefined : displayText(name);
}

function attestationTitle(node: TitledNode): string {
  if (node.predicateType === undefined) return kindName(node.kind);
  return (
    knownPredicateName(node.predicateType) ?? `${kindName(node.kind)} · ${displayText(node.predicateType)}`
  );
}

function withVersion(name: string, node: TitledNode): string {
  const version = annotation(node, VERSION_ANNOTATION);
  return version === undefined ? name : `${name} ${displayText(version)}`;
}

function configTitle(mediaType: string): string {
  if (isImageConfigMediaType(mediaType)) return 'Image config';
  return isSameMediaType(mediaType, MEDIA_TYPES.empty) ? 'Empty config' : kindName('config');
}

function layerTitle(node: TitledNode): string {
  const title = annotation(node, TITLE_ANNOTATION);
  if (title !== undefined) return displayText(title);
  return isSameMediaType(node.mediaType, MEDIA_TYPES.empty) ? 'Empty layer' : kindName('layer');
}

/** The real type, best first: what the manifest calls itself, what its config is, what the document is. */
function typeTitle(node: TitledNode): string {
  if (node.artifactType !== undefined) return displayText(node.artifactType);
  const { configMediaType } = node;
  const saysNothing =
    configMediaType === undefined ||
    isImageConfigMediaType(configMediaType) ||
    isSameMediaType(configMediaType, MEDIA_TYPES.empty);
  const type = saysNothing ? bareMediaType(node.mediaType) : configMediaType;
  return type === '' ? kindName('other') : displayText(type);
}

function annotation(node: TitledNode, key: string): string | undefined {
  const { annotations } = node;
  const value = annotations !== undefined && Object.hasOwn(annotations, key) ? annotations[key] : undefined;
  return value === '' ? undefined : value;
}
