import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { isManifestMediaType } from '../../../shared/oci/media-types.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { MANIFEST_LIMIT } from '../../content/limits.ts';
import { readAll } from '../../content/verify-content.ts';
import type { ArchivedFile, ArchiveIndex } from '../archived-file.ts';
import { readRange, type ByteSource } from '../byte-source.ts';
import { EditableIndex } from '../index-edit.ts';
import { blobName, INDEX_NAME } from '../layout-storage.ts';
import { INDEX_FILE_LIMIT } from '../limits.ts';
import { DOCKER_LIST_LIMIT } from './docker-limits.ts';
import { parseDockerManifest } from './docker-manifest.ts';

/** Manifests that are read to find the images behind configs, and names that are added; what is beyond has its digest. */
const SEARCH_LIMIT = 1_000;
const ADDED_NAMES_LIMIT = 1_000;

/**
 * The layout of an archive that is both (docker 25 and later, BuildKit, regctl, our own): `index.json` counts, and names that
 * only docker's `manifest.json` has are added to it. A name `team/app:1` is there already as `team/app:1`, or as `1` where
 * that means the same image and no other.
 *
 * What cannot be read adds nothing: a layout is not worse for a file beside it (image-spec image-layout.md).
 * @param manifest - where `manifest.json` lies.
 */
export async function addDockerNames(
  source: ByteSource,
  layout: ArchiveIndex,
  manifest: ArchivedFile,
  signal: AbortSignal,
): Promise<ArchiveIndex> {
  const names = new NameSearch(source, layout, signal);
  try {
    const images = parseDockerManifest(await names.readFile(manifest, DOCKER_LIST_LIMIT), '');
    const index = EditableIndex.parse(await names.readFile(layout.get(INDEX_NAME), INDEX_FILE_LIMIT), '');
    const known = meaningsOf(index);
    let added = index;
    let count = 0;
    for (const { config, names: imageNames } of images) {
      for (const name of imageNames) {
        if (known.has(name) || count === ADDED_NAMES_LIMIT) continue;
        const root = await names.rootOf(index, config);
        const tag = name.slice(name.lastIndexOf(':') + 1);
        if (root === undefined || known.get(tag) === root.digest) continue;
        added = added.withName(name, root);
        count += 1;
      }
    }
    if (added === index) return layout;
    return new Map([...layout, [INDEX_NAME, { state: 'made', bytes: added.toBytes() }]]);
  } catch (error) {
    if (!(error instanceof TallymanError)) throw error;
    return layout;
  }
}

/** What each name of an index means; null for one that means several. */
function meaningsOf({ entries }: EditableIndex): ReadonlyMap<string, Digest | null> {
  const meanings = new Map<string, Digest | null>();
  for (const { refName, descriptor } of entries) {
    if (refName === undefined) continue;
    const digest = descriptor?.digest ?? null;
    meanings.set(refName, (meanings.get(refName) ?? digest) === digest ? digest : null);
  }
  return meanings;
}

/** Looks for the entry of `index.json` that leads to the image with a config. */
class NameSearch {
  readonly #source: ByteSource;
  readonly #layout: ArchiveIndex;
  readonly #signal: AbortSignal;
  #rootByConfig: Map<string, Descriptor> | undefined;

  constructor(source: ByteSource, layout: ArchiveIndex, signal: AbortSignal) {
    this.#source = source;
    this.#layout = layout;
    this.#signal = signal;
  }

  async rootOf(index: EditableIndex, config: string): Promise<Descriptor | undefined> {
    this.#rootByConfig ??= await this.#search(index);
    return this.#rootByConfig.get(config);
  }

  async readFile(file: ArchivedFile | undefined, limit: number): Promise<Uint8Array> {
    if (file?.state === 'made') return file.bytes;
    if (file?.state !== 'file') return new Uint8Array();
    return readAll(readRange(this.#source, file.offset, file.size, this.#signal), limit);
  }

  async #search(index: EditableIndex): Promise<Map<string, Descriptor>> {
    const rootByConfig = new Map<string, Descriptor>();
    const queue = index.entries.flatMap(({ descriptor }) =>
      descriptor === undefined ? [] : [{ descriptor, root: descriptor }],
    );
    const seen = new Set<Digest>();
    for (const { descriptor, root } of queue) {
      if (seen.has(descriptor.digest) || seen.size >= SEARCH_LIMIT) continue;
      seen.add(descriptor.digest);
      const parsed = await this.#readManifest(descriptor);
      if (parsed?.form === 'index') {
        queue.push(...parsed.manifests.map((child) => ({ descriptor: child, root })));
      } else if (parsed?.form === 'manifest' && parsed.config !== undefined) {
        const name = blobName(parsed.config.digest);
        if (!rootByConfig.has(name)) rootByConfig.set(name, root);
      }
    }
    return rootByConfig;
  }

  async #readManifest(descriptor: Descriptor): Promise<ReturnType<typeof parseManifest> | undefined> {
    const { mediaType, digest } = descriptor;
    if (!isManifestMediaType(mediaType)) return undefined;
    try {
      return parseManifest(
        await this.readFile(this.#layout.get(blobName(digest)), MANIFEST_LIMIT),
        mediaType,
      );
    } catch (error) {
      if (error instanceof TallymanError) return undefined;
      throw error;
    }
  }
}
