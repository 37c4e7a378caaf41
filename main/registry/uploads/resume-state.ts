import { field, isJsonObject } from '../../../shared/oci/json-object.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { CHUNK_MINIMUM_LIMIT } from './upload-limits.ts';
import type { UploadPlace } from './upload-place.ts';
import type { UploadSession } from './upload-requests.ts';

/** Characters of a kept state, as `WriteBlobOptions.resume` promises. */
const STATE_LIMIT = 8 * 1024;

/**
 * What continues an upload in another run: which blob goes where, and the path of the upload session. No host and no credential
 * is in it, so that whoever changes it can at most lead to another path of the same registry. Undefined where it is too long.
 */
export function writeResumeState(
  { client, repository }: UploadPlace,
  { digest, size }: Descriptor,
  { location, chunkMinimum }: UploadSession,
): string | undefined {
  const path = `${location.pathname}${location.search}`;
  const state = JSON.stringify({
    upload: 1,
    host: client.host,
    repository,
    digest,
    size,
    path,
    chunkMinimum,
  });
  return state.length > STATE_LIMIT || location.origin !== client.origin ? undefined : state;
}

/** The upload session that a kept state names; undefined for anything that was not written for exactly this blob and place. */
export function readResumeState(
  text: string,
  { client, repository }: UploadPlace,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
): UploadSession | undefined {
  const state = parseState(text);
  if (state?.host !== client.host || state.repository !== repository) return undefined;
  if (state.digest !== digest || state.size !== size) return undefined;
  return sessionOf(state, client.origin);
}

/** The upload session that a kept state of this repository names, whatever its blob, to be cancelled. */
export function readAbandonedState(
  text: string,
  { client, repository }: UploadPlace,
): UploadSession | undefined {
  const state = parseState(text);
  if (state?.host !== client.host || state.repository !== repository) return undefined;
  return sessionOf(state, client.origin);
}

interface ParsedState {
  readonly host: unknown;
  readonly repository: unknown;
  readonly digest: unknown;
  readonly size: unknown;
  readonly path: unknown;
  readonly chunkMinimum: unknown;
}

function parseState(text: string): ParsedState | undefined {
  if (text.length > STATE_LIMIT) return undefined;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(document) || field(document, 'upload') !== 1) return undefined;
  return {
    host: field(document, 'host'),
    repository: field(document, 'repository'),
    digest: field(document, 'digest'),
    size: field(document, 'size'),
    path: field(document, 'path'),
    chunkMinimum: field(document, 'chunkMinimum'),
  };
}

function sessionOf({ path, chunkMinimum }: ParsedState, origin: string): UploadSession | undefined {
  if (typeof path !== 'string' || !/^\/[^/\\][\x21-\x7e]*$/.test(path) || path.includes('#'))
    return undefined;
  if (typeof chunkMinimum !== 'number' || !Number.isSafeInteger(chunkMinimum)) return undefined;
  if (chunkMinimum < 0 || chunkMinimum > CHUNK_MINIMUM_LIMIT) return undefined;
  const location = new URL(path, origin);
  return location.origin === origin ? { location, chunkMinimum } : undefined;
}
