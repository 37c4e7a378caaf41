import type { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { registryCodeOf } from '../answers/failed-answer.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { parseStoredRange } from './stored-range.ts';
import { attempt, type Attempted } from './upload-attempts.ts';
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
import { SMALLEST_CHUNK_BYTES } from './upload-limits.ts';
import { uploadLocation } from './upload-location.ts';
import {
  getUpload,
  headBlob,
  patchUpload,
  putBlob,
  uploadState,
  type UploadSession,
} from './upload-requests.ts';

/** Requests in a row that did not bring the upload forward although the registry answered them. */
const STUMBLES_LIMIT = 20;

const NOTHING = new Uint8Array();

/**
 * Sends a blob in parts and closes the upload (distribution-spec, Pushing a blob in chunks). Every request goes to the place
 * the one before named. A part whose answer is lost is never sent blindly again: the registry is asked how much it has.
 */
export async function storeInChunks(job: UploadJob): Promise<void> {
  const { place, descriptor } = job;
  const resumed = job.stored > 0;
  let stumbles = 0;
  for (;;) {
    const session = await openSession(job);
    const before = job.stored;
    const outcome = before < descriptor.size ? await sendPart(job, session) : await close(job, session);
    if (outcome === 'stored') return;
    if (outcome === 'lost') {
      if (await headBlob(place, descriptor, job.signal)) {
        job.session = undefined;
        return;
      }
      await leaveSession(job, () => lostUpload(job));
    } else if (outcome !== 'moved') {
      // The bytes of an earlier run may be those of another version of the file: once more from the beginning.
      if (!resumed || job.restarts > 0) throw outcome;
      await leaveSession(job, () => outcome);
    }
    stumbles = job.stored > before ? 0 : stumbles + 1;
    if (stumbles > STUMBLES_LIMIT) throw lostUpload(job);
  }
}

/** `moved`: look again; `lost`: the registry does not know the upload any more; an error: its content is wrong. */
type Outcome = 'stored' | 'moved' | 'lost' | TallymanError;

async function sendPart(job: UploadJob, session: UploadSession): Promise<Outcome> {
  const { place, descriptor, feed, signal, stored } = job;
  const { location } = session;
  const length = Math.min(Math.max(place.habits.chunkLimit, session.chunkMinimum), descriptor.size - stored);
  const body = { length, open: () => feed.read(stored, stored + length) };
  const tried = await trySending(job, () => patchUpload(place, location, stored, body, signal));
  if (tried.kind !== 'answered') return waitAndAsk(job, session, tried);
  const { answer } = tried;
  const { status } = answer;
  if (status >= 200 && status < 300) return takeAnswer(job, session, answer, stored + length);
  if (status === 413 || status === 416) {
    const outcome = await ask(job, session);
    if (outcome !== 'moved' || job.stored !== stored) return outcome;
    // The registry is where we thought it was, so it is the length that it does not like (quirk B2).
    if (cutParts(job, session, length)) return 'moved';
    if (status === 413) throw refusedBlob(job, answer);
    // Its "0-0" was one byte and not none, or it is confused.
    if (stored > 0) return 'lost';
    enterSession(job, session, 1);
    return 'moved';
  }
  if (isUnknownUpload(answer)) return 'lost';
  throw refusedBlob(job, answer);
}

/** Halves the parts for this registry from now on; false when they are as small as they get. */
function cutParts({ place }: UploadJob, session: UploadSession, length: number): boolean {
  const smallest = Math.max(SMALLEST_CHUNK_BYTES, session.chunkMinimum);
  if (length <= smallest) return false;
  place.habits.chunkLimit = Math.max(smallest, Math.floor(length / 2));
  return true;
}

/** A part was taken: all of it, unless the registry says otherwise. */
async function takeAnswer(
  job: UploadJob,
  session: UploadSession,
  answer: WholeAnswer,
  sentTo: number,
): Promise<Outcome> {
  const location = uploadLocation(answer, job.place.client.host) ?? session.location;
  const next = { ...session, location };
  const range = parseStoredRange(answer.headers.first('range'));
  const stored = range === undefined ? sentTo : range.stored === 'none-or-one' ? 1 : range.stored;
  if (stored < job.stored || stored > sentTo || (range?.stored === 'none-or-one' && sentTo > 1))
    return ask(job, next);
  job.allowance.earn(stored - job.stored);
  enterSession(job, next, stored);
  return 'moved';
}

async function waitAndAsk(
  job: UploadJob,
  session: UploadSession,
  failure: Exclude<Attempted, { readonly kind: 'answered' }>,
): Promise<Outcome> {
  await job.allowance.waitAfter(failure, (answer) => refusedBlob(job, answer), job.signal);
  return ask(job, session);
}

/**
 * Asks the registry how much it has and goes on there. `0-0` says one byte as well as none (distribution-spec has no other way):
 * it is taken for none until that turns out to be wrong.
 */
async function ask(job: UploadJob, session: UploadSession): Promise<Outcome> {
  const { place, descriptor, signal, allowance } = job;
  for (;;) {
    const tried = await attempt(() => getUpload(place, session.location, signal));
    if (tried.kind === 'answered') {
      const state = uploadState(tried.answer, session.location, place.client.host);
      if (state === undefined) return 'lost';
      const stored = state.stored === 'none-or-one' ? Math.min(job.stored, 1) : state.stored;
      if (stored > descriptor.size) return 'lost';
      allowance.earn(Math.max(0, stored - job.stored));
      enterSession(job, { ...session, location: state.location }, stored);
      return 'moved';
    }
    await allowance.waitAfter(tried, (answer) => refusedBlob(job, answer), signal);
  }
}

/** `PUT` without a body. */
async function close(job: UploadJob, session: UploadSession): Promise<Outcome> {
  const { place, descriptor, signal } = job;
  const { location } = session;
  const tried = await trySending(job, () => putBlob(place, location, descriptor.digest, NOTHING, signal));
  if (tried.kind === 'answered') {
    const { answer } = tried;
    if (saysStored(answer)) {
      checkStored(job, answer);
      job.session = undefined;
      return 'stored';
    }
    if (answer.status === 416) return ask(job, session);
    if (isUnknownUpload(answer)) return 'lost';
    // Some take the last part for the end and refuse to be told (quirk B3).
    if (await headBlob(place, descriptor, signal)) return 'lost';
    return refusedBlob(job, answer);
  }
  await job.allowance.waitAfter(tried, (answer) => refusedBlob(job, answer), signal);
  return (await headBlob(place, descriptor, signal)) ? 'lost' : 'moved';
}

function isUnknownUpload(answer: WholeAnswer): boolean {
  return (answer.status === 404 || answer.status === 410) && registryCodeOf(answer) !== 'NAME_UNKNOWN';
}
