import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseImageConfig } from '../../../shared/oci/image-config.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { Platform } from '../../../shared/oci/platform.ts';
import { digestOf } from '../../content/digest-of.ts';
import { CONFIG_LIMIT, MANIFEST_LIMIT } from '../../content/limits.ts';
import { describeLayer } from './docker-layer.ts';
import type { DockerFiles } from './docker-files.ts';
import type { DockerImage } from './docker-manifest.ts';

/** An image of a docker archive as OCI content. */
export interface ConvertedImage {
  readonly names: readonly string[];
  readonly manifest: Descriptor;
  readonly manifestBytes: Uint8Array;
  readonly platform?: Platform;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** The name of a config that says its digest: `HEX.json` (docker, skopeo), `sha256:HEX` (crane), `blobs/sha256/HEX`. */
const NAMED_BY_DIGEST = /(?:^|[/:])([0-9a-f]{64})(?:\.json)?$/;

/** What a config says of its image; read once, however many images name it. */
interface ReadConfig {
  readonly descriptor: Descriptor;
  readonly diffIds: readonly Digest[];
  readonly platform?: Platform;
}

/**
 * Makes the manifests that a docker archive lacks, from configs and layers alone: the same archive gives the same digests
 * each time. They are OCI manifests, because those have a type for the layers as they lie here, uncompressed tars, and
 * Docker's schema 2 has none. Configs keep their bytes, and with them the image IDs that docker shows.
 */
export class ImageConverter {
  readonly #files: DockerFiles;
  readonly #place: string;
  readonly #configs = new Map<string, ReadConfig>();
  readonly #layers = new Map<string, Descriptor>();

  constructor(files: DockerFiles, place: string) {
    this.#files = files;
    this.#place = place;
  }

  /**
   * @throws TallymanError DIGEST_MISMATCH (the config is not the one that its name says, a compressed layer is not the one
   * that the config says), MALFORMED, and as `DockerFiles`.
   */
  async convert(image: DockerImage, signal: AbortSignal): Promise<ConvertedImage> {
    const config = await this.#config(image.config, signal);
    if (config.diffIds.length !== image.layers.length) {
      throw this.#malformed(
        `manifest.json names ${image.layers.length} layers for ${quoteText(image.config)}, which has ${config.diffIds.length}`,
      );
    }
    const layers: Descriptor[] = [];
    for (const [position, diffId] of config.diffIds.entries())
      layers.push(await this.#layer(image.layers[position] ?? '', diffId, signal));
    return assembleImage(image.names, config, layers);
  }

  async #config(path: string, signal: AbortSignal): Promise<ReadConfig> {
    const known = this.#configs.get(path);
    if (known !== undefined) return known;
    const bytes = await this.#files.read(path, CONFIG_LIMIT, signal);
    const digest = digestOf(bytes);
    const named = NAMED_BY_DIGEST.exec(path)?.[1];
    if (named !== undefined && digest !== `sha256:${named}`) {
      throw new TallymanError({
        code: 'DIGEST_MISMATCH',
        message: `The config ${quoteText(path)} of the docker archive ${this.#place} has the digest ${digest}.`,
        hint: 'The archive was damaged or changed. Do not use it; get it from where it was made again.',
        details: { expected: `sha256:${named}`, actual: digest },
      });
    }
    const { diffIds, platform, problems } = parseImageConfig(bytes);
    const wrong = problems.find(({ message }) => message.startsWith('rootfs'));
    if (wrong !== undefined)
      throw this.#malformed(`in the config ${quoteText(path)}, ${wrong.message.replace(/\.$/, '')}`);
    const config: ReadConfig = {
      descriptor: { mediaType: MEDIA_TYPES.imageConfig, digest, size: bytes.byteLength },
      diffIds,
      ...(platform === undefined ? {} : { platform }),
    };
    this.#configs.set(path, config);
    return config;
  }

  async #layer(path: string, diffId: Digest, signal: AbortSignal): Promise<Descriptor> {
    const key = `${this.#files.find(path).offset} ${diffId}`;
    const known = this.#layers.get(key);
    if (known !== undefined) return known;
    const layer = await describeLayer(this.#files, path, diffId, signal);
    this.#layers.set(key, layer);
    return layer;
  }

  #malformed(what: string): TallymanError {
    return new TallymanError({
      code: 'MALFORMED',
      message: `The docker archive ${this.#place} cannot be read: ${what}.`,
      hint: 'Save the images again with the program that made the archive.',
    });
  }
}

/** @throws TallymanError LIMIT for an image with so many layers that no registry would take its manifest. */
export function assembleImage(
  names: readonly string[],
  config: { readonly descriptor: Descriptor; readonly platform?: Platform },
  layers: readonly Descriptor[],
): ConvertedImage {
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: config.descriptor,
    layers,
  };
  const manifestBytes = Buffer.from(JSON.stringify(document));
  if (manifestBytes.byteLength > MANIFEST_LIMIT) {
    throw new TallymanError({
      code: 'LIMIT',
      message: `An image of the archive has ${layers.length} layers: its manifest would have more than ${MANIFEST_LIMIT} bytes.`,
      hint: 'No registry would take it.',
      details: { limit: MANIFEST_LIMIT },
    });
  }
  return {
    names,
    manifest: {
      mediaType: MEDIA_TYPES.manifest,
      digest: digestOf(manifestBytes),
      size: manifestBytes.byteLength,
    },
    manifestBytes,
    ...(config.platform === undefined ? {} : { platform: config.platform }),
    config: config.descriptor,
    layers,
  };
}
