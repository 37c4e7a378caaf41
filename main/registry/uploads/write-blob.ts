import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { BlobSource, BlobWritten, WriteBlobOptions } from '../../content/target-writer.ts';
import { createBlobFeed } from './blob-feed.ts';
import { readResumeState, writeResumeState } from './resume-state.ts';
import { storeInChunks } from './store-in-chunks.ts';
import { storeWhole } from './store-whole.ts';
import { attempt, createUploadAllowance } from './upload-attempts.ts';
import { enterSession, refusedBlob, type UploadJob } from './upload-job.ts';
import type { UploadPlace } from './upload-place.ts';
import { cancelUpload, getUpload, uploadState, type UploadSession } from './upload-requests.ts';

/** Mistakes of the content itself: what was sent so far is worth nothing. */
const WRONG_CONTENT: ReadonlySet<string> = new Set(['DIGEST_MISMATCH', 'SIZE_MISMATCH']);

/**
 * Sends a blob that the repository does not have. When it cannot be finished, the registry is told to forget the upload, unless
 * the caller keeps what continues it (`onResumable`) and the content is not to blame.
 *
 * @param spare - an upload that the registry has opened for this blob already, instead of mounting it.
 * @throws TallymanError see `TargetWriter.writeBlob`; what the source throws.
 */
export async function sendBlob(
  place: UploadPlace,
  descriptor: Descriptor,
  source: BlobSource,
  options: WriteBlobOptions,
  spare?: UploadSession,
): Promise<BlobWritten> {
  const { signal, onProgress = () => undefined, onResumable, resume } = options;
  const { size } = descriptor;
  const isChunked = (): boolean => size > place.habits.wholeLimit;
  const feed = createBlobFeed(descriptor, source, signal, onProgress);
  const job: UploadJob = {
    place,
    descriptor,
    feed,
    allowance: createUploadAllowance(place.timings),
    signal,
    onProgress,
    onSession(session) {
      if (session === undefined || onResumable === undefined || !isChunked()) return;
      const state = writeResumeState(place, descriptor, session);
      if (state !== undefined) onResumable(state);
    },
    session: undefined,
    stored: 0,
    restarts: 0,
  };
  let keeps = false;
  try {
    if (spare !== undefined) enterSession(job, spare, 0);
    if (resume !== undefined && isChunked()) await goOn(job, resume);
    const whole = isChunked() ? 'too-large' : await storeWhole(job);
    if (whole === 'too-large') await storeInChunks(job);
    onProgress(size);
    return { outcome: 'stored', sent: feed.handedOut };
  } catch (error) {
    const cause = feed.fault?.error ?? error;
    keeps = onResumable !== undefined && isChunked() && !isAboutContent(cause);
    throw cause;
  } finally {
    await feed.close();
    if (job.session !== undefined && !keeps) await cancelUpload(place, job.session.location);
  }
}

function isAboutContent(error: unknown): boolean {
  return error instanceof TallymanError && WRONG_CONTENT.has(error.code);
}

/** Enters the upload of an earlier run, if the registry still knows it; trouble on the way there is no reason to begin anew. */
async function goOn(job: UploadJob, resume: string): Promise<void> {
  const { place, descriptor, allowance, signal } = job;
  const session = readResumeState(resume, place, descriptor);
  if (session === undefined) return;
  for (;;) {
    const tried = await attempt(() => getUpload(place, session.location, signal));
    if (tried.kind === 'answered') {
      const state = uploadState(tried.answer, session.location, place.client.host);
      if (state === undefined || (typeof state.stored === 'number' && state.stored > descriptor.size)) return;
      const stored = state.stored === 'none-or-one' ? 0 : state.stored;
      if (job.session !== undefined) await cancelUpload(place, job.session.location);
      enterSession(job, { ...session, location: state.location }, stored);
      return;
    }
    await allowance.waitAfter(tried, (answer) => refusedBlob(job, answer), signal);
  }
}
