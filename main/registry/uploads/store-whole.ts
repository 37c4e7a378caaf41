import { readAll } from '../../content/verify-content.ts';
import { registryCodeOf } from '../answers/failed-answer.ts';
import { SMALL_BLOB_BYTES } from '../http/network-limits.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { SINGLE_POST_PROBE_BYTES, SMALLEST_CHUNK_BYTES } from './upload-limits.ts';
import {
  checkStored,
  enterSession,
  leaveSession,
  lostUpload,
  openSession,
  refusedBlob,
  saysStored,
  trySending,
  type UploadJob,
} from './upload-job.ts';
import { headBlob, openedUpload, postBlob, putBlob } from './upload-requests.ts';

/**
 * Sends a blob in one request: with the opening POST where the registry takes that and the blob is small, else by POST and
 * PUT. After trouble the registry is asked whether it has the blob; if not, it is sent again to a new upload.
 *
 * @returns `too-large` when the registry does not take so much at once.
 */
export async function storeWhole(job: UploadJob): Promise<'stored' | 'too-large'> {
  const { place, descriptor, feed, signal } = job;
  const { digest, size } = descriptor;
  const bytes = size <= SMALL_BLOB_BYTES ? await readAll(feed.read(0, size), size) : undefined;
  if (bytes !== undefined && (await storeByPost(job, bytes))) return 'stored';
  for (;;) {
    const { location } = await openSession(job);
    const body = bytes ?? { length: size, open: () => feed.read(0, size) };
    const tried = await trySending(job, () => putBlob(place, location, digest, body, signal));
    if (tried.kind === 'answered') {
      const { answer } = tried;
      if (saysStored(answer)) return stored(job, answer);
      if (answer.status === 413 && size > SMALLEST_CHUNK_BYTES) {
        place.habits.wholeLimit = Math.min(place.habits.wholeLimit, Math.floor(size / 2));
        await leaveSession(job, () => refusedBlob(job, answer));
        return 'too-large';
      }
      if (answer.status !== 404 || registryCodeOf(answer) === 'NAME_UNKNOWN') throw refusedBlob(job, answer);
    } else {
      await job.allowance.waitAfter(tried, (answer) => refusedBlob(job, answer), signal);
    }
    if (await headBlob(place, descriptor, signal)) return stored(job);
    await leaveSession(job, () => lostUpload(job));
  }
}

/** False when the registry does not take it so: then it may have opened an upload instead, which is used. */
async function storeByPost(job: UploadJob, bytes: Uint8Array): Promise<boolean> {
  const { place, descriptor, signal } = job;
  const { habits, client } = place;
  const limit = habits.singlePost === 'taken' ? SMALL_BLOB_BYTES : SINGLE_POST_PROBE_BYTES;
  while (job.session === undefined && habits.singlePost !== 'refused' && bytes.byteLength <= limit) {
    const tried = await trySending(job, () => postBlob(place, descriptor.digest, bytes, signal));
    if (tried.kind === 'answered') {
      const { answer } = tried;
      if (answer.status === 202) {
        habits.singlePost = 'refused';
        enterSession(job, openedUpload(answer, client.host), 0);
        return false;
      }
      if (saysStored(answer)) {
        habits.singlePost = 'taken';
        stored(job, answer);
        return true;
      }
      if (isAboutTheBlob(answer)) throw refusedBlob(job, answer);
      // Whatever it does not like: the usual way is the one that every registry knows.
      habits.singlePost = 'refused';
      return false;
    }
    await job.allowance.waitAfter(tried, (answer) => refusedBlob(job, answer), signal);
    if (await headBlob(place, descriptor, signal)) {
      stored(job);
      return true;
    }
  }
  return false;
}

/** Refusals that would be the same on the usual way. */
function isAboutTheBlob(answer: WholeAnswer): boolean {
  const { status } = answer;
  return status === 403 || status === 413 || status === 507 || registryCodeOf(answer) === 'NAME_UNKNOWN';
}

function stored(job: UploadJob, answer?: WholeAnswer): 'stored' {
  if (answer !== undefined) checkStored(job, answer);
  job.session = undefined;
  job.onProgress(job.descriptor.size);
  return 'stored';
}
