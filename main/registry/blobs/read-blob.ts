import { isCancellation, TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { ReadBlobOptions } from '../../content/target.ts';
import { verifiableAlgorithm, verifyContent } from '../../content/verify-content.ts';
import { failedAnswer } from '../answers/failed-answer.ts';
import { contentEncoding } from '../answers/read-json-answer.ts';
import { pullScope } from '../auth/token-scope.ts';
import { guardSpeed } from '../http/guard-speed.ts';
import { SMALL_BLOB_BYTES } from '../http/network-limits.ts';
import { pause } from '../http/pause.ts';
import { backOff } from '../http/retry-policy.ts';
import type { NetworkTimings } from '../http/network-timings.ts';
import type { HttpAnswer } from '../http/send-request.ts';
import { readWholeAnswer } from '../http/whole-answer.ts';
import type { RegistryClient, RegistryQuestion } from '../registry-client.ts';
import { parseContentRange } from './content-range.ts';
import { createResumeAllowance } from './resume-allowance.ts';

/** A blob within a repository. */
export interface BlobPlace {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly descriptor: Descriptor;
  readonly timings: Pick<NetworkTimings, 'retryBase' | 'retryCap' | 'slowWindow'>;
}

/**
 * The bytes of a blob as a stream; memory does not depend on its size. A whole read is verified on the way (size
 * first, digest at the end), a part cannot be. A connection that breaks off is resumed with `Range` from the
 * registry's own URL, as long as the download gets somewhere.
 * @throws TallymanError MISSING for a blob the repository does not hold, SIZE_MISMATCH, DIGEST_MISMATCH, PROTOCOL for
 * a wrong part, …
 */
export async function* readBlob(
  place: BlobPlace,
  options: ReadBlobOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { descriptor } = place;
  verifiableAlgorithm(descriptor.digest);
  const { offset = 0, length, unchecked = false, signal } = options;
  if (offset === 0 && length === undefined) {
    const whole = readRange(place, 0, descriptor.size, true, signal);
    yield* unchecked ? whole : verifyContent(whole, descriptor);
    return;
  }
  const end = length === undefined ? descriptor.size : Math.min(descriptor.size, offset + length);
  if (offset < end) yield* readRange(place, offset, end, false, signal);
}

/**
 * Bytes `start` up to `end`.
 *
 * @param whole - the verifier behind looks at every byte: pass on more than `end` asks for, so that it sees a blob
 * that is too long.
 */
async function* readRange(
  place: BlobPlace,
  start: number,
  end: number,
  whole: boolean,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const allowance = createResumeAllowance();
  let position = start;
  let etag: string | undefined;
  for (;;) {
    const answer = await open(place, position, whole ? undefined : end, etag, signal);
    // 416 where everything has come: the end of a body whose last bytes were lost with its end.
    if (answer === 'complete') return;
    etag ??= strongEtag(answer);
    let skip = position - bodyStart(place, answer, position, whole);
    try {
      for await (const chunk of guardSpeed(
        answer.body,
        place.timings.slowWindow,
        `The blob ${place.descriptor.digest}`,
      )) {
        const fresh = chunk.subarray(Math.min(skip, chunk.byteLength));
        skip -= chunk.byteLength - fresh.byteLength;
        const wanted = whole ? fresh : fresh.subarray(0, end - position);
        if (wanted.byteLength > 0) {
          position += wanted.byteLength;
          allowance.earn(wanted.byteLength);
          yield wanted;
        }
        if (!whole && position >= end) return;
      }
      if (whole || position >= end) return;
      throw brokenOff(place, position, end);
    } catch (error) {
      const attempt = mayResume(error) && position < end ? allowance.spend() : undefined;
      if (attempt === undefined) throw error;
      await pause(backOff(attempt, Math.random(), place.timings), signal);
    }
  }
}

/** Only what the network did to the body; a caller's own errors and cancellation end the read. */
function mayResume(error: unknown): boolean {
  if (!(error instanceof TallymanError) || isCancellation(error)) return false;
  return error.code === 'UNREACHABLE' || error.code === 'TIMEOUT';
}

async function open(
  { client, repository, descriptor }: BlobPlace,
  position: number,
  end: number | undefined,
  etag: string | undefined,
  signal: AbortSignal,
): Promise<HttpAnswer | 'complete'> {
  const ranged = position > 0 || end !== undefined;
  const question: RegistryQuestion = {
    method: 'GET',
    at: `/v2/${repository}/blobs/${descriptor.digest}`,
    headers: ranged
      ? {
          range: `bytes=${position}-${end === undefined ? '' : end - 1}`,
          ...(etag === undefined ? {} : { 'if-range': etag }),
        }
      : {},
    need: { repository, scopes: [pullScope(repository)] },
    lane: descriptor.size > SMALL_BLOB_BYTES ? 'blob' : 'metadata',
    signal,
  };
  let answer = await client.open(question);
  if (answer.status === 403 && answer.redirected) {
    // A signed address of the blob store that has expired: the registry names a fresh one.
    answer.discard();
    answer = await client.open(question);
  }
  if (answer.status === 200 || (answer.status === 206 && ranged)) return answer;
  if (answer.status === 416 && position >= descriptor.size) {
    answer.discard();
    return 'complete';
  }
  const wanted = `The blob ${client.host}/${repository}@${descriptor.digest}`;
  const whole = await readWholeAnswer(answer, 0, wanted);
  const failure = failedAnswer(whole, { wanted, host: client.host }, client.redactor);
  if (whole.status !== 404) throw failure;
  throw new TallymanError({
    ...failure.toData(),
    code: 'MISSING',
    message: `${client.host}/${repository} does not hold the blob ${descriptor.digest}, although a manifest there names it.`,
    hint: 'It was deleted, or never pushed here. Push it again from where it came.',
  });
}

/**
 * Where in the blob the body of this answer begins. A 200 to a `Range` request is the whole blob: what is there
 * already is passed over, and the digest of what was given on still decides.
 * @throws TallymanError PROTOCOL for a part that was not asked for, SIZE_MISMATCH for a blob of another size.
 */
function bodyStart(place: BlobPlace, answer: HttpAnswer, position: number, whole: boolean): number {
  const { client, descriptor } = place;
  const refuse = (code: 'PROTOCOL' | 'SIZE_MISMATCH', reason: string): TallymanError => {
    answer.discard();
    return new TallymanError({
      code,
      message: `The blob ${descriptor.digest}: ${client.host} ${reason}.`,
      hint:
        code === 'PROTOCOL'
          ? 'Ask whoever runs the registry.'
          : 'The content was cut, replaced, or described wrongly: get it from its publisher again.',
      details: { digest: descriptor.digest, status: answer.status },
    });
  };
  // Some object stores mark a compressed layer so although it is sent as stored: raw bytes that match are right,
  // whatever the mark.
  if (contentEncoding(answer) !== undefined && (answer.status === 206 || !whole)) {
    throw refuse('PROTOCOL', 'compressed a part, so that its place in the blob is unknown');
  }
  if (answer.status === 206) {
    const range = parseContentRange(answer.headers.first('content-range'));
    if (range?.start !== position)
      throw refuse('PROTOCOL', `sent another part than the one from byte ${position}`);
    if (range.total !== undefined && range.total !== descriptor.size) {
      throw refuse('SIZE_MISMATCH', `holds ${range.total} bytes instead of ${descriptor.size}`);
    }
    return position;
  }
  const announced = answer.headers.first('content-length');
  if (announced !== undefined && /^\d{1,15}$/.test(announced) && Number(announced) !== descriptor.size) {
    throw refuse('SIZE_MISMATCH', `sends ${announced} bytes instead of ${descriptor.size}`);
  }
  return 0;
}

function strongEtag(answer: HttpAnswer): string | undefined {
  const etag = answer.headers.first('etag');
  return etag !== undefined && /^"[\x21\x23-\x7e]{1,200}"$/.test(etag) ? etag : undefined;
}

function brokenOff({ client, descriptor }: BlobPlace, position: number, end: number): TallymanError {
  return new TallymanError({
    code: 'UNREACHABLE',
    message: `The blob ${descriptor.digest}: ${client.host} ended its answer at byte ${position} of ${end}.`,
    hint: 'Try again; if it stays so, ask whoever runs the registry.',
  });
}
