import { randomUUID } from 'node:crypto';
import { hasEnded, type TransferState } from '../../shared/contract/transfer-words.ts';
import type { TransferItem, TransferJob, TransfersChanged } from '../../shared/contract/transfers.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { createAnnouncer } from './announcer.ts';
import { chooseNext } from './choose-next.ts';
import { runAttempt } from './job-attempt.ts';
import type { JobRequest, JobRunner, JobText } from './job-runner.ts';
import { recordsOf } from './journal-records.ts';
import {
  FORGET_LIMIT_MS,
  HISTORY_LIMIT,
  JOB_SIZE_LIMIT,
  JOURNAL_SIZE_LIMIT,
  PROGRESS_KEPT_INTERVAL_MS,
  UNFINISHED_JOBS_LIMIT,
} from './limits.ts';
import { QueuedJob } from './queued-job.ts';
import type { TransferJournal } from './transfer-journal.ts';

export interface TransferQueueOptions<Request extends JobRequest> {
  /** What the run before left; the queue closes it. */
  readonly journal: TransferJournal;
  readonly runner: JobRunner<Request>;
  /** A request that the journal kept; undefined when this version cannot read it. */
  readonly readRequest: (kept: unknown) => Request | undefined;
  /** Told what changed, a few times a second at most. */
  readonly onChange: (changes: TransfersChanged) => void;
  /** A job has ended and nothing of it runs any more; it may still be tried again. */
  readonly onEnded?: (request: Request) => void;
  /** What went wrong beside the jobs: the journal could not be written. */
  readonly onWarning?: (text: string) => void;
  /** The clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * Jobs that move content, one list for the whole program: some run, the others wait for them. It outlives the program: what had not
 * ended is found again as interrupted, and goes on where it stopped.
 */
export interface TransferQueue<Request extends JobRequest> {
  /**
   * Adds a job at the end. It is surely kept when this returns.
   * @throws TallymanError LIMIT when there are too many; UNREADABLE when the journal cannot be written.
   */
  add(request: Request, text: JobText): Promise<TransferJob>;
  /** Those that have not ended in the order in which they came, then the others, latest first. */
  list(): TransferJob[];
  /** @throws TallymanError NOT_FOUND. */
  items(id: string): TransferItem[];
  /** What all jobs are to do, ended ones included: what they name may still be needed. */
  requests(): { readonly request: Request; readonly state: TransferState }[];
  /** Stops what runs within half a second and keeps what can be continued. Does nothing to jobs that have ended or are paused. */
  pause(ids: readonly string[]): Promise<void>;
  /** Goes on with paused and interrupted jobs. */
  resume(ids: readonly string[]): Promise<void>;
  /** Ends jobs and lets go of what they have begun; returns when nothing of them is left. */
  cancel(ids: readonly string[]): Promise<void>;
  /** Puts failed and cancelled jobs into the queue again. */
  retry(ids: readonly string[]): Promise<void>;
  /** Forgets ended jobs: those named, or all. */
  clear(ids?: readonly string[]): Promise<void>;
  /** Stops what runs; the next start finds it interrupted. */
  close(): Promise<void>;
}

export async function openTransferQueue<Request extends JobRequest>(
  options: TransferQueueOptions<Request>,
): Promise<TransferQueue<Request>> {
  const { journal, runner, readRequest } = options;
  const now = options.now ?? Date.now;
  const jobs = new Map<string, QueuedJob<Request>>();
  const announcer = createAnnouncer(options.onChange, now);
  let closed = false;

  const write = async (job: QueuedJob<Request>, durable: boolean): Promise<void> => {
    try {
      await journal.append([job.stateRecord(), ...job.takeUploadRecords()], durable);
    } catch (error) {
      options.onWarning?.(error instanceof Error ? error.message : String(error));
    }
  };

  /** The new state is seen at once; it is on the disk when this returns. */
  const setState = async (job: QueuedJob<Request>, ...change: Parameters<QueuedJob<Request>['enter']>) => {
    job.enter(...change);
    // What continued it is worth nothing any more.
    if (job.state === 'done') job.dropUploads();
    announcer.changed(job);
    await write(job, true);
  };

  const startNext = (): void => {
    if (closed) return;
    for (let job = chooseNext(jobs.values()); job !== undefined; job = chooseNext(jobs.values())) start(job);
  };

  const start = (job: QueuedJob<Request>): void => {
    let keptAt = now();
    const attempt = runAttempt(job, {
      runner,
      onChange: () => {
        announcer.changed(job);
        if (now() - keptAt < PROGRESS_KEPT_INTERVAL_MS) return;
        keptAt = now();
        void write(job, false);
      },
      onState: (...change) => setState(job, ...change),
      onUploads: () => void write(job, false),
    });
    const settled = attempt.settled.then(() => {
      job.attempt = undefined;
      if (hasEnded(job.state)) options.onEnded?.(job.request);
    });
    job.attempt = { ...attempt, settled };
    void settled.then(forgetOld).then(startNext);
  };

  /** Does something to a job during which it must not begin again. */
  const holding = async (job: QueuedJob<Request>, work: () => Promise<void>): Promise<void> => {
    job.held += 1;
    try {
      await work();
    } finally {
      job.held -= 1;
    }
  };

  /** Stops an attempt and waits until nothing of it runs. */
  const stop = async (job: QueuedJob<Request>): Promise<void> => {
    job.attempt?.abort();
    await job.attempt?.settled;
  };

  /** Uploads that nobody will continue. */
  const forgetUploads = async (job: QueuedJob<Request>): Promise<void> => {
    const states = [...job.uploads.values()];
    if (states.length === 0) return;
    await runner
      .forget(job.request, states, { signal: AbortSignal.timeout(FORGET_LIMIT_MS) })
      .catch(() => undefined);
    job.dropUploads();
    await write(job, false);
  };

  const remove = async (gone: readonly QueuedJob<Request>[]): Promise<void> => {
    if (gone.length === 0) return;
    for (const job of gone) {
      jobs.delete(job.id);
      announcer.removed(job.id);
    }
    await Promise.all(gone.map(forgetUploads));
    await journal.append(
      gone.map(({ id }) => ({ what: 'removed', id })),
      true,
    );
  };

  const forgetOld = async (): Promise<void> => {
    const ended = [...jobs.values()].filter(({ state, attempt }) => hasEnded(state) && attempt === undefined);
    const over = ended.sort((left, right) => left.at - right.at).slice(0, -HISTORY_LIMIT);
    await remove(over).catch(() => undefined);
  };

  const named = (ids: readonly string[]): QueuedJob<Request>[] => ids.flatMap((id) => jobs.get(id) ?? []);

  for (const found of journal.found) {
    const request = readRequest(found.request);
    // Written by a version that knew another form: nothing can be done with it, and its history says nothing.
    if (request === undefined) await journal.append([{ what: 'removed', id: found.id }], false);
    else jobs.set(found.id, QueuedJob.found(found, request, now));
  }
  // Cancelled in the moment in which the program ended.
  for (const job of jobs.values())
    if (job.state === 'cancelled') void holding(job, () => forgetUploads(job)).then(startNext);

  return {
    async add(request, text) {
      refuseTooMany(jobs.values());
      const job = QueuedJob.added(randomUUID(), request, text, now);
      const records = recordsOf(job.kept());
      const size = JSON.stringify(records).length;
      if (size > JOB_SIZE_LIMIT || journal.liveSize + size > JOURNAL_SIZE_LIMIT / 2) throw tooLarge(size);
      await journal.append(records, true);
      jobs.set(job.id, job);
      announcer.changed(job);
      startNext();
      return job.view();
    },

    list() {
      const all = [...jobs.values()];
      const ended = all.filter(({ state }) => hasEnded(state)).sort((left, right) => right.at - left.at);
      return [...all.filter(({ state }) => !hasEnded(state)), ...ended].map((job) => job.view());
    },

    items(id) {
      const job = jobs.get(id);
      if (job === undefined)
        throw new TallymanError({ code: 'NOT_FOUND', message: 'There is no such transfer any more.' });
      return job.progress.shown();
    },

    requests: () => Array.from(jobs.values(), ({ request, state }) => ({ request, state })),

    async pause(ids) {
      await Promise.all(
        named(ids)
          .filter(({ state }) => state === 'waiting' || state === 'planning' || state === 'running')
          .map(async (job) => {
            job.enter('paused');
            announcer.changed(job);
            await stop(job);
            await write(job, true);
          }),
      );
      startNext();
    },

    async resume(ids) {
      await Promise.all(
        named(ids)
          .filter(({ state }) => state === 'paused' || state === 'interrupted')
          .map((job) => setState(job, 'waiting')),
      );
      startNext();
    },

    async cancel(ids) {
      await Promise.all(
        named(ids)
          .filter(({ state }) => !hasEnded(state))
          .map((job) =>
            holding(job, async () => {
              const ran = job.attempt !== undefined;
              job.enter('cancelled');
              announcer.changed(job);
              await stop(job);
              await write(job, true);
              await forgetUploads(job);
              if (!ran) options.onEnded?.(job.request);
            }),
          ),
      );
      startNext();
    },

    async retry(ids) {
      await Promise.all(
        named(ids)
          .filter(({ state }) => state === 'failed' || state === 'cancelled')
          .map((job) => setState(job, 'waiting')),
      );
      startNext();
    },

    async clear(ids) {
      const asked = ids === undefined ? [...jobs.values()] : named(ids);
      await remove(asked.filter(({ state }) => hasEnded(state)));
    },

    async close() {
      if (closed) return;
      closed = true;
      await Promise.all(
        Array.from(jobs.values(), async (job) => {
          if (job.attempt === undefined) return;
          await stop(job);
          await write(job, false);
        }),
      );
      announcer.close();
      await journal.close();
    },
  };
}

function refuseTooMany(jobs: Iterable<QueuedJob<JobRequest>>): void {
  const unfinished = [...jobs].filter(({ state }) => !hasEnded(state)).length;
  if (unfinished < UNFINISHED_JOBS_LIMIT) return;
  throw new TallymanError({
    code: 'LIMIT',
    message: `${UNFINISHED_JOBS_LIMIT} transfers have not ended yet.`,
    hint: 'Wait for some of them, or cancel them.',
    details: { limit: UNFINISHED_JOBS_LIMIT },
  });
}

function tooLarge(size: number): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The list of transfers has no room for this one (${size} bytes).`,
    hint: 'Name fewer files at once (a folder counts as one), and clear ended transfers.',
    details: { size, limit: JOB_SIZE_LIMIT },
  });
}
