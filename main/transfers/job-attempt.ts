import { setMaxListeners } from 'node:events';
import type { TransferState } from '../../shared/contract/transfer-words.ts';
import type { TransferResult } from '../../shared/contract/transfers.ts';
import { type ErrorData, toErrorData } from '../../shared/errors/tallyman-error.ts';
import type { JobContext, JobRequest, JobRunner } from './job-runner.ts';
import type { JobEnd, QueuedJob } from './queued-job.ts';

/** A job at work. */
export interface JobAttempt {
  /** Never rejects; nothing of the attempt runs any more when it resolves. */
  readonly settled: Promise<void>;
  abort(): void;
}

export interface AttemptOptions<Request extends JobRequest> {
  readonly runner: JobRunner<Request>;
  /** Something that a window shows has changed. */
  readonly onChange: () => void;
  /** The job is in another state; it goes on when that is kept. */
  readonly onState: (state: TransferState, end?: JobEnd) => Promise<void>;
  /** What continues the uploads has changed. */
  readonly onUploads: () => void;
}

/**
 * Plans a job and runs it. When it is aborted, its state stays what whoever aborted it made of it, unless all was done in that
 * very moment.
 */
export function runAttempt<Request extends JobRequest>(
  job: QueuedJob<Request>,
  { runner, onChange, onState, onUploads }: AttemptOptions<Request>,
): JobAttempt {
  const controller = new AbortController();
  const { signal } = controller;
  // One job has many blobs under way, each of which listens: no leak, and no reason for Node's warning.
  setMaxListeners(0, signal);

  const report: JobContext['report'] = {
    onItem(item) {
      job.noteItem(item);
      onChange();
    },
    resumeOf: (digest) => job.uploads.get(digest),
    onResumable(digest, state) {
      if (job.noteUpload(digest, state)) onUploads();
    },
  };

  const again = job.wasTried;
  job.wasTried = true;

  const work = async (): Promise<void> => {
    job.progress.begin();
    try {
      await onState('planning');
      const prepared = await runner.prepare(job.request, { signal, purpose: 'run' });
      try {
        signal.throwIfAborted();
        job.progress.expect(prepared.plan);
        await onState('running');
        signal.throwIfAborted();
        const result = await prepared.run({ signal, report, again });
        if (result.failed === 0) await onState('done', { result });
        else await onState('failed', { result, error: partlyFailed(result) });
      } finally {
        await prepared.close?.();
      }
    } catch (error) {
      if (!signal.aborted) await onState('failed', { error: toErrorData(error) });
    }
  };

  return { settled: work(), abort: () => controller.abort() };
}

/** What failed of a job that went on without it. */
function partlyFailed({ failed, sent, mounted, present, kept, notes }: TransferResult): ErrorData {
  const [first] = notes;
  const all = failed + sent + mounted + present + kept;
  return {
    code: first?.code ?? 'INTERNAL',
    message: `${failed} of ${all} could not be carried.${first === undefined ? '' : ` ${first.message}`}`,
    hint: first?.hint ?? 'Try it again: what is there already is not carried twice.',
  };
}
