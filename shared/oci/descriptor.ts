import { quoteText } from '../display/display-text.ts';
import { TallymanError, type ErrorData } from '../errors/tallyman-error.ts';
import { readAnnotations, type Annotations } from './annotations.ts';
import { base64Length } from './base64.ts';
import { digestFault, type Digest } from './digest.ts';
import { foldedField } from './folded-field.ts';
import { field, isJsonObject, nameType, type JsonObject } from './json-object.ts';
import { malformed } from './malformed.ts';
import { bareMediaType, isMediaType } from './media-types.ts';
import { readPlatform, type Platform } from './platform.ts';

/** Longest media type kept, parameters included, in characters; the grammar itself allows 255 without them. */
export const MEDIA_TYPE_LENGTH_LIMIT = 512;

/**
 * A pointer to content: type, digest, size in bytes (image-spec descriptor.md).
 * Only ever built by `parseDescriptor` or by our own writers, so digest and size hold.
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes, a safe integer of at least 0. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Annotations;
  readonly platform?: Platform;
  /** Where a foreign layer lies outside the registry; never fetched by itself (bar, A8). */
  readonly urls?: readonly string[];
  /** Base64 of the content itself; only used after `decodeInlineData` checked it. */
  readonly data?: string;
}

/** Fields of a descriptor that decide what it points to: none may have a second spelling. */
const DECIDING_FIELDS = ['mediaType', 'digest', 'size', 'data', 'artifactType'] as const;

/**
 * A descriptor out of parsed JSON, checked against image-spec descriptor.md; unknown fields are ignored.
 * @param where - The path of the value in its document, for the message: `layers[3]`.
 * @throws TallymanError MALFORMED (AMBIGUOUS for a second spelling of a field) that names the first wrong field.
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const problems: ErrorData[] = [];
  const descriptor = readDescriptor(value, where, problems);
  const [first] = problems;
  if (first !== undefined) throw new TallymanError(first);
  if (descriptor === undefined) throw new TallymanError(malformed(where, 'is no descriptor'));
  return descriptor;
}

/**
 * The lenient form of `parseDescriptor`: everything wrong goes to `problems`. Without a usable digest, size or media type
 * there is no descriptor; other wrong fields are left out of it (a media type that only breaks the grammar is kept, to be shown).
 */
export function readDescriptor(value: unknown, where: string, problems: ErrorData[]): Descriptor | undefined {
  if (!isJsonObject(value)) {
    problems.push(malformed(where, `is ${nameType(value)}, not a descriptor`));
    return undefined;
  }
  const folded = foldedField(value, DECIDING_FIELDS);
  if (folded !== undefined) {
    problems.push({
      ...malformed(where, `has a field ${quoteText(folded)}, which some programs read as another field`),
      code: 'AMBIGUOUS',
    });
    return undefined;
  }
  const mediaType = readMediaType(value, where, problems);
  const digest = readDigest(value, where, problems);
  const size = readSize(value, where, problems);
  if (mediaType === undefined || digest === undefined || size === undefined) return undefined;

  const artifactType = readArtifactType(field(value, 'artifactType'), `${where}.artifactType`, problems);
  const annotations = readAnnotations(field(value, 'annotations'), `${where}.annotations`, problems);
  const platform = readPlatform(field(value, 'platform'), `${where}.platform`, problems);
  const urls = readUrls(field(value, 'urls'), `${where}.urls`, problems);
  const data = readData(field(value, 'data'), `${where}.data`, problems);
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(platform === undefined ? {} : { platform }),
    ...(urls === undefined ? {} : { urls }),
    ...(data === undefined ? {} : { data }),
  };
}

/** An `artifactType` of a descriptor, manifest or index; kept as it is when it only breaks the grammar of media types. */
export function readArtifactType(value: unknown, where: string, problems: ErrorData[]): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') {
    problems.push(malformed(where, `is ${nameType(value)}, not a string`));
    return undefined;
  }
  if (!isMediaType(bareMediaType(value)))
    problems.push(malformed(where, `is ${quoteText(value)}, which is no media type`));
  return value.length > MEDIA_TYPE_LENGTH_LIMIT ? undefined : value;
}

function readMediaType(value: JsonObject, where: string, problems: ErrorData[]): string | undefined {
  const mediaType = field(value, 'mediaType');
  if (typeof mediaType !== 'string' || mediaType === '') {
    problems.push(malformed(`${where}.mediaType`, `is ${nameType(mediaType)}, not a media type`));
    return undefined;
  }
  if (!isMediaType(bareMediaType(mediaType))) {
    problems.push(malformed(`${where}.mediaType`, `is ${quoteText(mediaType)}, which is no media type`));
  }
  return mediaType.length > MEDIA_TYPE_LENGTH_LIMIT ? undefined : mediaType;
}

function readDigest(value: JsonObject, where: string, problems: ErrorData[]): Digest | undefined {
  const digest = field(value, 'digest');
  if (typeof digest !== 'string') {
    problems.push(malformed(`${where}.digest`, `is ${nameType(digest)}, not a digest`));
    return undefined;
  }
  const fault = digestFault(digest);
  if (fault === undefined) return digest as Digest;
  problems.push(malformed(`${where}.digest`, `is ${quoteText(digest)}, which is no digest: ${fault}`));
  return undefined;
}

function readSize(value: JsonObject, where: string, problems: ErrorData[]): number | undefined {
  const size = field(value, 'size');
  if (typeof size === 'number' && Number.isSafeInteger(size) && size >= 0) return size;
  const found = typeof size === 'number' ? String(size) : nameType(size);
  problems.push(malformed(`${where}.size`, `is ${found}, not a whole number of bytes from 0 to 2^53 − 1`));
  return undefined;
}

function readUrls(value: unknown, where: string, problems: ErrorData[]): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) {
    problems.push(malformed(where, `is ${nameType(value)}, not a list`));
    return undefined;
  }
  const urls: string[] = [];
  for (const [index, url] of (value as unknown[]).entries()) {
    if (typeof url === 'string' && hasScheme(url)) urls.push(url);
    else
      problems.push(
        malformed(
          `${where}[${index}]`,
          `is ${typeof url === 'string' ? quoteText(url) : nameType(url)}, which is no URL`,
        ),
      );
  }
  return urls;
}

/** RFC 3986 asks for a scheme; whether a URL may be followed is decided where it would be, never here. */
function hasScheme(url: string): boolean {
  try {
    return new URL(url).protocol !== '';
  } catch {
    return false;
  }
}

function readData(value: unknown, where: string, problems: ErrorData[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && base64Length(value) !== undefined) return value;
  problems.push(malformed(where, 'is not base64 with padding (RFC 4648, section 4)'));
  return undefined;
}
