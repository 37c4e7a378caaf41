import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { Fifo } from './fifo.ts';

/** `soon` tasks start before `later` ones; within both, first come, first served. */
export type TaskPriority = 'soon' | 'later';

/** Runs questions to one place, never more than a fixed number at once. */
export interface TaskPool {
  /** Tasks that run or wait. */
  readonly pending: number;
  /**
   * Runs `task` as soon as a place is free. Rejects with CANCELLED, without starting it, once the signal was aborted.
   */
  run<Result>(task: () => Promise<Result>, priority?: TaskPriority): Promise<Result>;
}

interface WaitingTask {
  readonly start: () => void;
  readonly refuse: (error: unknown) => void;
}

/** A pool of `concurrency` places that stops at once when `signal` is aborted. */
export function createTaskPool(concurrency: number, signal: AbortSignal): TaskPool {
  const soon = new Fifo<WaitingTask>();
  const later = new Fifo<WaitingTask>();
  let running = 0;

  const startNext = (): void => {
    while (running < concurrency) {
      const task = soon.take() ?? later.take();
      if (task === undefined) return;
      running += 1;
      task.start();
    }
  };

  signal.addEventListener(
    'abort',
    () => {
      for (let task = soon.take() ?? later.take(); task !== undefined; task = soon.take() ?? later.take()) {
        task.refuse(cancelled());
      }
    },
    { once: true },
  );

  return {
    get pending() {
      return running + soon.length + later.length;
    },
    run<Result>(task: () => Promise<Result>, priority: TaskPriority = 'soon') {
      return new Promise<Result>((resolve, reject) => {
        if (signal.aborted) {
          reject(cancelled());
          return;
        }
        const start = (): void => {
          // A task that throws before its first await must free its place as well.
          const attempt = new Promise<Result>((begin) => begin(task()));
          const settled = (): void => {
            running -= 1;
            startNext();
          };
          attempt.then(settled, settled);
          resolve(attempt);
        };
        (priority === 'soon' ? soon : later).add({ start, refuse: reject });
        startNext();
      });
    },
  };
}

/** The error of work that was stopped by its signal. */
export function cancelled(): TallymanError {
  return new TallymanError({ code: 'CANCELLED', message: 'Cancelled.' });
}
