import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { ArchivedFile, ArchiveIndex } from '../archived-file.ts';
import type { ByteSource } from '../byte-source.ts';
import { platformDocument } from '../index-edit.ts';
import { IMAGE_LAYOUT_VERSION } from '../layout-header.ts';
import { REF_NAME } from '../layout-index.ts';
import { blobName, INDEX_NAME, LAYOUT_HEADER_NAME } from '../layout-storage.ts';
import { DockerFiles, type ArchivedPart } from './docker-files.ts';
import { ImageConverter, type ConvertedImage } from './docker-image.ts';
import {
  DOCKER_IMAGE_LIMIT,
  DOCKER_LAYER_LIMIT,
  DOCKER_LIST_LIMIT,
  DOCKER_NAME_LIMIT,
} from './docker-limits.ts';
import { parseDockerManifest, type DockerImage } from './docker-manifest.ts';
import { readLegacyImages } from './legacy-images.ts';

export const DOCKER_MANIFEST_NAME = 'manifest.json';

/**
 * A docker archive as the layout that it would be: `docker save` before version 25 (and 1.10, without `manifest.json`),
 * skopeo's and podman's `docker-archive:`, crane's. Configs and layers lie where they are; `oci-layout`, `index.json` and the
 * manifests are made. Names are `repository:tag`, as the archive has them.
 * @throws TallymanError NOT_A_LAYOUT (no image in it), MALFORMED, AMBIGUOUS, MISSING, DIGEST_MISMATCH, SIZE_MISMATCH,
 * UNREADABLE, UNSUPPORTED, LIMIT.
 */
export async function indexDockerArchive(
  source: ByteSource,
  place: string,
  signal: AbortSignal,
): Promise<ArchiveIndex> {
  const files = await DockerFiles.list(source, place, signal);
  const made = new MadeLayout(files, place);
  if (files.has(DOCKER_MANIFEST_NAME)) {
    const bytes = await files.read(DOCKER_MANIFEST_NAME, DOCKER_LIST_LIMIT, signal);
    const images = parseDockerManifest(bytes, place);
    checkCounts(images, place);
    const converter = new ImageConverter(files, place);
    for (const image of images) {
      signal.throwIfAborted();
      const converted = await converter.convert(image, signal);
      made.addImage(converted, image.layers);
      made.addBlob(converted.config, files.find(image.config));
    }
  } else {
    for (const image of await readLegacyImages(files, place, signal)) {
      made.addImage(image, image.layerPaths);
      made.addMade(image.config, image.configBytes);
    }
  }
  return made.finish();
}

/** One image and what it is called. */
interface NamedImage {
  readonly descriptor: Descriptor;
  readonly names: Set<string>;
}

/** Gathers the files of the layout. */
class MadeLayout {
  readonly #files: DockerFiles;
  readonly #place: string;
  readonly #layout = new Map<string, ArchivedFile>();
  readonly #sizes = new Map<string, number>();
  readonly #images = new Map<Digest, NamedImage>();
  readonly #digestByName = new Map<string, Digest>();

  constructor(files: DockerFiles, place: string) {
    this.#files = files;
    this.#place = place;
  }

  addImage(
    { manifest, manifestBytes, platform, names, layers }: ConvertedImage,
    paths: readonly string[],
  ): void {
    this.addMade(manifest, manifestBytes);
    for (const [position, layer] of layers.entries())
      this.addBlob(layer, this.#files.find(paths[position] ?? ''));
    const known = this.#images.get(manifest.digest);
    const descriptor = { ...manifest, ...(platform === undefined ? {} : { platform }) };
    const image = known ?? { descriptor, names: new Set<string>() };
    this.#images.set(manifest.digest, image);
    for (const name of names) {
      const other = this.#digestByName.get(name) ?? manifest.digest;
      if (other !== manifest.digest) throw this.#twoImages(name);
      this.#digestByName.set(name, manifest.digest);
      image.names.add(name);
    }
  }

  /** Content as it lies in the archive; the first of several copies. */
  addBlob({ digest }: Descriptor, { offset, size }: ArchivedPart): void {
    const name = blobName(digest);
    const known = this.#sizes.get(name) ?? size;
    if (known !== size) {
      throw new TallymanError({
        code: 'SIZE_MISMATCH',
        message: `The docker archive ${this.#place} has two files for ${digest}, of ${known} and ${size} bytes.`,
        hint: 'The archive was damaged or changed. Do not use it; get it from where it was made again.',
      });
    }
    this.#sizes.set(name, size);
    if (!this.#layout.has(name)) this.#layout.set(name, { state: 'file', offset, size });
  }

  addMade({ digest }: Descriptor, bytes: Uint8Array): void {
    this.#layout.set(blobName(digest), { state: 'made', bytes });
  }

  finish(): ArchiveIndex {
    if (this.#images.size === 0) {
      throw new TallymanError({
        code: 'NOT_A_LAYOUT',
        message: `${this.#place} is an archive of docker save without any image.`,
        hint: 'Save the images again.',
      });
    }
    const header = { imageLayoutVersion: IMAGE_LAYOUT_VERSION };
    const manifests = [...this.#images.values()].flatMap(({ descriptor, names }) => {
      const { platform } = descriptor;
      const entry = {
        ...descriptor,
        ...(platform === undefined ? {} : { platform: platformDocument(platform) }),
      };
      if (names.size === 0) return [entry];
      return [...names].map((name) => ({ ...entry, annotations: { [REF_NAME]: name } }));
    });
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests };
    this.#layout.set(LAYOUT_HEADER_NAME, { state: 'made', bytes: Buffer.from(JSON.stringify(header)) });
    this.#layout.set(INDEX_NAME, { state: 'made', bytes: Buffer.from(JSON.stringify(index)) });
    return this.#layout;
  }

  #twoImages(name: string): TallymanError {
    return new TallymanError({
      code: 'AMBIGUOUS',
      message: `The docker archive ${this.#place} gives the name ${quoteText(name)} to two images.`,
      hint: 'Programs differ in which of the two they take. Save the images again.',
    });
  }
}

function checkCounts(images: readonly DockerImage[], place: string): void {
  const counts = [
    { what: 'images', count: images.length, limit: DOCKER_IMAGE_LIMIT },
    { what: 'layers in all', count: sum(images, ({ layers }) => layers.length), limit: DOCKER_LAYER_LIMIT },
    { what: 'names', count: sum(images, ({ names }) => names.length), limit: DOCKER_NAME_LIMIT },
  ];
  for (const { what, count, limit } of counts) {
    if (count <= limit) continue;
    throw new TallymanError({
      code: 'LIMIT',
      message: `The docker archive ${place} names more than ${limit} ${what}.`,
      hint: 'No program that saves images writes so many.',
      details: { limit },
    });
  }
}

function sum(images: readonly DockerImage[], count: (image: DockerImage) => number): number {
  return images.reduce((total, image) => total + count(image), 0);
}
