import { spawn } from 'node:child_process';
import path from 'node:path';
import { untilExit } from '../setup/until-exit.mjs';

/**
 * Serves the window on loopback until it is stopped.
 *
 * @param {{ root: string, folder: string, words: readonly string[] }} options `folder`: where the person stands
 * @returns {Promise<number>} exit code
 */
export function runWebHost({ root, folder, words }) {
  const host = path.join(root, 'dist', 'loopback', 'serve.mjs');
  return untilExit(spawn(process.execPath, [host, ...words], { cwd: folder, stdio: 'inherit' }));
}
