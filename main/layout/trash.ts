import path from 'node:path';
import {
  digestAlgorithm,
  digestEncoded,
  isDigest,
  isVerifiable,
  type Digest,
} from '../../shared/oci/digest.ts';
import type { FileSystem } from './file-system.ts';
import { blobName } from './layout-storage.ts';
import type { LayoutPaths } from './work-folder.ts';

/** Puts back what a collection that was stopped left aside. Runs under the lock. */
export async function emptyTrash(fileSystem: FileSystem, paths: LayoutPaths): Promise<void> {
  if ((await fileSystem.look(paths.trash)) === undefined) return;
  for (const id of await fileSystem.list(paths.trash)) {
    const trash = path.join(paths.trash, id);
    if ((await fileSystem.look(trash))?.kind !== 'folder') continue; // not ours
    for (const name of await fileSystem.list(trash)) {
      const digest = digestOfTrash(name);
      if (digest !== undefined) await putBack(fileSystem, paths, path.join(trash, name), digest);
    }
    await fileSystem.removeFolder(trash);
  }
}

/** Puts a blob from the trash into its place, unless it was stored anew meanwhile. */
export async function putBack(
  fileSystem: FileSystem,
  paths: LayoutPaths,
  file: string,
  digest: Digest,
): Promise<void> {
  const blob = path.join(paths.root, blobName(digest));
  if ((await fileSystem.look(blob)) !== undefined) {
    await fileSystem.removeFile(file); // stored anew meanwhile
    return;
  }
  await fileSystem.rename(file, blob);
  await fileSystem.syncFolder(path.dirname(blob));
}

/** Where a blob lies in a folder of the trash. */
export function trashFile(trash: string, digest: Digest): string {
  return path.join(trash, `${digestAlgorithm(digest)}-${digestEncoded(digest)}`);
}

function digestOfTrash(name: string): Digest | undefined {
  const digest = name.replace('-', ':');
  return isDigest(digest) && isVerifiable(digest) ? digest : undefined;
}
