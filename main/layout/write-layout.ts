import path from 'node:path';
import { displayText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { ensureFolder, publishFile, writeSynced } from './durable-write.ts';
import { fileError } from './file-error.ts';
import type { FileSystem } from './file-system.ts';
import { EditableIndex } from './index-edit.ts';
import { IndexStore } from './index-store.ts';
import { IMAGE_LAYOUT_VERSION } from './layout-header.ts';
import type { LayoutWriter } from './layout-writer.ts';
import { localDisk } from './local-disk.ts';
import { openLayout } from './open-layout.ts';
import { systemProcesses, type ProcessTable } from './process-identity.ts';
import { layoutPaths, NEW_INDEX_PREFIX, WORK_FOLDER } from './work-folder.ts';
import { writerOfLayout } from './writer-of-layout.ts';

export interface WriteOptions {
  readonly signal?: AbortSignal;
  readonly fileSystem?: FileSystem;
  readonly processes?: ProcessTable;
  /** Milliseconds that a change waits for another program's. */
  readonly lockWaitLimit?: number;
}

/**
 * Opens a layout folder for writing, and makes an empty one where there is nothing. Several programs may do so at once, and
 * one that was stopped half-way is finished by the next.
 * @throws TallymanError NOT_A_LAYOUT when the folder holds something else, and as `openLayoutForWriting`.
 */
export async function createLayout(location: string, options: WriteOptions = {}): Promise<LayoutWriter> {
  const {
    fileSystem = localDisk,
    processes = systemProcesses,
    signal = new AbortController().signal,
  } = options;
  const place = displayText(location);
  try {
    await ensureFolder(fileSystem, path.resolve(location)).catch(async (error: unknown) => {
      // A link that a person put in the place of the folder is followed; a broken one is not.
      const real = await fileSystem.realPath(path.resolve(location)).catch(() => undefined);
      if (real === undefined || (await fileSystem.look(real))?.kind !== 'folder') throw error;
    });
    const paths = layoutPaths(await fileSystem.realPath(path.resolve(location)));
    if ((await fileSystem.look(paths.header)) === undefined) {
      await checkNothingElse(fileSystem, paths.root, place);
      const store = new IndexStore({ fileSystem, processes, paths, place });
      await store.underLock(async () => {
        if ((await fileSystem.look(paths.header)) !== undefined) return; // another program was faster
        await ensureFolder(fileSystem, paths.blobs);
        await ensureFolder(fileSystem, path.join(paths.blobs, 'sha256'));
        if ((await fileSystem.look(paths.index)) === undefined) {
          await writeNew(
            fileSystem,
            path.join(paths.work, `${NEW_INDEX_PREFIX}empty`),
            paths.index,
            EditableIndex.empty().toBytes(),
          );
        }
        // Last, because it is what makes the folder a layout.
        const header = Buffer.from(JSON.stringify({ imageLayoutVersion: IMAGE_LAYOUT_VERSION }));
        await writeNew(fileSystem, path.join(paths.work, `${NEW_INDEX_PREFIX}header`), paths.header, header);
      }, signal);
    }
  } catch (error) {
    throw fileError(error, `Making a layout in ${place}`);
  }
  return openLayoutForWriting(location, options);
}

/**
 * Opens an existing layout folder for writing.
 * @throws TallymanError UNSUPPORTED for an archive, UNREADABLE when links in the layout would lead writes out of it, and as
 * `openLayout`: a layout whose version or index cannot be read is never written to.
 */
export async function openLayoutForWriting(
  location: string,
  options: WriteOptions = {},
): Promise<LayoutWriter> {
  const { fileSystem = localDisk, processes = systemProcesses, lockWaitLimit } = options;
  const signal = options.signal ?? new AbortController().signal;
  const layout = await openLayout(location, { signal, fileSystem });
  try {
    return await writerOfLayout(layout, {
      fileSystem,
      processes,
      ...(lockWaitLimit === undefined ? {} : { lockWaitLimit }),
    });
  } catch (error) {
    await layout.close();
    throw fileError(error, `Opening ${displayText(location)} for writing`);
  }
}

async function writeNew(
  fileSystem: FileSystem,
  temporary: string,
  final: string,
  bytes: Uint8Array,
): Promise<void> {
  if ((await fileSystem.look(temporary)) !== undefined) await fileSystem.removeFile(temporary); // of one that was stopped
  await writeSynced(fileSystem, temporary, bytes, 0o644);
  await publishFile(fileSystem, temporary, final);
}

/** Only an empty folder becomes a layout, or one in which an earlier attempt stopped. */
async function checkNothingElse(fileSystem: FileSystem, root: string, place: string): Promise<void> {
  const names = await fileSystem.list(root);
  const begun =
    names.includes(WORK_FOLDER) &&
    names.every((name) => [WORK_FOLDER, 'blobs', 'index.json', 'oci-layout'].includes(name));
  if (names.length === 0 || begun) return;
  throw new TallymanError({
    code: 'NOT_A_LAYOUT',
    message: `${place} is not empty and no OCI image layout: none is made among other files.`,
    hint: 'Choose an empty folder, or one that does not exist yet.',
  });
}
