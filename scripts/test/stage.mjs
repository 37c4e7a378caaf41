import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * What one stage found.
 *
 * @typedef {{ readonly name: string, readonly passed: number, readonly failed: number, readonly skipped: number, readonly seconds: number, readonly notes: readonly string[] }} StageResult
 */

/** Children at work, ended with this process. */
const running = /** @type {Set<import('node:child_process').ChildProcess>} */ (new Set());

/** Ends what still runs when somebody stops the tests. */
export function stopChildrenOnSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => {
      for (const child of running) child.kill(signal);
      process.exit(1);
    });
  }
}

/**
 * Runs one command of a stage. Its output is kept and printed at once when it ends, so that commands side by side stay readable.
 *
 * @param {string} program
 * @param {readonly string[]} words
 * @param {{ cwd: string, environment?: NodeJS.ProcessEnv, live?: boolean }} options `live` prints as it comes
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function runCommand(program, words, { cwd, environment = {}, live = false }) {
  const child = spawn(program, words, {
    cwd,
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...environment },
    stdio: live ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => (output += text));
  child.on('error', (error) => (output += error.message));
  const [code] = await Promise.race([once(child, 'close'), once(child, 'error').then(() => [1])]);
  running.delete(child);
  return { code: code ?? 1, output };
}

/**
 * Prints the heading of a stage and what it said.
 *
 * @param {StageResult} result
 * @param {string} output
 */
export function printStage({ name, passed, failed, skipped, seconds, notes }, output) {
  const state = failed > 0 ? 'FAILED' : skipped > 0 ? 'passed, with skips' : 'passed';
  process.stdout.write(
    `\n── ${name}: ${state} (${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds.toFixed(1)} s)\n`,
  );
  if (output.trim() !== '') process.stdout.write(`${output.trimEnd()}\n`);
  for (const note of notes) process.stdout.write(`   ${note}\n`);
}
