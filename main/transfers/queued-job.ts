import type { TransferState } from '../../shared/contract/transfer-words.ts';
import { hasEnded } from '../../shared/contract/transfer-words.ts';
import type { TransferItem, TransferJob, TransferResult } from '../../shared/contract/transfers.ts';
import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { CarriedItem } from '../content/transfer-report.ts';
import type { JobAttempt } from './job-attempt.ts';
import { JobProgress } from './job-progress.ts';
import type { JournalJob, JournalRecord } from './journal-records.ts';
import type { JobRequest, JobText } from './job-runner.ts';
import { RESUME_STATE_LIMIT, RESUME_STATES_LIMIT } from './limits.ts';

/** How a job ended. */
export interface JobEnd {
  readonly error?: ErrorData;
  readonly result?: TransferResult;
}

/** One job of the queue: its state, how far it is, and what continues its unfinished uploads. */
export class QueuedJob<Request extends JobRequest> {
  readonly id: string;
  readonly request: Request;
  readonly progress: JobProgress;
  /** What continues unfinished uploads, by digest. */
  readonly uploads: Map<string, string>;
  /** What is running; also for the moment in which it is being stopped. */
  attempt: JobAttempt | undefined;
  /** Whether there was an attempt before the next one, also in an earlier run of the program. */
  wasTried = false;
  /** More than 0 while something is let go of: it must not begin again meanwhile. */
  held = 0;
  readonly #text: JobText;
  readonly #created: number;
  readonly #now: () => number;
  readonly #changedUploads = new Set<string>();
  #state: TransferState;
  #at: number;
  #end: JobEnd;

  private constructor(kept: JournalJob, request: Request, now: () => number) {
    const { id, text, created, state, at, error, result, uploads, bytes, items } = kept;
    this.id = id;
    this.request = request;
    this.#text = text;
    this.#created = created;
    this.#now = now;
    this.#state = state;
    this.#at = at;
    this.#end = { ...(error === undefined ? {} : { error }), ...(result === undefined ? {} : { result }) };
    this.uploads = new Map(uploads);
    this.progress = new JobProgress(
      now,
      bytes === undefined || items === undefined ? undefined : { bytes, items },
    );
  }

  static added<Request extends JobRequest>(
    id: string,
    request: Request,
    text: JobText,
    now: () => number,
  ): QueuedJob<Request> {
    const created = now();
    const kept = { id, request, text, created, at: created, state: 'waiting', uploads: new Map() } as const;
    return new QueuedJob(kept, request, now);
  }

  /** A job of the run before: what had not ended was interrupted, unless a person paused it. */
  static found<Request extends JobRequest>(
    kept: JournalJob,
    request: Request,
    now: () => number,
  ): QueuedJob<Request> {
    const state = hasEnded(kept.state) || kept.state === 'paused' ? kept.state : 'interrupted';
    const job = new QueuedJob({ ...kept, state }, request, now);
    job.wasTried = true;
    return job;
  }

  get state(): TransferState {
    return this.#state;
  }

  /** Since when that is its state, in milliseconds since 1970. */
  get at(): number {
    return this.#at;
  }

  get lanes(): readonly string[] {
    return this.#text.lanes;
  }

  enter(state: TransferState, end: JobEnd = {}): void {
    this.#state = state;
    this.#at = this.#now();
    this.#end = end;
  }

  noteItem(item: CarriedItem): void {
    this.progress.note(item);
    const isThere = item.state === 'done' || item.state === 'present' || item.state === 'mounted';
    if (isThere && item.digest !== undefined && this.uploads.delete(item.digest))
      this.#changedUploads.add(item.digest);
  }

  /** @returns whether there is something to write down. */
  noteUpload(digest: Digest, state: string): boolean {
    if (state.length > RESUME_STATE_LIMIT || this.uploads.get(digest) === state) return false;
    if (this.uploads.size >= RESUME_STATES_LIMIT && !this.uploads.has(digest)) return false;
    this.uploads.set(digest, state);
    this.#changedUploads.add(digest);
    return true;
  }

  dropUploads(): void {
    for (const digest of this.uploads.keys()) this.#changedUploads.add(digest);
    this.uploads.clear();
  }

  /** What a window is told. */
  view(): TransferJob {
    const { title, from, to, place, command } = this.#text;
    const reference = place?.reference ?? this.#end.result?.digest;
    return {
      id: this.id,
      kind: this.request.kind,
      title,
      from,
      to,
      ...(place === undefined
        ? {}
        : { place: { target: { ...place.target }, ...(reference === undefined ? {} : { reference }) } }),
      state: this.#state,
      ...this.progress.facts(),
      ...(this.#state === 'running' ? this.progress.speed() : undefined),
      created: this.#created,
      ...(hasEnded(this.#state) ? { ended: this.#at } : {}),
      ...this.#end,
      ...(command === undefined ? {} : { command }),
    };
  }

  takeChangedItems(): TransferItem[] {
    return this.progress.takeChanged();
  }

  /** All of it, for the journal. */
  kept(): JournalJob {
    return {
      id: this.id,
      created: this.#created,
      request: this.request,
      text: this.#text,
      state: this.#state,
      at: this.#at,
      ...this.#end,
      ...this.progress.facts(),
      uploads: this.uploads,
    };
  }

  stateRecord(): JournalRecord {
    return {
      what: 'state',
      id: this.id,
      state: this.#state,
      at: this.#at,
      ...this.#end,
      ...this.progress.facts(),
    };
  }

  /** What changed of the uploads since the last time, for the journal. */
  takeUploadRecords(): JournalRecord[] {
    const records = Array.from(this.#changedUploads, (digest): JournalRecord => {
      const state = this.uploads.get(digest);
      return { what: 'upload', id: this.id, digest, ...(state === undefined ? {} : { state }) };
    });
    this.#changedUploads.clear();
    return records;
  }
}
