import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds in which a download must bring something. */
export const NO_ANSWER_LIMIT = 20_000;

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
  const folder = path.join(root, 'node_modules', 'electron', 'dist');
  const executable = path.join(folder, name);
  const { version } = JSON.parse(
    readFileSync(path.join(root, 'node_modules', 'electron', 'package.json'), 'utf8'),
  );
  if (existsSync(executable) && readText(path.join(folder, 'version')).replace(/^v/, '').trim() === version)
    return { executable, folder };
  return { reason: 'the Electron runtime is not downloaded (npx install-electron --no)' };
}

/**
 * Finds Electron, or downloads it. A download that brings nothing for 20 s is given up.
 *
 * @param {string} root
 * @param {(line: string) => void} say gets one line when there is something to download
 * @param {number} patience milliseconds in which a download must bring something
 * @returns {Promise<ElectronRuntime | Absent>}
 */
export async function ensureElectron(root, say, patience = NO_ANSWER_LIMIT) {
  const found = findElectron(root);
  if ('executable' in found || process.env['ELECTRON_OVERRIDE_DIST_PATH']) return found;
  say('Downloading the Electron runtime …');
  const reason = await download(root, patience);
  return reason === undefined
    ? findElectron(root)
    : { reason: `the Electron runtime could not be downloaded: ${reason}` };
}

/**
 * Runs the package's own installer. It tells nothing while it works, so its progress is read from the folders that it fills.
 *
 * @param {string} root
 * @param {number} patience
 * @returns {Promise<string | undefined>} why it failed
 */
async function download(root, patience) {
  const electron = path.join(root, 'node_modules', 'electron');
  const temporary = await mkdtemp(path.join(tmpdir(), 'tallyman-electron-'));
  const child = spawn(process.execPath, [path.join(electron, 'install.js')], {
    cwd: root,
    env: { ...process.env, TMPDIR: temporary, TMP: temporary, TEMP: temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
  const exit = new Promise((resolve) => child.on('exit', resolve));
  let code = /** @type {number | null | undefined} */ (undefined);
  void exit.then((value) => (code = value ?? -1));
  try {
    let size = -1;
    let grown = Date.now();
    while (code === undefined) {
      await Promise.race([exit, sleep(Math.min(500, patience))]);
      const next = (await bytesBelow(temporary)) + (await bytesBelow(path.join(electron, 'dist')));
      if (next !== size) grown = Date.now();
      size = next;
      if (code === undefined && Date.now() - grown > patience) {
        child.kill();
        await exit;
        return `no answer for ${patience / 1000} s`;
      }
    }
    return code === 0 ? undefined : reasonIn(complaint);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * The first line of what a failing program says that reads like a reason.
 *
 * @param {string} complaint
 */
function reasonIn(complaint) {
  const lines = complaint.split('\n').map((line) => line.trim());
  const said =
    lines.find((line) => /error/i.test(line) && !line.startsWith('at ')) ?? lines.find((line) => line !== '');
  const reason = (said ?? 'it did not say why').replace(/^(?:\w*Error: )+/, '').slice(0, 200);
  return reason === 'fetch failed' ? 'its site cannot be reached' : reason;
}

/**
 * @param {string} folder
 * @returns {Promise<number>} 0 when it is not there
 */
async function bytesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(
        async (entry) =>
          (await stat(path.join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size,
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** @param {string} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
