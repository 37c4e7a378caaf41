import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Milliseconds after which a program is ended: nothing here takes nearly as long. */
const TIME_LIMIT = 10 * 60_000;

/** Milliseconds between two looks at the memory of a running program. */
const LOOK_INTERVAL = 50;

/** What a run of a program took. */
export interface BoundedRun {
  /** Milliseconds from its start to its end. */
  readonly time: number;
  /** Most bytes of memory that it ever had (Linux; elsewhere not a number). */
  readonly peak: number;
}

/**
 * Runs a program to its end in a folder, with the settings of nobody.
 * @returns milliseconds from its start to its end.
 * @throws Error with what it wrote when it fails or takes longer than ten minutes.
 */
export async function runBounded(program: string, words: readonly string[], folder: string): Promise<number> {
  return (await runMeasured(program, words, folder)).time;
}

/** The same, with the memory that it had. */
export async function runMeasured(
  program: string,
  words: readonly string[],
  folder: string,
): Promise<BoundedRun> {
  const start = performance.now();
  const running = run(program, [...words], {
    cwd: folder,
    env: { ...process.env, HOME: folder, DOCKER_CONFIG: folder },
    maxBuffer: 1 << 26,
    timeout: TIME_LIMIT,
    killSignal: 'SIGKILL',
  });
  let peak = Number.NaN;
  const looking = setInterval(() => {
    // Just after its end there is nothing to read any more.
    readFile(`/proc/${running.child.pid ?? 0}/status`, 'utf8').then(
      (status) => {
        const kilobytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
        if (kilobytes !== undefined) peak = Number(kilobytes) * 1024;
      },
      () => undefined,
    );
  }, LOOK_INTERVAL);
  try {
    await running;
    return { time: performance.now() - start, peak };
  } finally {
    clearInterval(looking);
  }
}

/** Waits until what was written before is on the disk, so that one run does not pay for the one before it. */
export async function settleDisk(): Promise<void> {
  if (process.platform === 'win32') return;
  await run('sync', [], { timeout: TIME_LIMIT });
}
