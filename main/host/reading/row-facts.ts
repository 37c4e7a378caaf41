import type { NodeKind } from '../../../shared/contract/graph-words.ts';
import type { RowDetails } from '../../../shared/contract/repository.ts';
import { kindName } from '../../../shared/display/kind-name.ts';
import { isCancellation, toErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { Annotations } from '../../../shared/oci/annotations.ts';
import { artifactTypeOf } from '../../../shared/oci/artifact-type.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseImageConfig } from '../../../shared/oci/image-config.ts';
import type { IndexDocument, ManifestDocument, ParsedManifest } from '../../../shared/oci/manifest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { isImageConfigMediaType } from '../../../shared/oci/media-types.ts';
import type { Platform } from '../../../shared/oci/platform.ts';
import { formatPlatform } from '../../../shared/oci/platform.ts';
import { recognise } from '../../artifacts/recognise.ts';
import type { Target } from '../../content/target.ts';
import { readHelmConfig } from '../../documents/helm-config.ts';
import type { Immutable } from '../handlers.ts';
import { isBuildkitAttestation } from './buildkit-attestation.ts';
import { readConfig } from './read-config.ts';

/** Annotation with the time at which an artifact was made (image-spec annotations.md), RFC 3339. */
const CREATED = 'org.opencontainers.image.created';
/** Annotation with the version of what is packaged (image-spec annotations.md). */
const VERSION = 'org.opencontainers.image.version';

/** What a digest says about itself, without what is attached to it: it can never change. */
export interface RowFacts {
  readonly row: Immutable<Omit<RowDetails, 'attached' | 'attachedError' | 'digest'>>;
  /** Attestation manifests that BuildKit put beside the images of an index. */
  readonly attestations: readonly Descriptor[];
}

/** Runs one question to a place, when its turn comes. */
export type Ask = <Answer>(question: () => Promise<Answer>) => Promise<Answer>;

/**
 * Reads a manifest, and its config where that says something a row shows: an image's platform and age, a chart's version. Of an index
 * without a date the first image is asked for it.
 * @throws TallymanError what the place answers for the manifest itself; a config that cannot be read is `error` in the facts.
 */
export async function readRowFacts(
  target: Target,
  digest: Digest,
  ask: Ask,
  signal: AbortSignal,
): Promise<RowFacts> {
  const { descriptor, bytes } = await ask(() => target.fetchManifest(digest, { signal }));
  const parsed = parseManifest(bytes, descriptor.mediaType);
  const { kind, predicateType } = recognise(parsed);
  const artifactType = artifactTypeOf(parsed);
  const [problem] = parsed.problems;
  const common = {
    kind,
    mediaType: parsed.mediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(predicateType === undefined ? {} : { predicateType }),
    size: bytes.byteLength + sumOfSizes(contentOf(parsed)),
    ...(problem === undefined ? {} : { error: problem }),
  };
  switch (parsed.form) {
    case 'index':
      return {
        row: { ...common, ...(await indexRow(target, parsed, ask, signal)) },
        attestations: parsed.manifests.filter(isBuildkitAttestation),
      };
    case 'manifest':
      return {
        row: { ...common, ...(await manifestRow(target, parsed, kind, ask, signal)) },
        attestations: [],
      };
    case 'schema-1': {
      const { architecture } = parsed;
      const platforms = architecture === undefined ? [] : [{ os: 'linux', architecture }];
      const what = platforms[0] === undefined ? parsed.mediaType : formatPlatform(platforms[0]);
      return { row: { ...common, what, platforms }, attestations: [] };
    }
  }
}

/** What differs from one form of document to the next. */
type FormFacts = Pick<RowFacts['row'], 'what' | 'platforms' | 'created' | 'error'>;

async function indexRow(
  target: Target,
  index: IndexDocument,
  ask: Ask,
  signal: AbortSignal,
): Promise<FormFacts> {
  const children = index.manifests.filter((child) => !isBuildkitAttestation(child));
  const platforms = distinct(children.flatMap(({ platform }) => (platform === undefined ? [] : [platform])));
  const [only] = platforms;
  const what =
    platforms.length === 1 && only !== undefined
      ? formatPlatform(only)
      : platforms.length > 1
        ? `${platforms.length} platforms`
        : `${children.length} ${children.length === 1 ? 'manifest' : 'manifests'}`;
  const made = index.annotations[CREATED];
  const [first] = children;
  const created =
    made === undefined && first !== undefined ? await createdOfChild(target, first, ask, signal) : made;
  return { what, platforms, ...(created === undefined ? {} : { created }) };
}

/** The date of an index that has none itself. That a child is missing or broken is shown by its own row and by the graph. */
async function createdOfChild(
  target: Target,
  child: Descriptor,
  ask: Ask,
  signal: AbortSignal,
): Promise<string | undefined> {
  const annotated = child.annotations?.[CREATED];
  if (annotated !== undefined) return annotated;
  try {
    const { descriptor, bytes } = await ask(() => target.fetchManifest(child, { signal }));
    const parsed = parseManifest(bytes, descriptor.mediaType);
    if (parsed.form !== 'manifest') return undefined;
    const made = parsed.annotations[CREATED];
    const { config } = parsed;
    if (made !== undefined || config === undefined || !isImageConfigMediaType(config.mediaType)) return made;
    return parseImageConfig(await ask(() => readConfig(target, config, signal))).created;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return undefined;
  }
}

async function manifestRow(
  target: Target,
  manifest: ManifestDocument,
  kind: NodeKind,
  ask: Ask,
  signal: AbortSignal,
): Promise<FormFacts> {
  const { annotations, config } = manifest;
  const type = artifactTypeOf(manifest) ?? config?.mediaType ?? manifest.mediaType;
  const created = annotations[CREATED];
  const plain = { what: type, platforms: [], ...(created === undefined ? {} : { created }) };
  if (config === undefined) return plain;
  try {
    if (kind === 'helm-chart')
      return { ...plain, what: (await helmVersion(target, config, annotations, ask, signal)) ?? type };
    if (!isImageConfigMediaType(config.mediaType)) return plain;
    const image = parseImageConfig(await ask(() => readConfig(target, config, signal)));
    const made = created ?? image.created;
    const { platform } = image;
    return {
      // The type of an image's config would say less than the word for what the manifest is.
      what: platform === undefined ? (artifactTypeOf(manifest) ?? kindName(kind)) : formatPlatform(platform),
      platforms: platform === undefined ? [] : [platform],
      ...(made === undefined ? {} : { created: made }),
    };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { ...plain, error: toErrorData(error) };
  }
}

async function helmVersion(
  target: Target,
  config: Descriptor,
  annotations: Annotations,
  ask: Ask,
  signal: AbortSignal,
): Promise<string | undefined> {
  const version =
    annotations[VERSION] ?? readHelmConfig(await ask(() => readConfig(target, config, signal))).version;
  return version === undefined ? undefined : `Helm ${version}`;
}

/** What a manifest points to below itself; the same digest twice is stored, and counted, once. */
function contentOf(parsed: ParsedManifest): readonly Descriptor[] {
  if (parsed.form === 'index') return parsed.manifests;
  if (parsed.form === 'schema-1') return [];
  return parsed.config === undefined ? parsed.layers : [parsed.config, ...parsed.layers];
}

function sumOfSizes(descriptors: readonly Descriptor[]): number {
  const sizes = new Map(descriptors.map(({ digest, size }) => [digest, size]));
  let sum = 0;
  for (const size of sizes.values()) sum += size;
  // A hostile document can name more bytes than a number holds exactly; a wrong sum is worse than a capped one.
  return Math.min(sum, Number.MAX_SAFE_INTEGER);
}

function distinct(platforms: readonly Platform[]): Platform[] {
  return [...new Map(platforms.map((platform) => [formatPlatform(platform), platform])).values()];
}
