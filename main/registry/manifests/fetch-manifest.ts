import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { isDigest, isVerifiable, type Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { bareMediaType, isSchemaOneMediaType } from '../../../shared/oci/media-types.ts';
import { digestOf } from '../../content/digest-of.ts';
import { MANIFEST_LIMIT } from '../../content/limits.ts';
import type { FetchedManifest } from '../../content/target.ts';
import { verifiableAlgorithm } from '../../content/verify-content.ts';
import { failedAnswer, registryCodeOf } from '../answers/failed-answer.ts';
import { isWebPage } from '../answers/parse-error-body.ts';
import { contentEncoding } from '../answers/read-json-answer.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { manifestQuestion, type ManifestPlace } from './manifest-question.ts';
import { signedPayload } from './signed-payload.ts';

/**
 * Reads a manifest and checks its bytes: against the digest asked for, or, for a tag, against the digest the registry
 * announces (bar, B2). The digest asked for always wins over the announced one. Bytes are raw: what a proxy
 * compressed on the way does not match and is refused.
 *
 * @param expected - the descriptor that led here; its size is checked too.
 * @param headSize - what a HEAD said about the size. Registries are known to be wrong there (quirk M2): where only
 * that is the reason for a size, a difference is a warning.
 * @throws TallymanError NOT_FOUND (MISSING when a descriptor led here), DIGEST_MISMATCH, SIZE_MISMATCH, LIMIT,
 * PROTOCOL for a web page, …
 */
export async function fetchManifest(
  place: ManifestPlace,
  expected: Descriptor | undefined,
  headSize: number | undefined,
  signal: AbortSignal,
): Promise<FetchedManifest> {
  const { descriptor, bytes } = await fetchTagged(place, expected, headSize, signal);
  return { descriptor, bytes };
}

/** The same, with the `ETag` of the answer, for changes that depend on what was read. */
export async function fetchTagged(
  place: ManifestPlace,
  expected: Descriptor | undefined,
  headSize: number | undefined,
  signal: AbortSignal,
): Promise<FetchedManifest & { readonly etag: string | undefined }> {
  const { client, name } = place;
  const answer = await client.ask(
    manifestQuestion(place, 'GET', signal),
    MANIFEST_LIMIT,
    `The manifest ${name}`,
  );
  if (answer.status === 404) throw notFound(place, answer, expected);
  if (answer.status !== 200) throw failedAnswer(answer, { wanted: name, host: client.host }, client.redactor);
  refuseWebPage(place, answer);
  const { bytes } = answer;
  const digest = verifyDigest(place, answer);
  if (headSize !== undefined && headSize !== bytes.byteLength) {
    client.warnings.tell(
      `${name}: ${client.host} announced ${headSize} bytes and sent ${bytes.byteLength}; the digest is right.`,
    );
  }
  if (expected !== undefined && expected.size !== bytes.byteLength && expected.size !== headSize) {
    throw new TallymanError({
      code: 'SIZE_MISMATCH',
      message: `${name} should have ${expected.size} bytes and has ${bytes.byteLength}.`,
      hint: 'What names it describes it wrongly; the content itself has the right digest.',
      details: { digest, expected: expected.size, actual: bytes.byteLength },
    });
  }
  const descriptor = { mediaType: mediaTypeOf(answer, expected), digest, size: bytes.byteLength };
  return { descriptor, bytes, etag: answer.headers.first('etag') };
}

/** The digest these bytes are named by, checked. */
function verifyDigest(place: ManifestPlace, answer: WholeAnswer): Digest {
  const { client, digest: wanted, name } = place;
  const announced = announcedDigest(answer);
  const claim = wanted ?? announced;
  const encoding = contentEncoding(answer);
  if (claim === undefined) {
    if (encoding !== undefined) throw compressed(name, client.host, encoding);
    return digestOf(answer.bytes);
  }
  const algorithm = verifiableAlgorithm(claim);
  const actual = digestOf(answer.bytes, algorithm);
  if (actual === claim) return claim;
  // Docker schema 1: registries name a signed manifest by the digest of its payload (quirk M5).
  if (isSchemaOneMediaType(answer.headers.first('content-type') ?? '')) {
    const payload = signedPayload(answer.bytes);
    if (payload !== undefined && digestOf(payload, algorithm) === claim) return claim;
  }
  if (encoding !== undefined) throw compressed(name, client.host, encoding);
  throw new TallymanError({
    code: 'DIGEST_MISMATCH',
    message: `${name}: ${client.host} sent bytes with the digest ${actual}, ${wanted === undefined ? 'but announced' : 'not'} ${claim}.`,
    hint: 'The content was damaged or replaced, in the registry or on the way. Do not use it; ask whoever runs the registry.',
    details: { expected: claim, actual },
  });
}

/** `Docker-Content-Digest`, where it is a digest that can be checked. */
export function announcedDigest(answer: Pick<WholeAnswer, 'headers'>): Digest | undefined {
  const text = answer.headers.first('docker-content-digest');
  return text !== undefined && isDigest(text) && isVerifiable(text) ? text : undefined;
}

/** Types that say nothing: servers of plain files use them for everything. */
const VAGUE_TYPES: ReadonlySet<string> = new Set([
  '',
  'application/json',
  'application/octet-stream',
  'text/plain',
]);

function mediaTypeOf(answer: WholeAnswer, expected: Descriptor | undefined): string {
  const sent = bareMediaType(answer.headers.first('content-type') ?? '');
  if (!VAGUE_TYPES.has(sent.toLowerCase())) return sent;
  if (expected !== undefined) return expected.mediaType;
  try {
    return parseManifest(answer.bytes).mediaType;
  } catch {
    // Whoever reads the document is told what is wrong with it.
    return sent;
  }
}

function refuseWebPage({ name, client }: ManifestPlace, answer: WholeAnswer): void {
  if (!isWebPage(answer.bytes, answer.headers.first('content-type'))) return;
  throw new TallymanError({
    code: 'PROTOCOL',
    message: `${name}: ${client.host} answered with a web page instead of a manifest.`,
    hint: `Check that ${client.host} is a registry, and that no log-in page or proxy stands in front of it.`,
    details: { status: answer.status },
  });
}

function compressed(name: string, host: string, encoding: string): TallymanError {
  return new TallymanError({
    code: 'PROTOCOL',
    message: `${name}: ${host} compressed the answer (${quoteText(encoding)}), although none was asked for; it cannot be verified.`,
    hint: 'A proxy in between compresses answers on its own. Ask whoever runs it to leave registry answers as they are.',
  });
}

/** No such repository, no such manifest in it, or a manifest that something else names. */
function notFound(
  place: ManifestPlace,
  answer: WholeAnswer,
  expected: Descriptor | undefined,
): TallymanError {
  const { client, repository, name } = place;
  const base = failedAnswer(answer, { wanted: name, host: client.host }, client.redactor).toData();
  if (registryCodeOf(answer) === 'NAME_UNKNOWN') {
    return new TallymanError({
      ...base,
      message: `${client.host} has no repository ${repository}, or does not show it to this account.`,
    });
  }
  if (expected === undefined) {
    const known = registryCodeOf(answer) === 'MANIFEST_UNKNOWN';
    return new TallymanError(
      known ? { ...base, message: `${client.host}/${repository} has no manifest ${place.reference}.` } : base,
    );
  }
  return new TallymanError({
    ...base,
    code: 'MISSING',
    message: `${client.host}/${repository} does not hold ${place.reference}, although something there names it.`,
    hint: 'It was deleted, or never copied here. Push it again from where it came.',
  });
}
