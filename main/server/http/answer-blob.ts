import { isVerifiableDigest } from '../../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { Refusal } from '../refusal.ts';
import type { RepositoryWriter, ServedBlob } from '../served-registry.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { parseByteRange } from './parse-byte-range.ts';

/** `GET` and `HEAD` of a blob, whole or a part (distribution-spec, Pulling blobs; RFC 9110, section 14). */
export async function answerBlob(
  exchange: Exchange,
  { name, digest }: { readonly name: string; readonly digest: string },
): Promise<Answer> {
  const blob = isVerifiableDigest(digest)
    ? await exchange.registry.repository(name).findBlob(digest, { ...exchange, keep: exchange.isHead })
    : undefined;
  if (blob === undefined) throw unknownBlob();
  const { areChunksOwn } = blob;
  const headers = {
    'Content-Type': MEDIA_TYPES.octetStream,
    'Docker-Content-Digest': digest,
    'Accept-Ranges': 'bytes',
    ETag: `"${digest}"`,
  };
  const range = rangeOf(exchange, digest, blob);
  switch (range.kind) {
    case 'whole':
      return {
        status: 200,
        headers,
        body: { size: blob.size, areChunksOwn, read: () => blob.read(undefined, exchange.signal) },
      };
    case 'part': {
      const { first, last } = range;
      const length = last - first + 1;
      return {
        status: 206,
        headers: { ...headers, 'Content-Range': `bytes ${first}-${last}/${blob.size}` },
        body: {
          size: length,
          areChunksOwn,
          read: () => blob.read({ offset: first, length }, exchange.signal),
        },
      };
    }
    case 'unsatisfiable':
      throw new Refusal(416, 'SIZE_INVALID', `The blob has ${blob.size} bytes.`, {
        headers: { 'Content-Range': `bytes */${blob.size}` },
      });
  }
}

/** `DELETE` of a blob: it is gone from this repository alone. */
export async function deleteBlob(
  exchange: Exchange,
  digest: string,
  writer: RepositoryWriter,
): Promise<Answer> {
  if (!isVerifiableDigest(digest) || !(await writer.deleteBlob(digest, exchange))) throw unknownBlob();
  return { status: 202 };
}

function rangeOf(
  { header }: Exchange,
  digest: string,
  { size }: ServedBlob,
): ReturnType<typeof parseByteRange> {
  const condition = header('if-range');
  if (condition !== undefined && condition !== `"${digest}"`) return { kind: 'whole' };
  return parseByteRange(header('range'), size);
}

function unknownBlob(): Refusal {
  return new Refusal(404, 'BLOB_UNKNOWN', 'There is no such blob in this repository.');
}
