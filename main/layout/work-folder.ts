import path from 'node:path';
import { ensureFolder } from './durable-write.ts';
import type { FileSystem } from './file-system.ts';

/** Where Tallyman keeps what is not content: other programs pass over names that they do not know (image-spec image-layout.md). */
export const WORK_FOLDER = '.tallyman';

/** Names of files in the work folder that are being written. Only the holder of the lock has some: others are leftovers. */
export const NEW_INDEX_PREFIX = 'index.new-';

/** The file that makes a folder of the ingest folder one that can be resumed. */
export const PARTIAL_STATE_NAME = 'state.json';

/** The places inside a layout's folder. */
export interface LayoutPaths {
  readonly root: string;
  readonly header: string;
  readonly index: string;
  readonly blobs: string;
  readonly work: string;
  /** The lock under which `index.json` changes. */
  readonly lock: string;
  /** A copy of the last index that Tallyman wrote. */
  readonly previousIndex: string;
  /** Content that is being written, in one folder per writer. */
  readonly ingest: string;
  /** What running work needs although index.json does not lead to it. */
  readonly leases: string;
  /** Garbage on its way out, in one folder per collection. */
  readonly trash: string;
  /** Content that was found damaged, kept for a person to look at. */
  readonly quarantine: string;
  /** Which repositories hold what index.json does not say, in one folder per repository. */
  readonly repositories: string;
}

export function layoutPaths(root: string): LayoutPaths {
  const work = path.join(root, WORK_FOLDER);
  return {
    root,
    header: path.join(root, 'oci-layout'),
    index: path.join(root, 'index.json'),
    blobs: path.join(root, 'blobs'),
    work,
    lock: path.join(work, 'lock'),
    previousIndex: path.join(work, 'index.prev.json'),
    ingest: path.join(work, 'ingest'),
    leases: path.join(work, 'leases'),
    trash: path.join(work, 'trash'),
    quarantine: path.join(work, 'quarantine'),
    repositories: path.join(work, 'repositories'),
  };
}

/** Makes the folders that every change needs. Refuses links in their place, which would lead writes out of the layout. */
export async function ensureWorkFolders(fileSystem: FileSystem, paths: LayoutPaths): Promise<void> {
  await ensureFolder(fileSystem, paths.work);
  await ensureFolder(fileSystem, paths.ingest);
}
