import { lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '../content/digest-of.ts';

/** Everything below a folder, by relative path: `folder`, the digest of a file, `link → …`, or `other`. */
export async function readTree(folder: string): Promise<Readonly<Record<string, string>>> {
  const tree: Record<string, string> = {};
  const visit = async (relative: string): Promise<void> => {
    for (const name of (await readdir(path.join(folder, relative))).sort()) {
      const below = relative === '' ? name : `${relative}/${name}`;
      const place = path.join(folder, below);
      const about = await lstat(place);
      if (about.isDirectory()) {
        tree[below] = 'folder';
        await visit(below);
      } else if (about.isSymbolicLink()) tree[below] = `link → ${await readlink(place)}`;
      else tree[below] = about.isFile() ? digestOf(await readFile(place)) : 'other';
    }
  };
  await visit('');
  return tree;
}

/** Writes files, with the folders above them. */
export async function writeTree(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
}
