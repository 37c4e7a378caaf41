import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runWithPatience } from './run-with-patience.mjs';

const EXECUTABLES = /** @type {Record<string, string>} */ ({
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
});

/**
 * @typedef {{ readonly executable: string, readonly folder: string }} ElectronRuntime
 * @typedef {{ readonly reason: string }} Absent
 */

/**
 * Looks for Electron's program without `require('electron')`, which would begin a download.
 *
 * @param {string} root
 * @returns {ElectronRuntime | Absent}
 */
export function findElectron(root) {
  const name = EXECUTABLES[process.platform] ?? 'electron';
  const chosen = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (chosen !== undefined && chosen !== '') {
    const executable = path.resolve(chosen, name);
    if (existsSync(executable)) return { executable, folder: path.resolve(chosen) };
    return { reason: `ELECTRON_OVERRIDE_DIST_PATH names a folder without ${name}` };
  }
  const electron = path.join(root, 'node_modules', 'electron');
  const folder = path.join(electron, 'dist');
  const executable = path.join(folder, name);
  const { version } = JSON.parse(readFileSync(path.join(electron, 'package.json'), 'utf8'));
  const present = readText(path.join(folder, 'version')).replace(/^v/, '').trim();
  if (existsSync(executable) && present === version) return { executable, folder };
  return { reason: 'the Electron runtime is not downloaded (npx install-electron --no)' };
}

/**
 * Finds Electron, or lets the package download it. A download that brings nothing for 20 s is given up.
 *
 * @param {string} root
 * @param {(line: string) => void} say gets one line when there is something to download
 * @param {number} [patience] milliseconds in which the download must bring something
 * @returns {Promise<ElectronRuntime | Absent>}
 */
export async function ensureElectron(root, say, patience) {
  const found = findElectron(root);
  if ('executable' in found || process.env['ELECTRON_OVERRIDE_DIST_PATH']) return found;
  say('Downloading the Electron runtime …');
  const electron = path.join(root, 'node_modules', 'electron');
  const reason = await runWithPatience(process.execPath, [path.join(electron, 'install.js')], {
    cwd: root,
    fills: [path.join(electron, 'dist')],
    patience,
  });
  return reason === undefined
    ? findElectron(root)
    : { reason: `the Electron runtime could not be downloaded: ${reason}` };
}

/** @param {string} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
