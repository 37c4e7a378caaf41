import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { isImageConfigMediaType, MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { selectPlatform, type Platform } from '../../../shared/oci/platform.ts';
import { blobName } from '../layout-storage.ts';

/** Layers that `docker load` unpacks. */
const IMAGE_LAYERS: ReadonlySet<string> = new Set([
  MEDIA_TYPES.layerTar,
  MEDIA_TYPES.layerTarGzip,
  MEDIA_TYPES.layerTarZstd,
  MEDIA_TYPES.dockerLayerTar,
  MEDIA_TYPES.dockerLayerTarGzip,
  MEDIA_TYPES.dockerLayerTarZstd,
]);

/** Indexes in indexes that are followed. */
const DEPTH_LIMIT = 4;

/** What an archive has at its top, with its names as docker knows them, `repository:tag`. */
export interface DockerRoot {
  readonly descriptor: Descriptor;
  readonly names: readonly string[];
}

/** One image as `manifest.json` lists it. */
interface DockerEntry {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

export interface DockerManifest {
  readonly bytes: Uint8Array;
  /** Those that are, or lead to, an image in it. */
  readonly roots: readonly DockerRoot[];
}

export interface DockerManifestOptions {
  readonly read: (descriptor: Descriptor) => Promise<Uint8Array>;
  readonly has: (descriptor: Descriptor) => boolean;
  /** The platform that is taken from an index of several. */
  readonly platform: Platform;
}

/**
 * The `manifest.json` by which `docker load` and skopeo's `docker-archive:` find images in an OCI layout, as docker writes it
 * since version 25. Only whole images are in it; of an image for several platforms the wanted one, because that form holds
 * one image for each name.
 * @returns undefined when there is no image.
 */
export async function dockerManifestOf(
  roots: readonly DockerRoot[],
  options: DockerManifestOptions,
): Promise<DockerManifest | undefined> {
  const imageRoots: DockerRoot[] = [];
  const namesByImage = new Map<Digest, { readonly entry: DockerEntry; readonly names: Set<string> }>();
  for (const { descriptor, names } of roots) {
    const found = await findImage(descriptor, options, 0);
    if (found === undefined) continue;
    const image = namesByImage.get(found.digest) ?? { entry: found.entry, names: new Set<string>() };
    namesByImage.set(found.digest, image);
    imageRoots.push({ descriptor, names });
    for (const name of names) image.names.add(name);
  }
  if (namesByImage.size === 0) return undefined;
  const entries = [...namesByImage.values()].map(({ entry, names }) => ({
    ...entry,
    RepoTags: names.size === 0 ? null : [...names],
  }));
  return { bytes: Buffer.from(JSON.stringify(entries)), roots: imageRoots };
}

async function findImage(
  descriptor: Descriptor,
  options: DockerManifestOptions,
  depth: number,
): Promise<{ readonly digest: Digest; readonly entry: DockerEntry } | undefined> {
  if (depth > DEPTH_LIMIT || !options.has(descriptor)) return undefined;
  const parsed = parseManifest(await options.read(descriptor), descriptor.mediaType);
  if (parsed.form === 'index') {
    const children = parsed.manifests.filter((child) => options.has(child));
    const wanted = selectPlatform(children, options.platform);
    const others = children.filter(({ platform }) => platform?.os !== 'unknown'); // BuildKit's attestations
    for (const child of wanted === undefined ? others : [wanted]) {
      const found = await findImage(child, options, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (parsed.form !== 'manifest' || parsed.config === undefined) return undefined;
  const { config, layers } = parsed;
  if (!isImageConfigMediaType(config.mediaType) || parsed.subject !== undefined) return undefined;
  if (!layers.every(({ mediaType }) => IMAGE_LAYERS.has(mediaType))) return undefined;
  if (![config, ...layers].every((content) => options.has(content))) return undefined;
  return {
    digest: descriptor.digest,
    entry: {
      Config: blobName(config.digest),
      RepoTags: null,
      Layers: layers.map(({ digest }) => blobName(digest)),
    },
  };
}
