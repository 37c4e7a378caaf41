import type { Description } from '../../../shared/contract/content.ts';
import type { NodeKind } from '../../../shared/contract/graph-words.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { isCancellation } from '../../../shared/errors/tallyman-error.ts';
import { artifactTypeOf } from '../../../shared/oci/artifact-type.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { ImageConfig } from '../../../shared/oci/image-config.ts';
import { parseImageConfig } from '../../../shared/oci/image-config.ts';
import type { ParsedManifest } from '../../../shared/oci/manifest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { isImageConfigMediaType } from '../../../shared/oci/media-types.ts';
import { formatPlatform } from '../../../shared/oci/platform.ts';
import { recognise } from '../../artifacts/recognise.ts';
import { nodeFault } from '../../content/node-fault.ts';
import type { Target } from '../../content/target.ts';
import type { Immutable } from '../handlers.ts';
import { kindOfDescriptor } from './kind-of-descriptor.ts';
import { readConfig } from './read-config.ts';

/** Names of files in artifacts (image-spec annotations.md). */
const TITLE = 'org.opencontainers.image.title';
const CREATED = 'org.opencontainers.image.created';

/** Links that one description carries; an index of 22,000 entries fits into the 4 MiB that registries take. */
export const LINKS_LIMIT = 10_000;

type Facts = Immutable<Description>;
type Link = Facts['links'][number];

/**
 * The facts of one node for the inspector. What is broken about the node itself is among its errors; what keeps Tallyman from looking
 * (network, rights) is thrown.
 * @param isManifest - false for configs, layers and other blobs, whose bytes are not read for this.
 */
export async function describeContent(
  target: Target,
  node: Descriptor,
  isManifest: boolean,
  signal: AbortSignal,
): Promise<Facts> {
  const bare = {
    digest: node.digest,
    mediaType: node.mediaType,
    size: node.size,
    links: [],
    annotations: {},
    errors: [],
  };
  if (!isManifest) return { ...bare, kind: kindOfBlob(node.mediaType) };
  let parsed: ParsedManifest;
  let size: number;
  try {
    const { descriptor, bytes } = await target.fetchManifest(node, { signal });
    size = bytes.byteLength;
    parsed = parseManifest(bytes, descriptor.mediaType);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { state, error: data } = nodeFault(error);
    if (state === 'failed') throw error;
    return { ...bare, kind: kindOfDescriptor(node), errors: [data] };
  }
  const { kind, predicateType } = recognise(parsed);
  const artifactType = artifactTypeOf(parsed);
  const { links, total } = linksOf(parsed);
  const { image, errors } = await readImage(target, parsed, signal);
  const created = parsed.annotations[CREATED] ?? image?.created;
  return {
    digest: node.digest,
    mediaType: parsed.mediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(predicateType === undefined ? {} : { predicateType }),
    kind,
    size,
    totalSize: Math.min(size + total, Number.MAX_SAFE_INTEGER),
    ...(created === undefined ? {} : { created }),
    ...(image?.platform === undefined ? {} : { platform: image.platform }),
    ...(parsed.subject === undefined ? {} : { subject: link('subject', parsed.subject) }),
    links: links.slice(0, LINKS_LIMIT),
    annotations: parsed.annotations,
    ...(image === undefined ? {} : { image: imageFacts(image) }),
    errors: [
      ...parsed.problems,
      ...(links.length > LINKS_LIMIT ? [tooManyLinks(links.length)] : []),
      ...errors,
    ],
  };
}

function linksOf(parsed: ParsedManifest): { readonly links: readonly Link[]; readonly total: number } {
  if (parsed.form === 'schema-1') return { links: [], total: 0 };
  const { children, links } =
    parsed.form === 'index'
      ? {
          children: parsed.manifests,
          links: parsed.manifests.map((child, index) => link(roleInIndex(child, index), child)),
        }
      : {
          children: parsed.config === undefined ? parsed.layers : [parsed.config, ...parsed.layers],
          links: [
            ...(parsed.config === undefined ? [] : [link('config', parsed.config)]),
            ...parsed.layers.map((layer, index) => link(`layer ${index + 1}`, layer)),
          ],
        };
  const sizes = new Map(children.map(({ digest, size }) => [digest, size]));
  let total = 0;
  for (const size of sizes.values()) total += size;
  return { links, total };
}

function roleInIndex({ platform }: Descriptor, index: number): string {
  return platform === undefined || platform.os === 'unknown'
    ? `manifest ${index + 1}`
    : formatPlatform(platform);
}

function link(role: string, { digest, mediaType, size, annotations, platform }: Descriptor): Link {
  const title = annotations?.[TITLE];
  return {
    role,
    digest,
    mediaType,
    size,
    ...(title === undefined ? {} : { title }),
    ...(platform === undefined ? {} : { platform }),
  };
}

/** The config of a container image; of nothing else (image-spec manifest.md: other configs are not to be parsed). */
async function readImage(
  target: Target,
  parsed: ParsedManifest,
  signal: AbortSignal,
): Promise<{ readonly image?: ImageConfig; readonly errors: readonly ErrorData[] }> {
  if (
    parsed.form !== 'manifest' ||
    parsed.config === undefined ||
    !isImageConfigMediaType(parsed.config.mediaType)
  )
    return { errors: [] };
  try {
    return { image: parseImageConfig(await readConfig(target, parsed.config, signal)), errors: [] };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { errors: [nodeFault(error).error] };
  }
}

function imageFacts(image: ImageConfig): NonNullable<Facts['image']> {
  const { author, entrypoint, command, user, workingDirectory, environment, exposedPorts, labels, history } =
    image;
  return {
    ...(author === undefined ? {} : { author }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined ? {} : { command }),
    ...(user === undefined ? {} : { user }),
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
    environment,
    exposedPorts,
    labels,
    history: history.map(({ created, createdBy, emptyLayer }) => ({
      ...(created === undefined ? {} : { created }),
      ...(createdBy === undefined ? {} : { createdBy }),
      emptyLayer,
    })),
  };
}

function kindOfBlob(mediaType: string): NodeKind {
  if (/\bconfig\b/.test(mediaType) || isImageConfigMediaType(mediaType)) return 'config';
  return /\blayer\b|\brootfs\b/.test(mediaType) ? 'layer' : 'other';
}

function tooManyLinks(count: number): ErrorData {
  return {
    code: 'LIMIT',
    message: `It names ${count} parts; the first ${LINKS_LIMIT} are listed.`,
    hint: 'The JSON has all of them.',
    details: { limit: LINKS_LIMIT },
  };
}
