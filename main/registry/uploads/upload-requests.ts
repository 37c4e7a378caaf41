import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { digestAlgorithm, type Digest } from '../../../shared/oci/digest.ts';
import { failedAnswer } from '../answers/failed-answer.ts';
import { pullScope } from '../auth/token-scope.ts';
import { startDeadline } from '../http/deadline.ts';
import { SMALL_BLOB_BYTES } from '../http/network-limits.ts';
import type { StreamedBody } from '../http/outgoing-body.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { parseStoredRange } from './stored-range.ts';
import { CANCEL_LIMIT, CHUNK_MINIMUM_LIMIT } from './upload-limits.ts';
import { closingUrl, uploadLocation } from './upload-location.ts';
import { pushNeed, type UploadPlace } from './upload-place.ts';

/** An upload that a registry has opened. */
export interface UploadSession {
  readonly location: URL;
  /** `OCI-Chunk-Min-Length`, 0 where the registry asks for nothing. */
  readonly chunkMinimum: number;
}

const OCTETS = { 'content-type': 'application/octet-stream' } as const;

/** `POST …/blobs/uploads/?mount=&from=`: takes a blob from another repository (distribution-spec, Mounting a blob). */
export async function postMount(
  { client, repository }: UploadPlace,
  digest: Digest,
  from: string,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  const at = `/v2/${repository}/blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`;
  const scopes = [...pushNeed({ repository }).scopes, pullScope(from)];
  return client.change({ method: 'POST', at, need: { repository, scopes }, signal });
}

/** Whether the repository has a blob, by HEAD. A refusal is no answer: the attempt to push it tells the reason better. */
export async function headBlob(
  { client, repository }: UploadPlace,
  { digest }: Pick<Descriptor, 'digest'>,
  signal: AbortSignal,
): Promise<boolean> {
  const need = pushNeed({ repository });
  const at = `/v2/${repository}/blobs/${digest}`;
  const wanted = `The blob ${client.host}/${repository}@${digest}`;
  const answer = await client.ask({ method: 'HEAD', at, need, signal }, 0, wanted);
  if (answer.status === 200) return true;
  if (answer.status < 500 && answer.status !== 429) return false;
  throw failedAnswer(answer, { wanted, host: client.host }, client.redactor);
}

/** `POST …/blobs/uploads/`; the algorithm is told where it is not the usual one (distribution-spec, end-4c). */
export async function postUpload(
  { client, repository }: UploadPlace,
  digest: Digest,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  const algorithm = digestAlgorithm(digest);
  const query = algorithm === 'sha256' ? '' : `?digest-algorithm=${algorithm}`;
  const at = `/v2/${repository}/blobs/uploads/${query}`;
  return client.change({ method: 'POST', at, need: pushNeed({ repository }), signal });
}

/** `POST …/blobs/uploads/?digest=`: the whole blob with the opening request. */
export async function postBlob(
  { client, repository }: UploadPlace,
  digest: Digest,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  const at = `/v2/${repository}/blobs/uploads/?digest=${digest}`;
  const need = pushNeed({ repository });
  return client.change({ method: 'POST', at, headers: OCTETS, need, body, patient: true, signal });
}

/**
 * The upload that an answer (202) has opened.
 * @throws TallymanError PROTOCOL where it does not say where it goes on.
 */
export function openedUpload(answer: WholeAnswer, host: string): UploadSession {
  const location = uploadLocation(answer, host);
  if (location === undefined) {
    throw new TallymanError({
      code: 'PROTOCOL',
      message: `${host} opened an upload (${answer.status}) and did not say where it goes on.`,
      hint: 'Report it to whoever runs the registry.',
      details: { status: answer.status },
    });
  }
  const asked = answer.headers.first('oci-chunk-min-length') ?? '';
  const minimum = /^\d{1,15}$/.test(asked) ? Number(asked) : 0;
  return { location, chunkMinimum: Math.min(minimum, CHUNK_MINIMUM_LIMIT) };
}

/** The whole blob to an open upload, which closes it. */
export async function putBlob(
  { client, repository }: UploadPlace,
  location: URL,
  digest: Digest,
  body: Uint8Array | StreamedBody,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  const length = body instanceof Uint8Array ? body.byteLength : body.length;
  return client.change({
    method: 'PUT',
    at: closingUrl(location, digest),
    headers: OCTETS,
    need: pushNeed({ repository }),
    lane: length > SMALL_BLOB_BYTES ? 'blob' : 'metadata',
    body,
    patient: true,
    signal,
  });
}

/** The next part of a blob (distribution-spec, Pushing a blob in chunks). */
export async function patchUpload(
  { client, repository }: UploadPlace,
  location: URL,
  start: number,
  body: StreamedBody,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  return client.change({
    method: 'PATCH',
    at: location,
    headers: { ...OCTETS, 'content-range': `${start}-${start + body.length - 1}` },
    need: pushNeed({ repository }),
    lane: 'blob',
    body,
    patient: true,
    signal,
  });
}

/** `GET` of an upload: how much of it is there (end-13). */
export async function getUpload(
  { client, repository }: UploadPlace,
  location: URL,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  return client.change({ method: 'GET', at: location, need: pushNeed({ repository }), signal });
}

/** How much of an upload a registry has, and where it goes on. */
export interface UploadState {
  readonly location: URL;
  /** `0-0` says one byte as well as none. */
  readonly stored: number | 'none-or-one';
}

/** Reads the answer to `getUpload`; undefined where there is no such upload, or the registry does not tell. */
export function uploadState(answer: WholeAnswer, asked: URL, host: string): UploadState | undefined {
  if (answer.status >= 300) return undefined;
  const range = parseStoredRange(answer.headers.first('range'));
  if (range === undefined) return undefined;
  return { location: uploadLocation(answer, host) ?? asked, stored: range.stored };
}

/**
 * Tells a registry to forget an upload (end-14): best effort, whatever it answers, also after everything else was cancelled.
 * Registries that never forget by themselves keep the bytes otherwise (quirk B5).
 */
export async function cancelUpload(
  { client, repository }: UploadPlace,
  location: URL,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const deadline = startDeadline(signal, CANCEL_LIMIT, () => 'Cancelling an upload');
  try {
    const need = pushNeed({ repository });
    await client.change({ method: 'DELETE', at: location, need, signal: deadline.signal });
  } catch {
    // It ends by itself when the registry cleans up.
  } finally {
    deadline.dispose();
  }
}
