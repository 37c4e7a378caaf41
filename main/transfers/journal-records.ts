import { z } from 'zod';
import { errorSchema, targetAddressSchema } from '../../shared/contract/common.ts';
import { TRANSFER_STATES, type TransferState } from '../../shared/contract/transfer-words.ts';
import { transferResultSchema, type TransferResult } from '../../shared/contract/transfers.ts';
import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { JobText } from './job-runner.ts';
import { RESUME_STATE_LIMIT } from './limits.ts';

/** The first line of a journal. */
export const JOURNAL_HEADER = { tallyman: 'transfers', version: 1 } as const;

const id = z.string().max(64);
const count = z.number().nonnegative();

const recordSchema = z.discriminatedUnion('what', [
  z.object({
    what: z.literal('job'),
    id,
    created: z.number(),
    request: z.unknown(),
    text: z.object({
      title: z.string(),
      from: z.string(),
      to: z.string(),
      place: z.object({ target: targetAddressSchema, reference: z.string().exactOptional() }).exactOptional(),
      command: z.string().exactOptional(),
      lanes: z.array(z.string()),
    }),
  }),
  z.object({
    what: z.literal('state'),
    id,
    state: z.enum(TRANSFER_STATES),
    at: z.number(),
    error: errorSchema.exactOptional(),
    result: transferResultSchema.exactOptional(),
    bytes: z.object({ done: count, total: count }).exactOptional(),
    items: z.object({ done: count, total: count }).exactOptional(),
  }),
  /** What continues the upload of one blob; without it, nothing does any more. */
  z.object({
    what: z.literal('upload'),
    id,
    digest: z.string().max(256),
    state: z.string().max(RESUME_STATE_LIMIT).exactOptional(),
  }),
  z.object({ what: z.literal('removed'), id }),
]);

/** One line of a journal. */
export type JournalRecord = z.infer<typeof recordSchema>;

/** A job as a journal tells it. */
export interface JournalJob {
  readonly id: string;
  readonly created: number;
  readonly request: unknown;
  readonly text: JobText;
  readonly state: TransferState;
  /** When that became its state. */
  readonly at: number;
  readonly error?: ErrorData;
  readonly result?: TransferResult;
  readonly bytes?: { readonly done: number; readonly total: number };
  readonly items?: { readonly done: number; readonly total: number };
  /** What continues unfinished uploads, by digest. */
  readonly uploads: ReadonlyMap<string, string>;
}

/** The record of a line; undefined when the line is none: torn, of zeros, or of another program. */
export function parseRecord(line: string): JournalRecord | undefined {
  const parsed = recordSchema.safeParse(parseJson(line));
  return parsed.success ? parsed.data : undefined;
}

/** What the first line says: this version, a newer one, or no journal at all. */
export function parseHeader(line: string): 'this' | 'newer' | 'other' {
  const header = z
    .object({ tallyman: z.literal(JOURNAL_HEADER.tallyman), version: z.number() })
    .safeParse(parseJson(line));
  if (!header.success) return 'other';
  return header.data.version === JOURNAL_HEADER.version ? 'this' : 'newer';
}

/** Follows the records of a journal, so that what is left at the end are the jobs. Records of jobs that are gone say nothing. */
export function applyRecord(jobs: Map<string, JournalJob>, record: JournalRecord): void {
  if (record.what === 'job') {
    const { created, request, text } = record;
    jobs.set(record.id, {
      id: record.id,
      created,
      request,
      text,
      state: 'waiting',
      at: created,
      uploads: new Map(),
    });
    return;
  }
  const job = jobs.get(record.id);
  if (job === undefined) return;
  switch (record.what) {
    case 'removed':
      jobs.delete(record.id);
      return;
    case 'upload': {
      const uploads = new Map(job.uploads);
      if (record.state === undefined) uploads.delete(record.digest);
      else uploads.set(record.digest, record.state);
      jobs.set(job.id, { ...job, uploads });
      return;
    }
    case 'state': {
      const { state, at, error, result, bytes = job.bytes, items = job.items } = record;
      const { id: jobId, created, request, text, uploads } = job;
      jobs.set(job.id, {
        ...{ id: jobId, created, request, text, uploads, state, at },
        ...(error === undefined ? {} : { error }),
        ...(result === undefined ? {} : { result }),
        ...(bytes === undefined ? {} : { bytes }),
        ...(items === undefined ? {} : { items }),
      });
    }
  }
}

/** The records that tell a job as it is now. */
export function recordsOf(job: JournalJob): JournalRecord[] {
  const { id: jobId, created, request, text, state, at, error, result, bytes, items, uploads } = job;
  return [
    { what: 'job', id: jobId, created, request, text: { ...text, lanes: [...text.lanes] } },
    {
      what: 'state',
      id: jobId,
      state,
      at,
      ...(error === undefined ? {} : { error }),
      ...(result === undefined ? {} : { result }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(items === undefined ? {} : { items }),
    },
    ...Array.from(uploads, ([digest, upload]) => ({
      what: 'upload' as const,
      id: jobId,
      digest,
      state: upload,
    })),
  ];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
