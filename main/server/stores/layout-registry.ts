import path from 'node:path';
import { localDisk } from '../../layout/local-disk.ts';
import type { FileSystem } from '../../layout/file-system.ts';
import type { LayoutWriter } from '../../layout/layout-writer.ts';
import { openLayout, type Layout } from '../../layout/open-layout.ts';
import { RepositoryContents } from '../../layout/repositories/repository-contents.ts';
import { RepositoryMarks } from '../../layout/repositories/repository-marks.ts';
import { OWN_REPOSITORY } from '../../layout/repositories/repository-names.ts';
import { systemProcesses, type ProcessTable } from '../../layout/process-identity.ts';
import { layoutPaths } from '../../layout/work-folder.ts';
import { createLayout, openLayoutForWriting } from '../../layout/write-layout.ts';
import type { ServedRegistry } from '../served-registry.ts';
import { inByteOrder } from './in-byte-order.ts';
import { LayoutRepository, type LayoutShelf } from './layout-repository.ts';
import { LayoutRepositoryWriter } from './layout-repository-writer.ts';
import { LayoutUploads } from './layout-uploads.ts';
import { ownRepositoryName } from './own-repository-name.ts';
import { VerifiedBlobs } from './verified-blobs.ts';

export interface OpenLayoutRegistryOptions {
  readonly signal: AbortSignal;
  /** An archive is never written. */
  readonly readOnly: boolean;
  /** Makes an empty layout where nothing is. */
  readonly create?: boolean;
  /** The name of the layout's own repository; else made of the name of the folder or file. */
  readonly ownName?: string;
  /** Tests bring their own disk and machine. */
  readonly fileSystem?: FileSystem;
  readonly processes?: ProcessTable;
}

/**
 * A layout as a set of repositories; see `repository-names.ts` for how it holds them.
 * @throws TallymanError as `openLayout` and `createLayout`.
 */
export async function openLayoutRegistry(
  location: string,
  {
    signal,
    readOnly,
    create = false,
    ownName,
    fileSystem = localDisk,
    processes = systemProcesses,
  }: OpenLayoutRegistryOptions,
): Promise<ServedRegistry> {
  const name = ownName ?? ownRepositoryName(path.basename(path.resolve(location)));
  if (!readOnly) {
    const options = { signal, fileSystem, processes };
    const writer = await (create ? createLayout : openLayoutForWriting)(location, options);
    return serveLayout(writer.layout, writer, name, await marksOf(location, writer.layout, fileSystem));
  }
  const layout = await openLayout(location, { signal, fileSystem });
  return serveLayout(layout, undefined, name, await marksOf(location, layout, fileSystem));
}

async function marksOf(
  location: string,
  layout: Layout,
  fileSystem: FileSystem,
): Promise<RepositoryMarks | undefined> {
  if (layout.kind !== 'folder') return undefined;
  const root = await fileSystem.realPath(path.resolve(location));
  return new RepositoryMarks({ fileSystem, paths: layoutPaths(root), place: layout.target.label });
}

function serveLayout(
  layout: Layout,
  writer: LayoutWriter | undefined,
  ownName: string,
  marks: RepositoryMarks | undefined,
): ServedRegistry {
  const closing = new AbortController();
  const contents = new RepositoryContents({
    target: layout.target,
    readIndex: (signal) => layout.readIndex(signal),
    signal: closing.signal,
  });
  const verified = new VerifiedBlobs();
  const shelf: LayoutShelf = {
    target: layout.target,
    contents,
    marks,
    verified,
    touch:
      writer === undefined
        ? undefined
        : async (content) => {
            await writer.has(content);
          },
  };
  const writing = writer === undefined || marks === undefined ? undefined : { writer, marks };
  const uploads =
    writing === undefined
      ? undefined
      : new LayoutUploads({
          partials: writing.writer.partials,
          blobs: {
            async store(repository, digest, bytes, signal) {
              const { writer, marks } = writing;
              const beside = marks.heldFile(repository, digest);
              if (await writer.storeTogether({ digest }, bytes, beside)) {
                await Promise.all([writer.flush(), marks.settle(repository)]);
              } else {
                await Promise.all([
                  writer.ingest({ digest, size: bytes.byteLength }, bytes, { signal }),
                  marks.mark(repository, digest, 'held'),
                ]);
              }
              verified.add(digest);
            },
            async hold(repository, digest) {
              await writing.marks.mark(repository, digest, 'held');
              verified.add(digest);
            },
          },
        });
  // Marks of content that was collected since mean nothing; nobody waits for that.
  if (writing !== undefined) void writing.marks.sweep(closing.signal);

  const repository = (name: string): LayoutRepository => {
    const names: readonly [string, ...string[]] =
      name === ownName
        ? [OWN_REPOSITORY, name]
        : name === OWN_REPOSITORY
          ? [OWN_REPOSITORY, ownName]
          : [name];
    if (writing === undefined || uploads === undefined) return new LayoutRepository(names, shelf);
    return new LayoutRepository(
      names,
      shelf,
      (made) => new LayoutRepositoryWriter(made, { ...writing, contents, uploads, repository }),
    );
  };

  return {
    label: layout.target.label,
    writable: writing !== undefined,
    repository,
    async listRepositories() {
      const { byRepository } = await contents.listings();
      const names = [...byRepository.keys()].map((name) => (name === OWN_REPOSITORY ? ownName : name));
      return inByteOrder(new Set(names));
    },
    async suspendUploads() {
      await uploads?.suspendAll();
    },
    async close() {
      closing.abort();
      await uploads?.suspendAll();
      await (writer ?? layout).close();
    },
  };
}
