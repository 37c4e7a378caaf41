import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** `tallyman serve` as a process. */
export interface StartedServe {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly pid: number;
  /** Everything on stdout and stderr so far. */
  out(): string;
  err(): string;
  /** Sends a signal and waits for the end: the exit code, or the signal that ended it. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | string>;
  /** Bytes of memory in use, and the most there ever were; Linux only. */
  memory(): Promise<{ readonly now: number; readonly peak: number }>;
}

/**
 * Starts `program serve …` and waits until it is ready. It is killed when this process ends.
 * @param program - the bundled command line.
 * @throws Error with what it wrote when it ends instead.
 */
export async function startServe(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<StartedServe> {
  const child = spawn(process.execPath, [program, 'serve', ...words], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  let [out, err] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => {
      process.off('exit', endWithUs);
      resolve(code ?? signal ?? 'unknown');
    }),
  );
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes('\nReady')) resolve();
    });
    void ended.then((code) => reject(new Error(`serve ended with ${code}: ${err}`)));
  });
  const host = /http:\/\/([^/]+)\//.exec(out)?.[1] ?? '';
  const pid = child.pid ?? 0;
  return {
    host,
    pid,
    out: () => out,
    err: () => err,
    end(signal) {
      child.kill(signal);
      return ended;
    },
    async memory() {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const kilobytes = (field: string): number =>
        Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]);
      return { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 };
    },
  };
}
