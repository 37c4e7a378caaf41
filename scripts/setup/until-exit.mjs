import { once } from 'node:events';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Waits for a child, and hands it the signals that would end this process, so that none is left behind.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} exit code in the shell's manner: 128 + number for a signal
 */
export async function untilExit(child) {
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    const [code, signal] = /** @type {[number | null, NodeJS.Signals | null]} */ (await once(child, 'exit'));
    if (code !== null) return code;
    const { constants } = await import('node:os');
    return 128 + (signal === null ? 0 : constants.signals[signal]);
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}
