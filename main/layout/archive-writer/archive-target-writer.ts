import path from 'node:path';
import { displayText } from '../../../shared/display/display-text.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { Platform } from '../../../shared/oci/platform.ts';
import type { Target, TargetOptions } from '../../content/target.ts';
import type {
  BlobSource,
  BlobWritten,
  ManifestsWritten,
  ManifestToWrite,
  TargetWriter,
  WriteBlobOptions,
} from '../../content/target-writer.ts';
import { verifyContent } from '../../content/verify-content.ts';
import { checkManifest } from '../checked-manifest.ts';
import { fileError } from '../file-error.ts';
import type { FileSystem } from '../file-system.ts';
import { LayoutReader } from '../layout-reader.ts';
import { LayoutTarget } from '../layout-target.ts';
import { nodeFileSystem } from '../node-file-system.ts';
import { checkRefName } from '../ref-name.ts';
import { ArchiveOutput } from './archive-output.ts';
import { WrittenLayout } from './written-layout.ts';

export interface ArchiveWriterOptions {
  /** Compresses the whole with gzip. */
  readonly gzip?: boolean;
  /** Takes the place of a file that is there; else that is CONFLICT. */
  readonly overwrite?: boolean;
  /**
   * What the repository of plain tags is called where programs need whole names: docker's `RepoTags`, containerd's image name.
   * Without, plain tags have no such name, and docker shows the image by its id.
   */
  readonly repository?: string;
  /** The platform of which docker loads the image where there are several. */
  readonly platform: Platform;
  readonly fileSystem?: FileSystem;
}

/**
 * An OCI layout in one tar as a place that content is copied to. It is made by `finish`, in one step; before that, or when the
 * work ends in any other way, there is nothing at its name.
 *
 * `index.json` lists what has a name and what nothing else in the archive leads to, so that programs which take "the image" of
 * an archive find one; referrers are listed by themselves and in the `sha256-…` index of their subject, as in every layout
 * that Tallyman writes. Whole images are in docker's `manifest.json` as well.
 * @throws TallymanError CONFLICT, UNREADABLE.
 */
export async function createArchive(location: string, options: ArchiveWriterOptions): Promise<TargetWriter> {
  const { fileSystem = nodeFileSystem, gzip = false, overwrite = false } = options;
  const place = displayText(location);
  try {
    const destination = path.resolve(location);
    const output = await ArchiveOutput.create({ fileSystem, destination, gzip, overwrite });
    try {
      const layout = new WrittenLayout(place, output, options);
      await layout.begin();
      return new ArchiveTargetWriter(place, output, layout);
    } catch (error) {
      await output.close();
      throw error;
    }
  } catch (error) {
    throw fileError(error, `Writing ${place}`);
  }
}

class ArchiveTargetWriter implements TargetWriter {
  readonly target: Target;
  readonly #place: string;
  readonly #output: ArchiveOutput;
  readonly #layout: WrittenLayout;
  readonly #running = new Map<Digest, Promise<unknown>>();
  #finished = false;

  constructor(place: string, output: ArchiveOutput, layout: WrittenLayout) {
    this.#place = place;
    this.#output = output;
    this.#layout = layout;
    const storage = this.#layout.storage();
    this.target = new LayoutTarget(storage, new LayoutReader(storage));
  }

  hasBlob(descriptor: Descriptor): Promise<boolean> {
    return Promise.resolve(this.#layout.has(descriptor));
  }

  async writeBlob(
    descriptor: Descriptor,
    source: BlobSource,
    { signal, onProgress }: WriteBlobOptions,
  ): Promise<BlobWritten> {
    const { digest } = descriptor;
    for (let other = this.#running.get(digest); other !== undefined; other = this.#running.get(digest)) {
      await other.catch(() => undefined);
      signal.throwIfAborted();
    }
    if (this.#layout.has(descriptor)) return { outcome: 'present', sent: 0 };
    let sent = 0;
    async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const chunk of source.open(0, { signal })) {
        signal.throwIfAborted();
        sent += chunk.byteLength;
        yield chunk;
        onProgress?.(sent);
      }
    }
    const writing = this.#layout
      .add(descriptor, verifyContent(counted(), descriptor))
      .finally(() => this.#running.delete(digest));
    this.#running.set(digest, writing);
    try {
      await writing;
    } catch (error) {
      throw fileError(error, `Writing ${digest} into ${this.#place}`);
    }
    return { outcome: 'stored', sent };
  }

  async writeManifests(
    manifests: readonly ManifestToWrite[],
    { signal }: TargetOptions,
  ): Promise<ManifestsWritten> {
    const checked = manifests.map((manifest) => {
      const { bytes, mediaType, digest, tags = [], platform } = manifest;
      for (const tag of tags) checkRefName(tag);
      return checkManifest({
        bytes,
        mediaType,
        ...(digest === undefined ? {} : { digest }),
        ...(platform === undefined ? {} : { platform }),
        list: (index, entry) =>
          tags.reduce((named, tag) => named.withName(tag, entry), index.withListed(entry)),
      });
    });
    for (const { descriptor, bytes } of checked) {
      const source = { open: () => inOnePiece(bytes) };
      await this.writeBlob(descriptor, source, { signal });
    }
    this.#layout.list(checked);
    return { descriptors: checked.map(({ descriptor }) => descriptor), notes: [] };
  }

  async tag(tag: string, { digest }: Descriptor, { signal }: TargetOptions): Promise<void> {
    checkRefName(tag);
    const { descriptor } = await this.target.fetchManifest(digest, { signal });
    this.#layout.edit((index) => index.withName(tag, descriptor));
  }

  untag(tag: string): Promise<void> {
    this.#layout.edit((index) => index.withoutName(tag));
    return Promise.resolve();
  }

  async finish({ signal }: TargetOptions): Promise<void> {
    if (this.#finished) return;
    try {
      await this.#layout.finish(signal);
      await this.#output.publish(signal);
      this.#finished = true;
    } catch (error) {
      throw fileError(error, `Writing ${this.#place}`);
    }
  }

  close(): Promise<void> {
    return this.#output.close();
  }
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}
