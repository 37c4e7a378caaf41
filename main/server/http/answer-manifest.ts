import { isDigest, isVerifiableDigest, type Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { bareMediaType, isMediaType, isSameMediaType, MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import { digestOf } from '../../content/digest-of.ts';
import { MANIFEST_LIMIT } from '../../content/limits.ts';
import { verifyBytes } from '../../content/verify-content.ts';
import { TAG_PARAMETER_LIMIT } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import type { RepositoryWriter } from '../served-registry.ts';
import type { Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { readPushedDigest } from './read-digest.ts';

interface ManifestAddress {
  readonly name: string;
  /** A tag or digest, not checked. */
  readonly reference: string;
}

/** `GET` and `HEAD` of a manifest. A reference that is neither a tag nor a digest is just not there. */
export async function answerManifest(
  exchange: Exchange,
  { name, reference }: ManifestAddress,
): Promise<Answer> {
  const repository = exchange.registry.repository(name);
  const descriptor = await repository.resolve(reference, exchange);
  if (descriptor === undefined) throw unknownManifest(reference);
  const headers = manifestHeaders(descriptor);
  if (isKnownToClient(exchange.header('if-none-match'), descriptor.digest)) return { status: 304, headers };
  if (exchange.isHead) return { status: 200, headers, body: { size: descriptor.size, read: nothing } };
  const fetched = await repository.fetchManifest(descriptor.digest, exchange);
  if (fetched === undefined) throw unknownManifest(reference);
  return { status: 200, headers, body: fetched.bytes };
}

/** `PUT` of a manifest (distribution-spec, Pushing Manifests). */
export async function receiveManifest(
  exchange: Exchange,
  { name, reference }: ManifestAddress,
  writer: RepositoryWriter,
): Promise<Answer> {
  const tags = readTags(exchange, reference);
  const wanted = isTag(reference) ? undefined : readPushedDigest(reference);
  const bytes = await readManifestBody(exchange);
  const digest = wanted ?? digestOf(bytes);
  verifyBytes(bytes, { digest, size: bytes.byteLength });
  const { mediaType, subject } = checkManifest(bytes, exchange.header('content-type'));
  await writer.putManifest({ bytes, mediaType, digest, tags }, exchange);
  return {
    status: 201,
    headers: {
      Location: `/v2/${name}/manifests/${digest}`,
      'Docker-Content-Digest': digest,
      ...(subject === undefined ? {} : { 'OCI-Subject': subject }),
      ...(wanted === undefined || tags.length === 0 ? {} : { 'OCI-Tag': tags }),
    },
  };
}

/** `DELETE` of a tag, or of a manifest with all its tags. */
export async function deleteManifest(
  exchange: Exchange,
  { reference }: ManifestAddress,
  writer: RepositoryWriter,
): Promise<Answer> {
  const deleted = isVerifiableDigest(reference)
    ? await writer.deleteManifest(reference, exchange)
    : isTag(reference) && (await writer.deleteTag(reference, exchange));
  if (!deleted) throw unknownManifest(reference);
  return { status: 202 };
}

function manifestHeaders({ mediaType, digest }: Descriptor): Record<string, string> {
  return {
    'Content-Type': isMediaType(mediaType) ? mediaType : MEDIA_TYPES.octetStream,
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
  };
}

function isKnownToClient(header: string | undefined, digest: Digest): boolean {
  return (header ?? '').split(',').some((etag) => etag.trim() === `"${digest}"`);
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {
  // A HEAD sends no body.
}

function readTags({ query }: Exchange, reference: string): readonly string[] {
  if (isTag(reference)) return [reference];
  const tags = [...new Set(query.getAll('tag'))];
  if (tags.length > TAG_PARAMETER_LIMIT)
    throw new Refusal(
      414,
      'TAG_INVALID',
      `Up to ${TAG_PARAMETER_LIMIT} tags are taken at once; these are ${tags.length}.`,
    );
  const wrong = tags.find((tag) => !isTag(tag));
  if (wrong !== undefined || (!reference.includes(':') && !isDigest(reference)))
    throw new Refusal(
      400,
      'TAG_INVALID',
      'The tag does not fit: up to 128 letters, digits, "_", "." and "-", not beginning with "." or "-".',
    );
  return tags;
}

/** A length that is announced is no promise: the limit counts what comes. */
async function readManifestBody({ bodyLength, body }: Exchange): Promise<Uint8Array> {
  if (bodyLength !== undefined && bodyLength > MANIFEST_LIMIT) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body()) {
    size += chunk.byteLength;
    if (size > MANIFEST_LIMIT) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function checkManifest(
  bytes: Uint8Array,
  contentType: string | undefined,
): { readonly mediaType: string; readonly subject: Digest | undefined } {
  const sent = bareMediaType(contentType ?? '');
  const parsed = parseManifest(bytes, sent === '' ? undefined : sent);
  const { documentMediaType, subject } = parsed;
  const mediaType = sent === '' ? (documentMediaType ?? parsed.mediaType) : sent;
  if (!isMediaType(mediaType))
    throw new Refusal(400, 'MANIFEST_INVALID', 'The header Content-Type is no media type.');
  if (documentMediaType !== undefined && !isSameMediaType(documentMediaType, mediaType))
    throw new Refusal(
      400,
      'MANIFEST_INVALID',
      `The manifest says it is ${documentMediaType}, the header Content-Type says ${mediaType}.`,
    );
  return { mediaType, subject: subject?.digest };
}

function tooLarge(): Refusal {
  return new Refusal(413, 'SIZE_INVALID', `Manifests are taken up to ${MANIFEST_LIMIT} bytes.`);
}

function unknownManifest(reference: string): Refusal {
  return new Refusal(404, 'MANIFEST_UNKNOWN', `There is no manifest ${reference} in this repository.`);
}
