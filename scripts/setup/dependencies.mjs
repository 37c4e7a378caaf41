import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { runNpm } from './run-npm.mjs';

/**
 * Installs what package-lock.json names when node_modules lacks any of it or has another version.
 *
 * @param {string} root
 * @param {(line: string) => void} say gets one line when there is work to do
 */
export async function ensureDependencies(root, say) {
  if (await areInstalled(root)) return;
  // npm empties the folder before it installs: a link would empty somebody else's.
  const modules = path.join(root, 'node_modules');
  if ((await lstat(modules).catch(() => undefined))?.isSymbolicLink() === true) {
    throw new Error(
      `${modules} is a link, and what it leads to is not what package-lock.json names. Install there, or remove the link.`,
    );
  }
  say('Installing dependencies …');
  // Engine warnings are expected: `electron` asks for a newer Node than it needs to be installed.
  await runNpm(root, [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--fetch-retries=2',
    '--fetch-retry-mintimeout=1000',
  ]);
}

/**
 * Compares what npm wrote down when it last installed with what it shall install.
 *
 * @param {string} root
 */
async function areInstalled(root) {
  const wanted = await packages(path.join(root, 'package-lock.json'));
  const present = await packages(path.join(root, 'node_modules', '.package-lock.json')).catch(
    () => undefined,
  );
  if (present === undefined) return false;
  return Object.entries(wanted).every(
    // Optional packages are those of other platforms; '' is Tallyman itself.
    ([name, { version, optional }]) => name === '' || optional === true || present[name]?.version === version,
  );
}

/**
 * @param {string} file
 * @returns {Promise<Record<string, { version?: string, optional?: boolean }>>}
 */
async function packages(file) {
  return JSON.parse(await readFile(file, 'utf8')).packages;
}
