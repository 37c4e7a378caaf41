import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Digest, VerifiableAlgorithm } from '../../../shared/oci/digest.ts';
import type { LayoutWriter } from '../../layout/layout-writer.ts';
import {
  putInRepository,
  removeFromRepository,
  untagInRepository,
} from '../../layout/repositories/repository-edit.ts';
import { listingOf, type RepositoryContents } from '../../layout/repositories/repository-contents.ts';
import type { RepositoryMarks } from '../../layout/repositories/repository-marks.ts';
import type { PushedManifest, RepositoryWriter, ServedOptions, Upload } from '../served-registry.ts';
import type { LayoutRepository } from './layout-repository.ts';
import type { LayoutUploads } from './layout-uploads.ts';
import { missingContent } from './missing-content.ts';

export interface LayoutWritingOptions {
  readonly writer: LayoutWriter;
  readonly contents: RepositoryContents;
  readonly marks: RepositoryMarks;
  readonly uploads: LayoutUploads;
  /** Another repository of the same layout. */
  readonly repository: (name: string) => LayoutRepository;
}

/** Writes into one repository of a layout. */
export class LayoutRepositoryWriter implements RepositoryWriter {
  readonly #repository: LayoutRepository;
  readonly #options: LayoutWritingOptions;

  constructor(repository: LayoutRepository, options: LayoutWritingOptions) {
    this.#repository = repository;
    this.#options = options;
  }

  async putManifest(manifest: PushedManifest, { signal, note }: ServedOptions): Promise<void> {
    const { bytes, mediaType, digest, tags } = manifest;
    const { writer } = this.#options;
    const [written, ...others] = this.#repository.names;
    const { notes } = await writer.putManifests(
      [
        {
          bytes,
          mediaType,
          digest,
          list: (before, entry) => {
            const index = others
              .flatMap((repository) => tags.map((tag) => ({ repository, tag })))
              .reduce(untagInRepository, before);
            return putInRepository(index, written, entry, tags);
          },
        },
      ],
      { signal },
    );
    for (const { message } of notes) note(message);
    const missing = await missingContent(writer.target, { bytes, mediaType }, signal);
    if (missing !== undefined) note(missing);
  }

  async deleteTag(tag: string, { signal }: ServedOptions): Promise<boolean> {
    const { tags } = listingOf(await this.#options.contents.listings(), this.#repository.names);
    if (!tags.has(tag)) return false;
    await this.#options.writer.edit(
      (before) =>
        this.#repository.names.reduce(
          (index, repository) => untagInRepository(index, { repository, tag }),
          before,
        ),
      { signal },
    );
    return true;
  }

  async deleteManifest(digest: Digest, { signal, note }: ServedOptions): Promise<boolean> {
    if ((await this.#repository.resolve(digest, { signal, note })) === undefined) return false;
    const [written] = this.#repository.names;
    // An index that stays may go on naming it: that does not make it one of this repository again.
    const { parents } = await this.#repository.content();
    if (parents.has(digest)) await this.#options.marks.mark(written, digest, 'gone');
    const { manifests } = listingOf(await this.#options.contents.listings(), this.#repository.names);
    if (!manifests.has(digest)) return true;
    try {
      await this.#options.writer.remove(digest, {
        signal,
        unlist: (before) =>
          this.#repository.names.reduce(
            (index, repository) => removeFromRepository(index, repository, digest),
            before,
          ),
      });
    } catch (error) {
      if (!(error instanceof TallymanError && error.code === 'NOT_FOUND')) throw error; // somebody else was faster
    }
    return true;
  }

  async deleteBlob(digest: Digest, { signal, note }: ServedOptions): Promise<boolean> {
    const found = await this.#repository.findBlob(digest, { signal, note, keep: false });
    if (found === undefined) return false;
    const mark = (await this.#repository.namesBlob(digest)) ? 'gone' : 'unmarked';
    for (const name of this.#repository.names) await this.#options.marks.mark(name, digest, mark);
    return true;
  }

  async mountBlob(digest: Digest, from: string | undefined, options: ServedOptions): Promise<boolean> {
    const holder =
      from === undefined ? await this.#anyHolder(digest, options) : this.#options.repository(from);
    // Asking keeps it from being collected before a manifest names it.
    const found = await holder?.findBlob(digest, { ...options, keep: true });
    if (found === undefined) return false;
    await this.#options.marks.mark(this.#repository.names[0], digest, 'held');
    return true;
  }

  beginUpload(algorithm: VerifiableAlgorithm | undefined): Upload {
    return this.#options.uploads.begin(this.#repository.names[0], algorithm);
  }

  findUpload(id: string): Promise<Upload | undefined> {
    return this.#options.uploads.find(this.#repository.names[0], id);
  }

  async #anyHolder(digest: Digest, { note }: ServedOptions): Promise<LayoutRepository | undefined> {
    const { byRepository } = await this.#options.contents.listings();
    const held = await this.#options.marks.heldBy(digest);
    for (const name of [...held, ...byRepository.keys()]) {
      const repository = this.#options.repository(name);
      if (await repository.holdsBlob(digest, note)) return repository;
    }
    return undefined;
  }
}
