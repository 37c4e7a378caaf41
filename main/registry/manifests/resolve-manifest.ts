import { isCancellation, TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { bareMediaType, isManifestMediaType } from '../../../shared/oci/media-types.ts';
import { failedAnswer } from '../answers/failed-answer.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { announcedDigest, fetchManifest } from './fetch-manifest.ts';
import { manifestQuestion, type ManifestPlace } from './manifest-question.ts';

/**
 * Digest, type and size behind a tag or digest, by HEAD where the registry answers it whole, else by reading the
 * manifest (quirk M1: no digest header; 405 for HEAD). The size of a HEAD is what the registry says, not what was
 * counted. Undefined when it says there is none: the empty body of a HEAD does not tell a missing repository from a
 * missing tag.
 * @throws TallymanError for every answer that is neither.
 */
export async function resolveManifest(
  place: ManifestPlace,
  signal: AbortSignal,
): Promise<Descriptor | undefined> {
  const { client, name } = place;
  const answer = await client.ask(manifestQuestion(place, 'HEAD', signal), 0, name);
  if (answer.status === 404) return undefined;
  if (answer.status === 200) return describe(place, answer) ?? (await readInstead(place, signal));
  if (NO_HEAD.has(answer.status)) return readInstead(place, signal);
  throw failedAnswer(answer, { wanted: name, host: client.host }, client.redactor);
}

/** Statuses by which servers say that they have no HEAD. */
const NO_HEAD: ReadonlySet<number> = new Set([400, 405, 406, 501]);

function describe(place: ManifestPlace, answer: WholeAnswer): Descriptor | undefined {
  const digest = announcedDigest(answer);
  const mediaType = bareMediaType(answer.headers.first('content-type') ?? '');
  const length = answer.headers.first('content-length') ?? '';
  if (digest === undefined || !isManifestMediaType(mediaType) || !/^\d{1,15}$/.test(length)) return undefined;
  // A registry that answers a digest with another one is found out by reading.
  if (place.digest !== undefined && digest !== place.digest && sameAlgorithm(digest, place.digest))
    return undefined;
  return { mediaType, digest: place.digest ?? digest, size: Number(length) };
}

function sameAlgorithm(left: string, right: string): boolean {
  return left.slice(0, left.indexOf(':')) === right.slice(0, right.indexOf(':'));
}

async function readInstead(place: ManifestPlace, signal: AbortSignal): Promise<Descriptor | undefined> {
  try {
    return (await fetchManifest(place, undefined, undefined, signal)).descriptor;
  } catch (error) {
    if (!isCancellation(error) && error instanceof TallymanError && error.code === 'NOT_FOUND')
      return undefined;
    throw error;
  }
}
