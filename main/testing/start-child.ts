import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A child process whose lines are read as they come. Whoever starts it ends it. */
export interface RunningChild {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Lines of stdout so far. */
  readonly lines: readonly string[];
  /** Waits for the first line, or for one of that text. */
  line(text?: string): Promise<string>;
  /** Waits for the end: exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** What it wrote to stderr. */
  errors(): string;
}

/** Runs a bundled program with its order as its one argument. */
export function startChild(
  program: string,
  order: unknown,
  environment: NodeJS.ProcessEnv = process.env,
): RunningChild {
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment,
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => waiting.forEach((check) => check());
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.on('error', () => undefined); // it may end before it reads
  const ended = new Promise<number | string>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  );
  return {
    process: child,
    lines,
    line: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const found = lines.find((line) => text === undefined || line === text);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
        void ended.then(() => reject(new Error(`the child ended without ${text ?? 'a line'}: ${errors}`)));
      }),
    ended,
    errors: () => errors,
  };
}
