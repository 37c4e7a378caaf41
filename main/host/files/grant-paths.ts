import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { GrantedFile } from '../../../shared/contract/files.ts';
import type { FileGrants } from './file-grants.ts';

/** Paths that one choice may have. */
const CHOSEN_PATHS_LIMIT = 10_000;
/** Entries below a folder that are counted for its size; beyond, it is shown without one. */
const COUNTED_ENTRIES_LIMIT = 20_000;

/** Tokens for paths that a person picked or dropped, for reading. What is neither file nor folder is left out. */
export async function grantPaths(grants: FileGrants, paths: readonly string[]): Promise<GrantedFile[]> {
  const granted: GrantedFile[] = [];
  for (const each of paths.slice(0, CHOSEN_PATHS_LIMIT)) {
    const file = path.resolve(each);
    const info = await lstat(file).catch(() => undefined);
    if (info?.isDirectory() === true) {
      const size = await sizeBelow(file);
      granted.push(
        grants.grant(file, { kind: 'folder', use: 'read', ...(size === undefined ? {} : { size }) }),
      );
    } else if (info?.isFile() === true) {
      granted.push(grants.grant(file, { kind: 'file', use: 'read', size: info.size }));
    } else if (info?.isSymbolicLink() === true) {
      granted.push(grants.grant(file, { kind: 'file', use: 'read' }));
    }
  }
  return granted;
}

async function sizeBelow(folder: string): Promise<number | undefined> {
  let size = 0;
  let count = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const current = next;
    for (const entry of await readdir(current, { withFileTypes: true }).catch(() => [])) {
      count += 1;
      if (count > COUNTED_ENTRIES_LIMIT) return undefined;
      const file = path.join(current, entry.name);
      if (entry.isDirectory()) folders.push(file);
      else if (entry.isFile()) size += (await lstat(file).catch(() => undefined))?.size ?? 0;
    }
  }
  return size;
}
