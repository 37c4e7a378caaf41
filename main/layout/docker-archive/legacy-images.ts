import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { parseImageConfig } from '../../../shared/oci/image-config.ts';
import { field, isJsonObject, nameType, type JsonObject } from '../../../shared/oci/json-object.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { parseStrictJson } from '../../../shared/oci/strict-json.ts';
import { digestOf } from '../../content/digest-of.ts';
import { joinObject, sliceObject, withField, type ObjectSlice } from '../json-slices.ts';
import { describeFault } from '../layout-index.ts';
import type { DockerFiles } from './docker-files.ts';
import { assembleImage, type ConvertedImage } from './docker-image.ts';
import { hashPart } from './docker-layer.ts';
import { DOCKER_LAYER_LIMIT, DOCKER_LIST_LIMIT } from './docker-limits.ts';

/** An image of the old form, with the config that was made for it: it lies nowhere in the archive. */
export interface LegacyImage extends ConvertedImage {
  readonly configBytes: Uint8Array;
  /** The file of each layer, bottom first. */
  readonly layerPaths: readonly string[];
}

/** Fields of a `json` that say nothing of the image, only of the chain that it is a link of. */
const CHAIN_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'parent',
  'Size',
  'parent_id',
  'layer_id',
  'throwaway',
  'rootfs',
  'history',
]);

/** One link of a chain: the `json` of a layer. */
interface Link {
  readonly id: string;
  readonly parent: string | undefined;
  readonly document: JsonObject;
  readonly slices: readonly ObjectSlice[];
}

/**
 * The images of an archive as docker before 1.10 wrote it: a folder `ID/json`, `ID/layer.tar` for each layer, `parent` in the
 * json, and the tags in a file `repositories`. Docker makes the config out of the json files when it loads one (moby
 * image/v1), and so does this: the fields of the topmost, the digests of the layers, and one line of history for each.
 * @throws TallymanError MALFORMED, AMBIGUOUS, MISSING, UNREADABLE, LIMIT.
 */
export async function readLegacyImages(
  files: DockerFiles,
  place: string,
  signal: AbortSignal,
): Promise<readonly LegacyImage[]> {
  return new LegacyReader(files, place).read(signal);
}

class LegacyReader {
  readonly #files: DockerFiles;
  readonly #place: string;
  readonly #links = new Map<string, Link>();
  readonly #layers = new Map<string, Descriptor>();
  #layerCount = 0;

  constructor(files: DockerFiles, place: string) {
    this.#files = files;
    this.#place = place;
  }

  async read(signal: AbortSignal): Promise<readonly LegacyImage[]> {
    const namesById = await this.#readRepositories(signal);
    for (const name of this.#files.names()) {
      const id = /^([0-9a-f]{64})\/json$/.exec(name)?.[1];
      if (id !== undefined) await this.#link(id, signal);
    }
    // What was saved by its id has no name, and is nobody's parent.
    const parents = new Set([...this.#links.values()].map(({ parent }) => parent));
    for (const id of this.#links.keys()) if (!parents.has(id) && !namesById.has(id)) namesById.set(id, []);
    const images: LegacyImage[] = [];
    for (const [id, names] of namesById) images.push(await this.#image(id, names, signal));
    return images;
  }

  async #readRepositories(signal: AbortSignal): Promise<Map<string, string[]>> {
    const namesById = new Map<string, string[]>();
    if (!this.#files.has('repositories')) return namesById;
    const repositories = await this.#readObject('repositories', signal);
    for (const [repository, tags] of Object.entries(repositories.document)) {
      if (!isJsonObject(tags))
        throw this.#unreadable(
          'repositories',
          `${quoteText(repository)} is ${nameType(tags)}, not an object`,
        );
      for (const [tag, id] of Object.entries(tags)) {
        if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id))
          throw this.#unreadable('repositories', `the tag ${quoteText(tag)} names no image`);
        const names = namesById.get(id);
        if (names === undefined) namesById.set(id, [`${repository}:${tag}`]);
        else names.push(`${repository}:${tag}`);
      }
    }
    return namesById;
  }

  async #image(top: string, names: readonly string[], signal: AbortSignal): Promise<LegacyImage> {
    const chain = await this.#chain(top, signal);
    const layerPaths = chain.map(({ id }) => `${id}/layer.tar`);
    const layers: Descriptor[] = [];
    for (const path of layerPaths) layers.push(await this.#layer(path, signal));
    const configBytes = makeConfig(chain, layers);
    const { platform } = parseImageConfig(configBytes);
    const descriptor = {
      mediaType: MEDIA_TYPES.imageConfig,
      digest: digestOf(configBytes),
      size: configBytes.byteLength,
    };
    const config = { descriptor, ...(platform === undefined ? {} : { platform }) };
    return { ...assembleImage(names, config, layers), configBytes, layerPaths };
  }

  /** The links of an image, bottom first. */
  async #chain(top: string, signal: AbortSignal): Promise<readonly Link[]> {
    const chain: Link[] = [];
    const seen = new Set<string>();
    for (let id: string | undefined = top; id !== undefined;) {
      if (seen.has(id)) throw this.#unreadable(`${id}/json`, 'its parents lead back to itself');
      seen.add(id);
      this.#layerCount += 1;
      if (this.#layerCount > DOCKER_LAYER_LIMIT) throw this.#tooManyLayers();
      const link: Link = await this.#link(id, signal);
      chain.push(link);
      id = link.parent;
    }
    return chain.reverse();
  }

  async #link(id: string, signal: AbortSignal): Promise<Link> {
    const known = this.#links.get(id);
    if (known !== undefined) return known;
    const path = `${id}/json`;
    const { document, slices } = await this.#readObject(path, signal);
    const parent = field(document, 'parent') ?? '';
    if (typeof parent !== 'string' || !/^(?:[0-9a-f]{64})?$/.test(parent))
      throw this.#unreadable(path, 'its parent is no image');
    const link: Link = { id, parent: parent === '' ? undefined : parent, document, slices };
    this.#links.set(id, link);
    return link;
  }

  async #layer(path: string, signal: AbortSignal): Promise<Descriptor> {
    const known = this.#layers.get(path);
    if (known !== undefined) return known;
    const part = this.#files.find(path);
    const digest = await hashPart(this.#files, part, signal);
    const layer = { mediaType: MEDIA_TYPES.layerTar, digest, size: part.size };
    this.#layers.set(path, layer);
    return layer;
  }

  async #readObject(
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly document: JsonObject; readonly slices: readonly ObjectSlice[] }> {
    const bytes = await this.#files.read(path, DOCKER_LIST_LIMIT, signal);
    try {
      const document = parseStrictJson(bytes);
      if (isJsonObject(document)) return { document, slices: sliceObject(new TextDecoder().decode(bytes)) };
      throw this.#unreadable(path, `it holds ${nameType(document)}, not an object`);
    } catch (error) {
      if (error instanceof TallymanError && error.details?.['file'] === path) throw error;
      const code = error instanceof TallymanError ? error.code : 'MALFORMED';
      throw this.#unreadable(path, describeFault(error), code, error);
    }
  }

  #unreadable(
    path: string,
    what: string,
    code: TallymanError['code'] = 'MALFORMED',
    cause?: unknown,
  ): TallymanError {
    return new TallymanError(
      {
        code,
        message: `The file ${path} of the docker archive ${this.#place} cannot be read: ${what}.`,
        hint: 'Save the images again with the program that made the archive.',
        details: { file: path },
      },
      { cause },
    );
  }

  #tooManyLayers(): TallymanError {
    return new TallymanError({
      code: 'LIMIT',
      message: `The images of the docker archive ${this.#place} have more than ${DOCKER_LAYER_LIMIT} layers in all.`,
      hint: 'No program that saves images writes so many.',
      details: { limit: DOCKER_LAYER_LIMIT },
    });
  }
}

/** The config of an image: the fields of its topmost json as they are written, sorted by name. */
function makeConfig(chain: readonly Link[], layers: readonly Descriptor[]): Uint8Array {
  const own = (chain.at(-1)?.slices ?? []).filter(({ key }) => !CHAIN_FIELDS.has(key));
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const history = chain.map(({ document }) => historyOf(document));
  const all = withField(withField(own, 'rootfs', JSON.stringify(rootfs)), 'history', JSON.stringify(history));
  const sorted = [...all].sort((left, right) => (left.key < right.key ? -1 : 1));
  return Buffer.from(joinObject(sorted));
}

function historyOf(link: JsonObject): object {
  const containerConfig = field(link, 'container_config');
  const command = isJsonObject(containerConfig) ? field(containerConfig, 'Cmd') : undefined;
  const words = Array.isArray(command) ? command.filter((word) => typeof word === 'string') : [];
  const texts = {
    created: field(link, 'created'),
    author: field(link, 'author'),
    created_by: words.join(' '),
    comment: field(link, 'comment'),
  };
  return Object.fromEntries(
    Object.entries(texts).filter(([, value]) => typeof value === 'string' && value !== ''),
  );
}
