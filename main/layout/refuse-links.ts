import path from 'node:path';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { FileInfo, FileSystem } from './file-system.ts';
import type { LayoutPaths } from './work-folder.ts';

/**
 * Looks that every folder which writing, repairing or collecting garbage goes into is one: a link in its place, in a layout
 * that came from somebody else, would lead writes and removals out of the layout. Fails with the errors of the system calls.
 * @throws TallymanError UNREADABLE that names the link.
 */
export async function refuseLinks(fileSystem: FileSystem, paths: LayoutPaths, place: string): Promise<void> {
  const { work, ingest, leases, trash, quarantine, repositories, blobs, root } = paths;
  const algorithms = ['sha256', 'sha512'].map((algorithm) => path.join(blobs, algorithm));
  const folders = [work, ingest, leases, trash, quarantine, repositories, blobs, ...algorithms];
  for (const folder of folders) await refuse(folder, ['symbolic-link', 'file', 'other']);
  // These hold a folder for each writer, collection or repository.
  for (const folder of [ingest, trash, repositories]) {
    if ((await fileSystem.look(folder)) === undefined) continue;
    for (const name of await fileSystem.list(folder))
      await refuse(path.join(folder, name), ['symbolic-link']);
  }

  async function refuse(folder: string, kinds: readonly FileInfo['kind'][]): Promise<void> {
    const info = await fileSystem.look(folder);
    if (info === undefined || !kinds.includes(info.kind)) return;
    const name = path.relative(root, folder).split(path.sep).join('/');
    throw new TallymanError({
      code: 'UNREADABLE',
      message: `${place} is not written to: ${name} in it is ${info.kind === 'symbolic-link' ? 'a symbolic link' : 'no folder'}.`,
      hint: 'Replace it by the folder itself, if you trust where it leads.',
    });
  }
}
