import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBundles } from './bundles.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { requireNode } from './node-version.mjs';

/** Folder of package.json, wherever the caller stands. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The set-up that every command begins with. Says what it does on stderr, and nothing when there is nothing to do. */
export async function prepare() {
  requireNode();
  /** @param {string} line */
  const say = (line) => process.stderr.write(`${line}\n`);
  try {
    await ensureDependencies(root, say);
    await ensureBundles(root, say);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
