import { quoteText } from '../../../shared/display/display-text.ts';
import {
  isCancellation,
  TallymanError,
  toErrorData,
  type ErrorData,
} from '../../../shared/errors/tallyman-error.ts';
import { artifactTypeOf } from '../../../shared/oci/artifact-type.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { EMPTY_DESCRIPTOR } from '../../../shared/oci/empty-descriptor.ts';
import { field, isJsonObject } from '../../../shared/oci/json-object.ts';
import { parseManifest, type ManifestDocument } from '../../../shared/oci/manifest.ts';
import { isSameMediaType, MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { formatPlatform, selectPlatform, type Platform } from '../../../shared/oci/platform.ts';
import { parseStrictJson } from '../../../shared/oci/strict-json.ts';
import type { Target } from '../../content/target.ts';
import { readAll } from '../../content/verify-content.ts';
import { collapsePath, requireSafePath, toSafePath, type SafePath } from '../files/safe-path.ts';
import { CHART_YAML_LIMIT, PULLED_DEPTH_LIMIT, PULLED_FILE_LIMIT, PULLED_MANIFEST_LIMIT } from '../limits.ts';
import { nameByDigest, TakenNames } from './item-names.ts';
import { isWorkPath } from './pull-folder.ts';

const TITLE = 'org.opencontainers.image.title';
const UNPACK = 'io.deis.oras.content.unpack';
const CONTENT_DIGEST = 'io.deis.oras.content.digest';
/** The media type that charts had before helm 3.7. */
const LEGACY_CHART = 'application/tar+gzip';

/** One file or folder that a pull writes. */
export interface PullItem {
  readonly descriptor: Descriptor;
  /** Where it goes, below the folder. */
  readonly name: SafePath;
  /** What it is called in the artifact; absent where the name was made from the digest or the chart. */
  readonly title?: string;
  /** It is an archive that becomes a folder of that name. */
  readonly unpack?: {
    /** What stands before every path in the archive. */
    readonly prefix: string;
    readonly contentDigest?: string;
  };
}

/** Something that is not written, and why. */
export interface RefusedItem {
  readonly title: string;
  readonly digest: Digest;
  readonly error: ErrorData;
}

/** What a pull will write, before anything is. */
export interface PullPlan {
  /** What was asked for: a manifest or an index. */
  readonly root: Descriptor;
  readonly artifactType?: string;
  readonly items: readonly PullItem[];
  readonly refused: readonly RefusedItem[];
  /** Bytes to fetch: each content once. */
  readonly totalBytes: number;
}

export interface PlanPullOptions {
  readonly signal: AbortSignal;
  /** Of an index, the one image or artifact for this platform; all of them when absent, as `oras pull` does. */
  readonly platform?: Platform;
  /** Writes the config as well, under this name; of another type than this it is left out. */
  readonly config?: { readonly name: string; readonly mediaType?: string };
  /** Only the content with this digest. */
  readonly only?: Digest;
}

/**
 * Reads an artifact and names what a pull would write: layers by their titles, folders by theirs (oras' annotations, or regctl's slash
 * at the end), a chart as helm names it, everything else by digest and media type. A title that is no safe name is refused, the
 * others stay.
 * @throws TallymanError NOT_FOUND, UNSUPPORTED for Docker schema 1, LIMIT, and what the place answers.
 */
export async function planPull(
  target: Target,
  reference: string | Descriptor,
  options: PlanPullOptions,
): Promise<PullPlan> {
  const manifests = await readManifests(target, reference, options);
  const [first] = manifests;
  const planning = new Planning();
  let config = options.config;
  for (const { document } of manifests) {
    if (document.form !== 'manifest') continue;
    if (config !== undefined && document.config !== undefined) {
      planning.addConfig(document.config, config);
      config = undefined; // of several manifests the first one's, as in oras
    }
    await addManifest(planning, target, document, options.signal);
  }
  const { items, refused } = planning;
  const { only } = options;
  const wanted = only === undefined ? items : items.filter(({ descriptor }) => descriptor.digest === only);
  const root = first?.descriptor ?? missing(reference);
  const artifactType = first === undefined ? undefined : artifactTypeOf(first.document);
  return {
    root,
    ...(artifactType === undefined ? {} : { artifactType }),
    items: wanted,
    refused: only === undefined ? refused : refused.filter(({ digest }) => digest === only),
    totalBytes: bytesOf(wanted),
  };
}

/** The plan for one blob, under a name of its own or of its digest. */
export function planBlobPull(descriptor: Descriptor, name?: string): PullPlan {
  const item = {
    descriptor,
    name: name === undefined ? nameByDigest(descriptor) : requireSafePath(name, 'The name'),
  };
  return { root: descriptor, items: [item], refused: [], totalBytes: descriptor.size };
}

function bytesOf(items: readonly PullItem[]): number {
  const sizes = new Map(items.map(({ descriptor }) => [descriptor.digest, descriptor.size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function missing(reference: string | Descriptor): never {
  const name = typeof reference === 'string' ? reference : reference.digest;
  throw new TallymanError({ code: 'NOT_FOUND', message: `There is no ${quoteText(name)}.` });
}

interface ReadManifest {
  readonly descriptor: Descriptor;
  readonly document: ReturnType<typeof parseManifest>;
}

/** The manifest, or the index and everything below it, in order. */
async function readManifests(
  target: Target,
  reference: string | Descriptor,
  { signal, platform }: PlanPullOptions,
): Promise<readonly ReadManifest[]> {
  const found: ReadManifest[] = [];
  const seen = new Set<string>();
  const read = async (next: string | Descriptor, depth: number): Promise<void> => {
    const { descriptor, bytes } = await target.fetchManifest(next, { signal });
    if (seen.has(descriptor.digest)) return;
    seen.add(descriptor.digest);
    if (found.length >= PULLED_MANIFEST_LIMIT) throw tooMuch('manifests', PULLED_MANIFEST_LIMIT);
    if (depth > PULLED_DEPTH_LIMIT) throw tooMuch('levels of indexes', PULLED_DEPTH_LIMIT);
    const document = parseManifest(bytes, descriptor.mediaType);
    found.push({ descriptor, document });
    if (document.form === 'schema-1')
      throw new TallymanError({
        code: 'UNSUPPORTED',
        message: 'It is a Docker schema 1 image, whose layers have neither sizes nor names.',
        hint: 'Copy it as it is, or let its publisher push it again in a form of this decade.',
      });
    if (document.form !== 'index') return;
    const children = platform === undefined ? document.manifests : [childFor(document.manifests, platform)];
    for (const child of children) await read(child, depth + 1);
  };
  await read(reference, 0);
  return found;
}

function childFor(manifests: readonly Descriptor[], platform: Platform): Descriptor {
  const child = selectPlatform(manifests, platform);
  if (child !== undefined) return child;
  const there = manifests.flatMap((each) =>
    each.platform === undefined ? [] : [formatPlatform(each.platform)],
  );
  throw new TallymanError({
    code: 'NOT_FOUND',
    message: `The index has nothing for ${quoteText(formatPlatform(platform))}.`,
    hint: there.length === 0 ? 'Its entries name no platform.' : `It has: ${quoteText(there.join(', '))}.`,
  });
}

function tooMuch(what: string, value: number): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The artifact has more than ${value} ${what}.`,
    hint: 'Pull a part of it: one platform, or one manifest by its digest.',
    details: { limit: value },
  });
}

async function addManifest(
  planning: Planning,
  target: Target,
  manifest: ManifestDocument,
  signal: AbortSignal,
): Promise<void> {
  const chart = await chartFileName(target, manifest, signal);
  const { config } = manifest;
  if (config?.annotations?.[TITLE] !== undefined && config.annotations[TITLE] !== '') planning.add(config);
  for (const layer of manifest.layers) {
    const title = layer.annotations?.[TITLE];
    const isEmpty =
      isSameMediaType(layer.mediaType, MEDIA_TYPES.empty) && layer.digest === EMPTY_DESCRIPTOR.digest;
    if (isEmpty && (title === undefined || title === '')) continue;
    if (chart !== undefined && isSameMediaType(layer.mediaType, MEDIA_TYPES.helmProvenance))
      planning.add(layer, `${chart}.prov`);
    else if (
      chart !== undefined &&
      (isSameMediaType(layer.mediaType, MEDIA_TYPES.helmChart) ||
        isSameMediaType(layer.mediaType, LEGACY_CHART))
    )
      planning.add(layer, chart);
    else planning.add(layer);
  }
}

/** `NAME-VERSION.tgz` of a chart, as `helm pull` calls it. Undefined for everything else, and where the config does not say. */
async function chartFileName(
  target: Target,
  { config }: ManifestDocument,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (config === undefined || !isSameMediaType(config.mediaType, MEDIA_TYPES.helmConfig)) return undefined;
  try {
    const bytes = await readAll(target.readBlob(config, { signal }), CHART_YAML_LIMIT, 'The config');
    const document = parseStrictJson(bytes);
    if (!isJsonObject(document)) return undefined;
    const name = field(document, 'name');
    const version = field(document, 'version');
    return typeof name === 'string' && typeof version === 'string' && name !== '' && version !== ''
      ? `${name}-${version}.tgz`
      : undefined;
  } catch (error) {
    // Without it the chart is still there, under its digest.
    if (isCancellation(error) || !(error instanceof TallymanError)) throw error;
    return undefined;
  }
}

class Planning {
  readonly items: PullItem[] = [];
  readonly refused: RefusedItem[] = [];
  readonly #names = new TakenNames();
  readonly #added = new Set<string>();

  /** @param chartName - what helm would call it, where it has no title. */
  add(descriptor: Descriptor, chartName?: string): void {
    if (this.items.length + this.refused.length >= PULLED_FILE_LIMIT)
      throw tooMuch('files', PULLED_FILE_LIMIT);
    const { annotations, digest } = descriptor;
    const title = annotations?.[TITLE];
    // regctl's folders have a slash at the end of their title, and paths without it.
    const bySlash = title?.endsWith('/') === true && /gzip|zstd|tar/.test(descriptor.mediaType);
    const isFolder = annotations?.[UNPACK] === 'true' || bySlash;
    const wanted =
      title === undefined || title === '' ? (chartName ?? nameByDigest(descriptor)) : collapsePath(title);
    const key = `${digest} ${wanted}`;
    if (this.#added.has(key)) return;
    this.#added.add(key);
    const checked = toSafePath(wanted);
    if ('fault' in checked) {
      this.#refuse(wanted, digest, checked.fault);
      return;
    }
    const name = isWorkPath(checked.path) ? undefined : this.#names.take(checked.path);
    if (name === undefined) {
      this.#refuse(wanted, digest, 'something else needs that name');
      return;
    }
    const contentDigest = annotations?.[CONTENT_DIGEST];
    this.items.push({
      descriptor,
      name,
      ...(title === undefined || title === '' ? {} : { title }),
      ...(isFolder && title !== undefined && title !== ''
        ? {
            unpack: {
              prefix: bySlash && annotations?.[UNPACK] !== 'true' ? '' : title,
              ...(contentDigest === undefined ? {} : { contentDigest }),
            },
          }
        : {}),
    });
  }

  addConfig(
    descriptor: Descriptor,
    { name, mediaType }: { readonly name: string; readonly mediaType?: string },
  ): void {
    if (mediaType !== undefined && !isSameMediaType(descriptor.mediaType, mediaType)) return;
    const taken = this.#names.take(requireSafePath(name, 'The name of the config'));
    if (taken !== undefined) this.items.push({ descriptor, name: taken });
  }

  #refuse(title: string, digest: Digest, fault: string): void {
    this.refused.push({
      title,
      digest,
      error: toErrorData(
        new TallymanError({
          code: 'INVALID_INPUT',
          message: `${quoteText(title)} was not written: ${fault}.`,
          hint: `Save the blob ${digest} under a name of your own, if you want it.`,
          details: { digest },
        }),
      ),
    });
  }
}
