import type { TransferPlan, TransferResult } from '../../shared/contract/transfers.ts';
import type { JobContext, JobRunner } from '../transfers/job-runner.ts';

/** What a scripted job is to do. */
export interface ScriptedRequest {
  readonly kind: 'copy';
  readonly name: string;
}

export const EMPTY_PLAN: Omit<TransferPlan, 'command'> = {
  from: 'here',
  to: 'there',
  items: [],
  itemCount: 0,
  manifestCount: 0,
  bytes: 0,
  bytesPresent: 0,
  notes: [],
};

export const EMPTY_RESULT: TransferResult = {
  tags: [],
  sent: 0,
  mounted: 0,
  present: 0,
  kept: 0,
  failed: 0,
  manifests: 0,
  bytesSent: 0,
  notes: [],
};

/** One run of a scripted job, which waits for the test. */
export interface ScriptedRun {
  readonly name: string;
  readonly context: JobContext;
  end(result?: Partial<TransferResult>): void;
  fail(error: unknown): void;
}

/** A runner of which the test says when a job ends. It ends by itself when it is aborted. */
export interface ScriptedRunner extends JobRunner<ScriptedRequest> {
  /** Runs so far, ended ones included. */
  readonly runs: readonly ScriptedRun[];
  readonly running: number;
  /** What was let go of, as `name state`. */
  readonly forgotten: readonly string[];
  /** Waits until that many runs have begun. */
  begun(count: number): Promise<void>;
}

export function createScriptedRunner(): ScriptedRunner {
  const runs: ScriptedRun[] = [];
  const forgotten: string[] = [];
  let running = 0;
  let wake: () => void = () => undefined;

  return {
    runs,
    forgotten,
    get running() {
      return running;
    },
    async begun(count) {
      while (runs.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
    prepare: ({ name }) =>
      Promise.resolve({
        plan: EMPTY_PLAN,
        async run(context) {
          running += 1;
          try {
            return await new Promise<TransferResult>((resolve, reject) => {
              context.signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
              runs.push({
                name,
                context,
                end: (result = {}) => resolve({ ...EMPTY_RESULT, ...result }),
                fail: reject,
              });
              wake();
            });
          } finally {
            running -= 1;
          }
        },
      }),
    forget({ name }, states) {
      forgotten.push(...states.map((state) => `${name} ${state}`));
      return Promise.resolve();
    },
  };
}
