import path from 'node:path';
import { isDigest, type Digest } from '../../shared/oci/digest.ts';
import type { FileInfo, FileSystem } from './file-system.ts';
import type { LayoutPaths } from './work-folder.ts';

/** Algorithms whose blobs Tallyman writes, checks and collects; folders of others are left alone. */
const KNOWN_ALGORITHMS = ['sha256', 'sha512'] as const;

/** What lies under a name in the folder of blobs. */
export type FoundBlob =
  | { readonly kind: 'blob'; readonly digest: Digest; readonly info: FileInfo }
  /** A name that is no digest, or something that is no plain file: never touched. */
  | { readonly kind: 'other'; readonly name: string; readonly info: FileInfo };

/** Everything in `blobs/sha256` and `blobs/sha512`. Fails with the errors of the system calls. */
export async function* listBlobs(
  fileSystem: FileSystem,
  paths: LayoutPaths,
  signal: AbortSignal,
): AsyncGenerator<FoundBlob, void, undefined> {
  for (const algorithm of KNOWN_ALGORITHMS) {
    const folder = path.join(paths.blobs, algorithm);
    if ((await fileSystem.look(folder))?.kind !== 'folder') continue;
    for (const name of await fileSystem.list(folder)) {
      signal.throwIfAborted();
      const info = await fileSystem.look(path.join(folder, name));
      if (info === undefined) continue; // removed meanwhile
      const digest = `${algorithm}:${name}`;
      yield isDigest(digest) && info.kind === 'file'
        ? { kind: 'blob', digest, info }
        : { kind: 'other', name: `blobs/${algorithm}/${name}`, info };
    }
  }
}
