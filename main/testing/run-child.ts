import { onTestFinished } from 'vitest';
import { startChild, type RunningChild } from './start-child.ts';

/** A child process of a test: it is killed when the test ends. */
export function runChild(program: string, order: unknown): RunningChild {
  const child = startChild(program, order);
  onTestFinished(() => {
    if (child.process.exitCode === null) child.process.kill('SIGKILL');
  });
  return child;
}
