import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Milliseconds after which a program is ended: nothing here takes nearly as long. */
const TIME_LIMIT = 10 * 60_000;

/**
 * Runs a program to its end in a folder, with the settings of nobody.
 * @returns milliseconds from its start to its end.
 * @throws Error with what it wrote when it fails or takes longer than ten minutes.
 */
export async function runBounded(program: string, words: readonly string[], folder: string): Promise<number> {
  const start = performance.now();
  await run(program, [...words], {
    cwd: folder,
    env: { ...process.env, HOME: folder, DOCKER_CONFIG: folder },
    maxBuffer: 1 << 26,
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
  });
  return performance.now() - start;
}

/** Waits until what was written before is on the disk, so that one run does not pay for the one before it. */
export async function settleDisk(): Promise<void> {
  if (process.platform === 'win32') return;
  await run('sync', [], { timeout: TIME_LIMIT });
}
