import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { digestAlgorithm, digestEncoded, type Digest } from '../../shared/oci/digest.ts';
import { ensureFolder } from './durable-write.ts';
import type { FileSystem } from './file-system.ts';
import { blobName } from './layout-storage.ts';
import type { LayoutPaths } from './work-folder.ts';

/** Moves what lies in the place of a digest out of the way, to be looked at by a person. Fails with the errors of the system calls. */
export async function quarantineBlob(
  fileSystem: FileSystem,
  paths: LayoutPaths,
  digest: Digest,
): Promise<void> {
  await ensureFolder(fileSystem, paths.quarantine);
  const file = path.join(paths.root, blobName(digest));
  const name = `${digestAlgorithm(digest)}-${digestEncoded(digest)}-${randomUUID()}`;
  await fileSystem.rename(file, path.join(paths.quarantine, name));
  await fileSystem.syncFolder(paths.quarantine);
  await fileSystem.syncFolder(path.dirname(file));
}
