import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { digestAlgorithm } from '../../../shared/oci/digest.ts';
import { refusedChange } from '../answers/refused-change.ts';
import { isConnectFailure } from '../http/network-failure.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { announcedDigest } from '../manifests/fetch-manifest.ts';
import type { BlobFeed } from './blob-feed.ts';
import { attempt, type Attempted, type UploadAllowance } from './upload-attempts.ts';
import { UPLOAD_RESTARTS } from './upload-limits.ts';
import { pushingBlob, type UploadPlace } from './upload-place.ts';
import { cancelUpload, openedUpload, postUpload, type UploadSession } from './upload-requests.ts';

/** One blob on its way. */
export interface UploadJob {
  readonly place: UploadPlace;
  readonly descriptor: Descriptor;
  readonly feed: BlobFeed;
  readonly allowance: UploadAllowance;
  readonly signal: AbortSignal;
  /** Told how many bytes the place has. */
  readonly onProgress: (written: number) => void;
  /** Told where the upload is, after every change; undefined when it is over. */
  readonly onSession: (session: UploadSession | undefined, stored: number) => void;
  /** What is open at the registry, to be closed or cancelled. */
  session: UploadSession | undefined;
  /** Bytes that are in it already. */
  stored: number;
  restarts: number;
}

/** The error for an answer that refuses the blob. */
export function refusedBlob({ place, descriptor }: UploadJob, answer: WholeAnswer): TallymanError {
  return refusedChange(answer, { tried: pushingBlob(place, descriptor), action: 'push' }, place.client);
}

/**
 * Sends one request of the job.
 * @throws what the source did wrong, rather than what the network made of it; else as `attempt`.
 */
export async function trySending(job: UploadJob, send: () => Promise<WholeAnswer>): Promise<Attempted> {
  try {
    const tried = await attempt(send);
    if (job.feed.fault === undefined) return tried;
  } catch (error) {
    if (job.feed.fault === undefined) throw error;
  }
  throw job.feed.fault.error;
}

/**
 * The open upload of the job; a new one when there is none. A POST whose answer is lost is sent once more: at worst the
 * registry has an empty upload too many.
 */
export async function openSession(job: UploadJob): Promise<UploadSession> {
  if (job.session !== undefined) return job.session;
  const { place, descriptor, signal, allowance } = job;
  for (let doubtful = 0; ;) {
    const tried = await attempt(() => postUpload(place, descriptor.digest, signal));
    if (tried.kind === 'answered') {
      if (tried.answer.status >= 300) throw refusedBlob(job, tried.answer);
      return enterSession(job, openedUpload(tried.answer, place.client.host), 0);
    }
    const isSafe =
      tried.kind === 'lost'
        ? isConnectFailure(tried.error)
        : tried.answer.status === 429 || tried.answer.status === 503;
    if (!isSafe) doubtful += 1;
    if (doubtful > 1) throw tried.kind === 'lost' ? tried.error : refusedBlob(job, tried.answer);
    await allowance.waitAfter(tried, (answer) => refusedBlob(job, answer), signal);
  }
}

/** Notes where the upload is now. */
export function enterSession(job: UploadJob, session: UploadSession, stored: number): UploadSession {
  job.session = session;
  job.stored = stored;
  job.onSession(session, stored);
  job.onProgress(stored);
  return session;
}

/**
 * Gives up the open upload, to begin anew.
 * @param reason - thrown when the blob was begun anew too often.
 */
export async function leaveSession(job: UploadJob, reason: () => TallymanError): Promise<void> {
  const { session, place } = job;
  job.session = undefined;
  job.stored = 0;
  job.onSession(undefined, 0);
  job.onProgress(0);
  job.restarts += 1;
  if (session !== undefined) await cancelUpload(place, session.location);
  if (job.restarts > UPLOAD_RESTARTS) throw reason();
}

/** The error when uploads get lost again and again. */
export function lostUpload({ place, descriptor }: UploadJob): TallymanError {
  return new TallymanError({
    code: 'REGISTRY_ERROR',
    message: `${pushingBlob(place, descriptor)}: the upload was lost ${UPLOAD_RESTARTS} times.`,
    hint: 'Several servers behind one name that do not share their uploads look like this. Ask whoever runs the registry.',
  });
}

/** True for the answers by which registries say that a blob is stored (quirk M7). */
export function saysStored({ status }: WholeAnswer): boolean {
  return status === 200 || status === 201 || status === 204;
}

/** @throws TallymanError DIGEST_MISMATCH when the registry names what it stored differently. */
export function checkStored({ place, descriptor }: UploadJob, answer: WholeAnswer): void {
  const named = announcedDigest(answer);
  if (named === undefined || named === descriptor.digest) return;
  if (digestAlgorithm(named) !== digestAlgorithm(descriptor.digest)) return;
  throw new TallymanError({
    code: 'DIGEST_MISMATCH',
    message: `${pushingBlob(place, descriptor)}: it was stored as ${named}.`,
    hint: 'The content was changed on the way. Ask whoever runs the registry, or the proxy in front of it.',
    details: { expected: descriptor.digest, actual: named },
  });
}
