import { TallymanError, type ErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { referrersTag } from '../../../shared/oci/referrers-tag.ts';
import type { NetworkTimings } from '../http/network-timings.ts';
import { pause } from '../http/pause.ts';
import { backOff, isTransientFailure } from '../http/retry-policy.ts';
import { fetchTagged } from '../manifests/fetch-manifest.ts';
import { manifestPlace } from '../manifests/manifest-question.ts';
import { putManifestIf, type PushConditions, type PushPlace } from '../manifests/push-manifest.ts';
import { deleteManifest } from '../manifests/delete-manifest.ts';
import {
  changed,
  holds,
  NO_REFERRERS,
  readFallbackIndex,
  toManifest,
  type FallbackChange,
  type FallbackIndex,
} from './fallback-index.ts';

/** Times that the index is read and written because others write it too. */
const ROUNDS = 10;

/** What lies under a referrers tag now. */
type Current =
  | { readonly state: 'none' }
  | { readonly state: 'index'; readonly index: FallbackIndex; readonly etag: string | undefined }
  | { readonly state: 'foreign' };

/** Where a referrers tag is kept. */
export interface FallbackPlace extends PushPlace {
  readonly timings: Pick<NetworkTimings, 'retryBase' | 'retryCap'>;
}

/**
 * Brings the referrers tag of a subject to list what it should (distribution-spec, Pushing and Deleting Manifests with
 * Subject): read, merge, write, read again, and once more from the beginning when somebody else's write took ours away. What
 * cannot be read is an error and never counts as empty.
 *
 * @param onWrite - called before each write.
 * @returns a note where the tag names something that is no index of referrers and was left alone.
 * @throws TallymanError CONFLICT when others were faster every time.
 */
export async function updateFallbackTag(
  place: FallbackPlace,
  subject: Digest,
  change: FallbackChange,
  signal: AbortSignal,
  onWrite: () => void = () => undefined,
): Promise<ErrorData | undefined> {
  const tag = referrersTag(subject);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const current = await readTag(place, tag, subject, signal);
    if (current.state === 'foreign') return leftAlone(place, tag, change);
    const index = current.state === 'none' ? NO_REFERRERS : current.index;
    if (holds(index, change)) return undefined;
    const next = changed(index, change);
    if (next.entries.length === 0) {
      // Where tags cannot be deleted an empty index stays, which says the same.
      if (await tryDeleting(place, tag, signal)) continue;
    }
    const conditions = conditionsOf(current);
    onWrite();
    try {
      await putManifestIf(place, toManifest(next), tag, { conditions, signal });
    } catch (error) {
      // Whether it was written is seen by reading, and written blindly again it could undo what others wrote since.
      if (!(error instanceof TallymanError) || !isPassing(error) || round === ROUNDS) throw error;
      await pause(backOff(round, Math.random(), place.timings), signal);
      continue;
    }
    const now = await readTag(place, tag, subject, signal);
    if (now.state === 'index' && holds(now.index, change)) return undefined;
    await pause(backOff(round, Math.random(), place.timings), signal);
  }
  throw new TallymanError({
    code: 'CONFLICT',
    message: `The tag ${tag} of ${place.client.host}/${place.repository}, which lists what refers to ${subject}, was changed by somebody else ${ROUNDS} times in between.`,
    hint: 'The content itself is there. Try again when nobody else attaches something to the same subject.',
  });
}

async function readTag(
  { client, repository }: FallbackPlace,
  tag: string,
  subject: Digest,
  signal: AbortSignal,
): Promise<Current> {
  try {
    const fetched = await fetchTagged(manifestPlace(client, repository, tag), undefined, undefined, signal);
    const index = readFallbackIndex(fetched, subject);
    return index === undefined ? { state: 'foreign' } : { state: 'index', index, etag: fetched.etag };
  } catch (error) {
    if (isAbsence(error)) return { state: 'none' };
    throw error;
  }
}

/** Only the registry's own 404: a page of whatever stands in front of it says nothing about the tag. */
function isAbsence(error: unknown): boolean {
  return error instanceof TallymanError && error.code === 'NOT_FOUND' && error.details?.['webPage'] !== true;
}

async function tryDeleting(place: FallbackPlace, tag: string, signal: AbortSignal): Promise<boolean> {
  try {
    await deleteManifest(place, tag, signal);
    return true;
  } catch (error) {
    if (!(error instanceof TallymanError)) throw error;
    if (error.code === 'NOT_FOUND') return true;
    if (CANNOT_DELETE.has(error.code)) return false;
    throw error;
  }
}

/** Ways in which a registry says that it does not delete tags, or not for this account. */
const CANNOT_DELETE: ReadonlySet<string> = new Set([
  'UNSUPPORTED',
  'DENIED',
  'UNAUTHORIZED',
  'REGISTRY_ERROR',
]);

/** For registries that know conditions; others are asked again after the write in any case (bar, B7). */
function conditionsOf(current: Current): PushConditions {
  return current.state === 'index' && current.etag !== undefined ? { 'if-match': current.etag } : {};
}

function isPassing(error: TallymanError): boolean {
  if (isTransientFailure(error, true) || error.code === 'RATE_LIMITED') return true;
  return error.code === 'REGISTRY_ERROR' && Number(error.details?.['status']) >= 500;
}

function leftAlone(
  { client, repository }: FallbackPlace,
  tag: string,
  { add }: FallbackChange,
): ErrorData | undefined {
  if (add.length === 0) return undefined;
  return {
    code: 'CONFLICT',
    message: `${client.host}/${repository} answers the tag ${tag} with something that is no index of referrers; it was left alone.`,
    hint: 'What was attached is stored and can be read by its digest, but programs that look for it by this tag do not find it. Ask whoever runs the registry for the referrers API.',
  };
}
