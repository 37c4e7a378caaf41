import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** Unfinished uploads and other unfinished content of a layout, by the names of their folders. */
export async function openUploads(layout: string): Promise<readonly string[]> {
  const folder = path.join(layout, '.tallyman', 'ingest');
  const names = await readdir(folder).catch(() => []);
  const unfinished: string[] = [];
  for (const name of names) {
    const files: readonly string[] = await readdir(path.join(folder, name)).catch(() => []);
    if (files.includes('data')) unfinished.push(name);
  }
  return unfinished;
}
