import type { GraphNode } from '../../shared/contract/graph.ts';
import type { NodeKind, NodeState } from '../../shared/contract/graph-words.ts';
import { nodeTitle } from '../../shared/display/node-title.ts';
import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Annotations } from '../../shared/oci/annotations.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { ParsedManifest } from '../../shared/oci/manifest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import type { Platform } from '../../shared/oci/platform.ts';
import type { ReferrerVia } from './growing-graph.ts';
import { ANNOTATION_COUNT_LIMIT, ANNOTATION_LENGTH_LIMIT } from './limits.ts';

/** One content of a graph while it is walked. Only the walk changes it. */
export interface WalkNode {
  readonly digest: Digest;
  /** The first descriptor that named it; undefined for a digest that came alone (typed, or from a tag or annotation). */
  descriptor: Descriptor | undefined;
  mediaType: string;
  /** Bytes: what its descriptor says, once it was looked at what it has. */
  size: number;
  isSizeReal: boolean;
  /** Sizes and manifest types by which something names it: a second one of either is a contradiction (bar, B6). */
  namedSize: number | undefined;
  otherSize: number | undefined;
  namedManifestType: string | undefined;
  otherManifestType: string | undefined;
  /** True once something names it as a manifest or index; blobs are configs, layers, and what nobody can read. */
  isManifest: boolean;
  isConfig: boolean;
  isLayer: boolean;
  /** A layer that need not lie in this place (image-spec layer.md, Non-Distributable Layers). */
  isForeign: boolean;
  /** Edges from the nearest root, as far as is known. */
  depth: number;
  /** True when it is connected to a root by edges that hold; nothing else is ever shown. */
  anchored: boolean;
  reading: 'not-yet' | 'running' | 'done';
  /** True once its bytes were asked for as a blob. */
  blobChecked: boolean;
  /** A descriptor of it that has a `data` field. */
  inlineDescriptor: Descriptor | undefined;
  referrersAsked: boolean;
  state: NodeState;
  error: ErrorData | undefined;
  /** What the read manifest is; undefined until then. */
  kind: NodeKind | undefined;
  /** What its descriptor makes one expect it to be. */
  guess: NodeKind;
  predicateType: string | undefined;
  artifactType: string | undefined;
  annotations: Annotations | undefined;
  configMediaType: string | undefined;
  platform: Platform | undefined;
  /** Kept from the reading until the walk went on to what it names, then dropped: documents can be large. */
  parsed: ParsedManifest | undefined;
  /** True once it was read and is an index: only then can it be what a fallback tag should name. */
  isIndex: boolean;
  /** The digest of its own `subject`, once it was read. */
  subject: Digest | undefined;
  /** Sources that list it as a referrer, by subject: edges once its own `subject` says the same. Undefined for none. */
  claims: Claim[] | undefined;
}

/** A source that lists a node as a referrer of a subject. */
export interface Claim {
  readonly subject: WalkNode;
  readonly via: ReferrerVia;
}

/** The media type shown for content that nothing has described and nobody could read. */
const UNKNOWN_MEDIA_TYPE = MEDIA_TYPES.octetStream;

export function createWalkNode(
  digest: Digest,
  descriptor: Descriptor | undefined,
  guess: NodeKind,
): WalkNode {
  return {
    digest,
    descriptor,
    mediaType: descriptor?.mediaType ?? UNKNOWN_MEDIA_TYPE,
    size: descriptor?.size ?? 0,
    isSizeReal: false,
    namedSize: undefined,
    otherSize: undefined,
    namedManifestType: undefined,
    otherManifestType: undefined,
    isManifest: false,
    isConfig: false,
    isLayer: false,
    isForeign: false,
    depth: Number.MAX_SAFE_INTEGER,
    anchored: false,
    reading: 'not-yet',
    blobChecked: false,
    inlineDescriptor: undefined,
    referrersAsked: false,
    state: 'pending',
    error: undefined,
    kind: undefined,
    guess,
    predicateType: undefined,
    artifactType: descriptor?.artifactType,
    annotations: descriptor?.annotations,
    configMediaType: undefined,
    platform: descriptor?.platform,
    parsed: undefined,
    isIndex: false,
    subject: undefined,
    claims: undefined,
  };
}

/** The node as the window and the command line get it. */
export function toGraphNode(node: WalkNode, tags: readonly string[]): GraphNode {
  const kind = kindOf(node);
  // A blob has none; cosign writes its manifest's type on the descriptor of the config, which many manifests share.
  const artifactType = node.isManifest ? node.artifactType : undefined;
  const annotations = node.annotations === undefined ? undefined : cutAnnotations(node.annotations);
  return {
    digest: node.digest,
    mediaType: node.mediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    size: node.size,
    kind,
    ...(node.predicateType === undefined ? {} : { predicateType: node.predicateType }),
    tags: [...tags],
    state: node.state,
    ...(node.error === undefined ? {} : { error: node.error }),
    title: nodeTitle({
      // Of a manifest that was not read, the name says what it should have been; its kind claims nothing.
      kind: node.isManifest && node.kind === undefined ? node.guess : kind,
      predicateType: node.predicateType,
      artifactType,
      configMediaType: node.configMediaType,
      mediaType: node.mediaType,
      platform: node.platform,
      annotations,
    }),
    ...(node.platform === undefined ? {} : { platform: toContractPlatform(node.platform) }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(node.configMediaType === undefined ? {} : { configMediaType: node.configMediaType }),
  };
}

function kindOf(node: WalkNode): NodeKind {
  if (node.kind !== undefined) return node.kind;
  if (node.isManifest) return node.state === 'missing' ? 'other' : node.guess;
  if (node.isConfig) return 'config';
  return node.isLayer ? 'layer' : 'other';
}

function toContractPlatform({ osFeatures, ...rest }: Platform): NonNullable<GraphNode['platform']> {
  return { ...rest, ...(osFeatures === undefined ? {} : { osFeatures: [...osFeatures] }) };
}

/** The same annotations within the limits of what is shown; a cut value ends in `…`. Without a prototype (bar, F10). */
function cutAnnotations(annotations: Annotations): Record<string, string> {
  const cut = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(annotations).slice(0, ANNOTATION_COUNT_LIMIT)) {
    cut[key] = value.length > ANNOTATION_LENGTH_LIMIT ? `${value.slice(0, ANNOTATION_LENGTH_LIMIT)}…` : value;
  }
  return cut;
}
