import { Worker } from 'node:worker_threads';
import { stepsTogether, type StepsTogether } from './steps-together.ts';

/** Threads at a time: as many as Node's own for files. Each waits for the disk by itself. */
const THREADS = 4;

/** Milliseconds without work after which the threads end, and give back their memory. */
const IDLE_TIME = 10_000;

/** Megabytes of memory that a thread manages itself; content lies outside. */
const THREAD_MEMORY = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

type StepName = keyof StepsTogether;

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
}

interface Job {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

interface Reply {
  readonly id: number;
  readonly value?: never;
  readonly error?: { readonly code?: string; readonly message: string };
}

/**
 * Threads that take `StepsTogether`. Node's own calls hand each single step to a thread and back, which for a small file costs
 * more than the steps. They keep the program running only while there is work.
 */
export class StepThreads {
  #threads: readonly Thread[] = [];
  #lastId = 0;
  #running = 0;
  #idle: NodeJS.Timeout | undefined;

  /** @throws Error with the `code` of the system call that failed. */
  run<Name extends StepName>(
    name: Name,
    job: Parameters<StepsTogether[Name]>[0],
  ): Promise<ReturnType<StepsTogether[Name]>> {
    clearTimeout(this.#idle);
    const thread = this.#free();
    this.#lastId += 1;
    const id = this.#lastId;
    this.#running += 1;
    return new Promise<ReturnType<StepsTogether[Name]>>((resolve, reject) => {
      if (thread.jobs.size === 0) thread.worker.ref();
      thread.jobs.set(id, { resolve, reject });
      thread.worker.postMessage({ id, name, job });
    }).finally(() => {
      this.#running -= 1;
      if (this.#running > 0) return;
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#end(), IDLE_TIME).unref();
    });
  }

  /** The thread with the least work, or a new one while all have some. */
  #free(): Thread {
    let best = this.#threads[0];
    for (const thread of this.#threads) if (thread.jobs.size < (best?.jobs.size ?? 0)) best = thread;
    if (best !== undefined && (best.jobs.size === 0 || this.#threads.length === THREADS)) return best;
    const started = this.#start();
    this.#threads = [...this.#threads, started];
    return started;
  }

  #start(): Thread {
    const worker = new Worker(PROGRAM, { eval: true, resourceLimits: THREAD_MEMORY });
    const thread: Thread = { worker, jobs: new Map() };
    const fail = (error: Error): void => {
      this.#threads = this.#threads.filter((each) => each !== thread);
      for (const { reject } of thread.jobs.values()) reject(error);
      thread.jobs.clear();
    };
    worker.on('message', ({ id, value, error }: Reply) => {
      const job = thread.jobs.get(id);
      thread.jobs.delete(id);
      if (thread.jobs.size === 0) worker.unref();
      if (error === undefined) job?.resolve(value as never);
      else job?.reject(Object.assign(new Error(error.message), { code: error.code }));
    });
    worker.on('error', (error) => fail(Object.assign(error, { code: 'EIO' })));
    worker.on('exit', () => fail(Object.assign(new Error('a thread for files ended'), { code: 'EIO' })));
    return thread;
  }

  #end(): void {
    const ended = this.#threads;
    this.#threads = [];
    for (const { worker } of ended) void worker.terminate();
  }
}

const PROGRAM = `
const { parentPort } = require('node:worker_threads');
const steps = (${stepsTogether.toString()})(require('node:fs'));
parentPort.on('message', ({ id, name, job }) => {
  try {
    const value = steps[name](job);
    const bytes = value?.bytes;
    parentPort.postMessage({ id, value }, bytes === undefined ? [] : [bytes.buffer]);
  } catch (error) {
    parentPort.postMessage({ id, error: { code: error.code, message: error.message } });
  }
});
`;
