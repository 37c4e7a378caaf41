import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds in which a download must bring something. */
export const NO_ANSWER_LIMIT = 20_000;

/**
 * Runs a program that downloads, and gives it up when nothing arrives. Such programs tell little while they work, so their progress
 * is read from the folders that they fill; their temporary files go to a folder of their own, which is removed afterwards.
 *
 * @param {string} program
 * @param {readonly string[]} words
 * @param {object} options
 * @param {string} options.cwd
 * @param {readonly string[]} options.fills folders in which the download ends
 * @param {NodeJS.ProcessEnv} [options.environment] beside the process's own
 * @param {number} [options.patience] milliseconds
 * @returns {Promise<string | undefined>} why it failed
 */
export async function runWithPatience(
  program,
  words,
  { cwd, fills, environment = {}, patience = NO_ANSWER_LIMIT },
) {
  const temporary = await mkdtemp(path.join(tmpdir(), 'tallyman-download-'));
  const child = spawn(program, words, {
    cwd,
    env: { ...process.env, ...environment, TMPDIR: temporary, TMP: temporary, TEMP: temporary },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A program of its own children (npm) is ended with all of them.
    detached: process.platform !== 'win32',
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
  let code = /** @type {number | undefined} */ (undefined);
  const exit = new Promise((resolve) => {
    child.on('error', (error) => {
      complaint += error.message;
      resolve((code = -1));
    });
    child.on('exit', (value) => resolve((code = value ?? -1)));
  });
  const stop = () => {
    try {
      if (child.pid !== undefined && code === undefined)
        process.kill(process.platform === 'win32' ? child.pid : -child.pid);
    } catch {
      // it has just ended by itself
    }
  };
  // The detached group does not hear Ctrl-C.
  const quit = () => {
    stop();
    process.exit(130);
  };
  process.on('SIGINT', quit).on('SIGTERM', quit);
  try {
    let size = -1;
    let grown = Date.now();
    while (code === undefined) {
      await Promise.race([exit, sleep(Math.min(500, patience))]);
      const sizes = await Promise.all([temporary, ...fills].map(bytesBelow));
      const next = sizes.reduce((sum, each) => sum + each, 0);
      if (next !== size) grown = Date.now();
      size = next;
      if (code === undefined && Date.now() - grown > patience) {
        stop();
        await exit;
        return `no answer for ${patience / 1000} s`;
      }
    }
    return code === 0 ? undefined : reasonIn(complaint);
  } finally {
    process.off('SIGINT', quit).off('SIGTERM', quit);
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
