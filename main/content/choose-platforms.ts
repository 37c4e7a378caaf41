import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { digestAlgorithm, isVerifiable, type Digest } from '../../shared/oci/digest.ts';
import { field, isJsonObject } from '../../shared/oci/json-object.ts';
import { parseManifest, type IndexDocument } from '../../shared/oci/manifest.ts';
import { isImageConfigMediaType, isManifestMediaType } from '../../shared/oci/media-types.ts';
import { formatPlatform, readPlatform, selectPlatform, type Platform } from '../../shared/oci/platform.ts';
import { parseStrictJson } from '../../shared/oci/strict-json.ts';
import { contentToCopy } from './copied-content.ts';
import { digestOf } from './digest-of.ts';
import { CONFIG_LIMIT } from './limits.ts';
import { attestedImages } from './manifest-content.ts';
import type { FetchedManifest, Target, TargetOptions } from './target.ts';
import { readAll, verifiableAlgorithm } from './verify-content.ts';

/** What is copied in the place of a root when only some platforms are wanted. */
export interface ChosenPlatforms {
  readonly fetched: FetchedManifest;
  readonly notes: readonly ErrorData[];
}

/** An entry of an index that is an image of a platform. */
interface OfferedImage extends Descriptor {
  readonly platform: Platform;
}

/**
 * Chooses what to copy of an index when only some platforms are wanted:
 * - one platform: the manifest of that platform itself, as `oras`, `regctl`, `crane` and `skopeo` do;
 * - all that it has: the index, unchanged;
 * - several, but not all: a new index with these, and with the attestations that BuildKit put beside them. The old one cannot come
 *   along with its digest: registries refuse an index of which children are missing, and a destination would not be whole.
 *   The new one has a digest of its own, so what refers to the old one (a signature) does not hold for it and stays behind.
 *
 * An image that is no index is copied when it is of one of the platforms.
 * @throws TallymanError NOT_FOUND when there is no such platform; UNSUPPORTED for what has no platform.
 */
export async function choosePlatforms(
  from: Target,
  fetched: FetchedManifest,
  platforms: readonly Platform[],
  options: TargetOptions,
): Promise<ChosenPlatforms> {
  const parsed = parseManifest(fetched.bytes, fetched.descriptor.mediaType);
  contentToCopy(parsed);
  if (parsed.form !== 'index') {
    await checkOwnPlatform(from, parsed.form === 'manifest' ? parsed.config : undefined, platforms, options);
    return { fetched, notes: [] };
  }
  const attestations = attestedImages(parsed);
  const offered = parsed.manifests.flatMap((entry) =>
    entry.platform === undefined ||
    !isManifestMediaType(entry.mediaType) ||
    attestations.some(({ attestation }) => attestation === entry.digest)
      ? []
      : [{ ...entry, platform: entry.platform }],
  );
  const chosen = new Set(platforms.map((wanted) => entryFor(offered, wanted, from).digest));
  const [only] = offered.filter(({ digest }) => chosen.has(digest));
  if (chosen.size === 1 && only !== undefined) return oneOf(from, only, attestations.length > 0, options);
  if (
    offered.every(({ digest }) => chosen.has(digest)) &&
    offered.length + attestations.length === parsed.manifests.length
  )
    return { fetched, notes: [] };
  for (const { attestation, image } of attestations) if (chosen.has(image)) chosen.add(attestation);
  return newIndex(fetched, parsed, chosen);
}

function entryFor(offered: readonly OfferedImage[], wanted: Platform, from: Target): Descriptor {
  const entry = selectPlatform(offered, wanted);
  if (entry !== undefined) return entry;
  const has = offered.map(({ platform }) => formatPlatform(platform)).join(', ');
  throw new TallymanError({
    code: 'NOT_FOUND',
    message: `${from.label} has no ${formatPlatform(wanted)} of it.`,
    hint: has === '' ? 'Its index names no platforms: copy the whole.' : `It has ${has}.`,
  });
}

async function oneOf(
  from: Target,
  entry: OfferedImage,
  hasAttestations: boolean,
  options: TargetOptions,
): Promise<ChosenPlatforms> {
  const child = await from.fetchManifest(entry, options);
  return {
    // The entry says for which platform it is; its annotations belong to the index.
    fetched: { ...child, descriptor: { ...child.descriptor, platform: entry.platform } },
    notes: hasAttestations
      ? [
          {
            code: 'UNSUPPORTED',
            message: `Of ${formatPlatform(entry.platform)} the image alone is copied: what BuildKit attests of it lies in the index, and stays behind.`,
            hint: 'Copy all platforms to take it along.',
          },
        ]
      : [],
  };
}

function newIndex(
  fetched: FetchedManifest,
  parsed: IndexDocument,
  chosen: ReadonlySet<Digest>,
): ChosenPlatforms {
  const listed = field(parsed.document, 'manifests');
  const entries = Array.isArray(listed) ? (listed as unknown[]) : [];
  // `contentToCopy` made sure that every entry was read, so that both lists have the same order.
  const isChosen = (entry: Descriptor | undefined): boolean =>
    entry !== undefined && chosen.has(entry.digest);
  const manifests = entries.filter((_entry, position) => isChosen(parsed.manifests[position]));
  const bytes = Buffer.from(JSON.stringify({ ...parsed.document, manifests }));
  const { digest: old } = fetched.descriptor;
  const digest = digestOf(bytes, isVerifiable(old) ? verifiableAlgorithm(old) : 'sha256');
  return {
    fetched: {
      descriptor: { mediaType: parsed.mediaType, digest, size: bytes.byteLength },
      bytes,
    },
    notes: [
      {
        code: 'UNSUPPORTED',
        message: `The index was made anew with ${manifests.length} of its ${entries.length} entries: it is ${digest} now. What refers to ${old}, such as a signature, does not hold for it and stays behind.`,
        hint: 'Copy all platforms to keep the digest.',
        details: { digest, old, algorithm: digestAlgorithm(digest) },
      },
    ],
  };
}

async function checkOwnPlatform(
  from: Target,
  config: Descriptor | undefined,
  platforms: readonly Platform[],
  { signal }: TargetOptions,
): Promise<void> {
  if (config === undefined || !isImageConfigMediaType(config.mediaType)) {
    throw new TallymanError({
      code: 'UNSUPPORTED',
      message: 'It is neither an index nor an image: it has no platform to choose.',
      hint: 'Copy it without choosing a platform.',
    });
  }
  const bytes = await readAll(from.readBlob(config, { signal }), CONFIG_LIMIT, 'The config of the image');
  const document = parseStrictJson(bytes);
  const platform = isJsonObject(document) ? readPlatform(document, '', []) : undefined;
  if (
    platform !== undefined &&
    platforms.some((wanted) => selectPlatform([{ platform }], wanted) !== undefined)
  )
    return;
  throw new TallymanError({
    code: 'NOT_FOUND',
    message: `It is an image of ${platform === undefined ? 'no platform' : formatPlatform(platform)}, not of ${platforms.map(formatPlatform).join(' or ')}.`,
    hint: 'Copy it without choosing a platform.',
  });
}
