import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { digestAlgorithm, digestEncoded, isDigest, type Digest } from '../../shared/oci/digest.ts';
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

/** Something that a repair moved aside. */
export interface QuarantinedFile {
  /** Its name in the folder of quarantine. */
  readonly name: string;
  /** Bytes; 0 for what is no file. */
  readonly size: number;
  /** The digest in whose place it lay; absent for an index and for files of other programs. */
  readonly digest?: Digest;
}

/** `ALGORITHM-ENCODED-UUID`, as `quarantineBlob` names it. */
const QUARANTINED_BLOB = /^([a-z0-9]{1,32})-([a-f0-9]{1,128})-[a-f0-9-]{36}$/;

/** What lies in quarantine, by name; nothing where the folder is not there. Fails with the errors of the system calls. */
export async function listQuarantine(
  fileSystem: FileSystem,
  paths: LayoutPaths,
): Promise<readonly QuarantinedFile[]> {
  if ((await fileSystem.look(paths.quarantine))?.kind !== 'folder') return [];
  const files: QuarantinedFile[] = [];
  for (const name of [...(await fileSystem.list(paths.quarantine))].sort()) {
    const info = await fileSystem.look(path.join(paths.quarantine, name));
    if (info === undefined) continue; // removed meanwhile
    const [, algorithm = '', encoded = ''] = QUARANTINED_BLOB.exec(name) ?? [];
    const digest = `${algorithm}:${encoded}`;
    files.push({
      name,
      size: info.kind === 'file' ? info.size : 0,
      ...(isDigest(digest) ? { digest } : {}),
    });
  }
  return files;
}
