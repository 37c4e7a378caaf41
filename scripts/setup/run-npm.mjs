import { spawn } from 'node:child_process';
import { untilExit } from './until-exit.mjs';

/**
 * Runs npm in `folder`; its output goes to stderr, so that stdout stays the program's own.
 *
 * @param {string} folder
 * @param {readonly string[]} words
 * @throws Error when npm fails; what went wrong is on stderr by then
 */
export async function runNpm(folder, words) {
  // Under npm its own script is named in the environment, which spares the differences between platforms.
  const script = process.env['npm_execpath'];
  const child =
    script?.endsWith('.js') === true
      ? spawn(process.execPath, [script, ...words], {
          cwd: folder,
          stdio: ['ignore', process.stderr, process.stderr],
        })
      : spawn('npm', words, {
          cwd: folder,
          stdio: ['ignore', process.stderr, process.stderr],
          shell: process.platform === 'win32',
        });
  const code = await untilExit(child);
  if (code !== 0)
    throw new Error(`npm ${words[0]} did not succeed (see above). Check the network and start again.`);
}
