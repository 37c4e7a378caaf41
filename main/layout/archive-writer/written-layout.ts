import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import type { Platform } from '../../../shared/oci/platform.ts';
import { parseCompanionTag } from '../../../shared/oci/referrers-tag.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { MANIFEST_LIMIT } from '../../content/limits.ts';
import { readAll } from '../../content/verify-content.ts';
import { archiveStorage } from '../archive-storage.ts';
import type { ArchivedFile } from '../archived-file.ts';
import type { CheckedManifest } from '../checked-manifest.ts';
import { DOCKER_MANIFEST_NAME } from '../docker-archive/index-docker-archive.ts';
import { EditableIndex } from '../index-edit.ts';
import { IMAGE_LAYOUT_VERSION } from '../layout-header.ts';
import {
  blobName,
  digestOfName,
  INDEX_NAME,
  LAYOUT_HEADER_NAME,
  type LayoutStorage,
} from '../layout-storage.ts';
import { listManifests, listReferrers } from '../list-manifests.ts';
import type { ArchiveOutput } from './archive-output.ts';
import { dockerManifestOf, type DockerManifest, type DockerRoot } from './docker-manifest-of.ts';
import { dockerName } from './docker-name.ts';
import type { WrittenFile } from './tar-file.ts';

/** The annotation by which containerd and docker know an image of an archive by its whole name. */
const IMAGE_NAME = 'io.containerd.image.name';

export interface WrittenLayoutOptions {
  readonly repository?: string;
  readonly platform: Platform;
}

/** What an archive that is being written holds so far: its blobs and its index. */
export class WrittenLayout {
  readonly #place: string;
  readonly #output: ArchiveOutput;
  readonly #options: WrittenLayoutOptions;
  readonly #blobs = new Map<Digest, WrittenFile>();
  readonly #manifests: Pick<CheckedManifest, 'entry' | 'subject'>[] = [];
  /** What indexes lead to. */
  readonly #contained = new Set<Digest>();
  #index = EditableIndex.empty();
  #version = 0;

  constructor(place: string, output: ArchiveOutput, options: WrittenLayoutOptions) {
    this.#place = place;
    this.#output = output;
    this.#options = options;
  }

  /** First of all what says that the archive is a layout: programs that look at the beginning of a file find it. */
  async begin(): Promise<void> {
    const header = JSON.stringify({ imageLayoutVersion: IMAGE_LAYOUT_VERSION });
    await this.#addFile(LAYOUT_HEADER_NAME, Buffer.from(header));
  }

  /** The reading side of what is written so far. */
  storage(): LayoutStorage {
    const index = {
      get: (name: string) => this.#find(name),
      keys: () => [...this.#blobs.keys()].map(blobName).values(),
    };
    const storage = archiveStorage(this.#place, this.#output.source, index, () => Promise.resolve());
    return { ...storage, indexStamp: () => Promise.resolve(String(this.#version)) };
  }

  has({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): boolean {
    return this.#blobs.get(digest)?.part().size === size;
  }

  async add({ digest, size }: Descriptor, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.#blobs.set(digest, await this.#output.tar.add(blobName(digest), size, content));
  }

  /** Lists manifests whose bytes are there. */
  list(manifests: readonly CheckedManifest[]): void {
    for (const { bytes, mediaType, entry, subject } of manifests) {
      this.#manifests.push({ entry, subject });
      const parsed = parseManifest(bytes, mediaType);
      if (parsed.form !== 'index') continue;
      for (const { digest } of parsed.manifests) this.#contained.add(digest);
    }
    this.edit((index) => listManifests(index, manifests));
  }

  edit(change: (index: EditableIndex) => EditableIndex): void {
    this.#index = change(this.#index);
    this.#version += 1;
  }

  /** Adds what is known only when everything is there: indexes of referrers, docker's list, `index.json`. */
  async finish(signal: AbortSignal): Promise<void> {
    const notes: ErrorData[] = []; // none: no fallback index but those made here
    const store = {
      read: (descriptor: Descriptor) => this.#read(descriptor, signal),
      write: (descriptor: Descriptor, bytes: Uint8Array) =>
        this.has(descriptor) ? Promise.resolve() : this.add(descriptor, inOnePiece(bytes)),
    };
    const listed = await listReferrers(this.#withoutContained(), this.#manifests, store, notes);
    const docker = await dockerManifestOf(this.#dockerRoots(listed), {
      platform: this.#options.platform,
      has: (descriptor) => this.has(descriptor),
      read: store.read,
    });
    this.edit(() => withImageNames(listed, docker));

    await this.#addFile(INDEX_NAME, this.#index.toBytes());
    if (docker !== undefined) await this.#addFile(DOCKER_MANIFEST_NAME, docker.bytes);
  }

  #find(name: string): ArchivedFile | undefined {
    if (name === INDEX_NAME) return { state: 'made', bytes: this.#index.toBytes() };
    const digest = digestOfName(name);
    const file = digest === undefined ? undefined : this.#blobs.get(digest);
    return file === undefined ? undefined : { state: 'file', ...file.part() };
  }

  async #addFile(name: string, bytes: Uint8Array): Promise<void> {
    await this.#output.tar.add(name, bytes.byteLength, inOnePiece(bytes));
  }

  #read(descriptor: Descriptor, signal: AbortSignal): Promise<Uint8Array> {
    return readAll(
      this.storage().read(blobName(descriptor.digest), { offset: 0, signal }),
      MANIFEST_LIMIT,
      descriptor.digest,
    );
  }

  #withoutContained(): EditableIndex {
    const isNamed = new Set(
      this.#index.entries.flatMap(({ refName, descriptor }) =>
        refName === undefined || descriptor === undefined ? [] : [descriptor.digest],
      ),
    );
    let index = this.#index;
    for (const digest of this.#contained) if (!isNamed.has(digest)) index = index.without(digest);
    return index;
  }

  /** What stands for itself: neither a referrer, nor kept by a tag for what it belongs to. */
  #dockerRoots(index: EditableIndex): readonly DockerRoot[] {
    const referrers = new Set(
      this.#manifests.flatMap(({ entry, subject }) => (subject === undefined ? [] : [entry.digest])),
    );
    const roots = new Map<Digest, { readonly descriptor: Descriptor; readonly names: string[] }>();
    for (const { refName, descriptor } of index.entries) {
      if (descriptor === undefined || referrers.has(descriptor.digest)) continue;
      if (refName !== undefined && parseCompanionTag(refName) !== undefined) continue;
      const root = roots.get(descriptor.digest) ?? { descriptor, names: [] };
      roots.set(descriptor.digest, root);
      const name = refName === undefined ? undefined : dockerName(refName, this.#options.repository);
      if (name !== undefined) root.names.push(name);
    }
    return [...roots.values()];
  }
}

/** Entries of images with their whole names, as docker and BuildKit write them. */
function withImageNames(before: EditableIndex, docker: DockerManifest | undefined): EditableIndex {
  let index = before;
  for (const { descriptor, names } of docker?.roots ?? []) {
    const entries = index.entries.filter((entry) => entry.descriptor?.digest === descriptor.digest);
    const wanted = entries.map(({ refName }) => {
      const name = names.find((each) => each === refName || each.endsWith(`:${refName ?? ''}`));
      return {
        refName,
        annotations: name === undefined || refName === undefined ? {} : { [IMAGE_NAME]: name },
      };
    });
    index = index.withEntriesOf(descriptor, wanted);
  }
  return index;
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}
