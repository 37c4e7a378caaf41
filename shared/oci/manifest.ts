import { quoteText } from '../display/display-text.ts';
import { TallymanError, type ErrorData } from '../errors/tallyman-error.ts';
import { readAnnotations, type Annotations } from './annotations.ts';
import { readArtifactType, readDescriptor, type Descriptor } from './descriptor.ts';
import { digestFault, type Digest } from './digest.ts';
import { foldedField } from './folded-field.ts';
import { field, isJsonObject, nameType, type JsonObject } from './json-object.ts';
import { malformed } from './malformed.ts';
import {
  bareMediaType,
  isArtifactManifestMediaType,
  isIndexMediaType,
  isManifestMediaType,
  isSameMediaType,
  isSchemaOneMediaType,
  MEDIA_TYPES,
} from './media-types.ts';
import { parseStrictJson } from './strict-json.ts';

/** Most problems kept of one document; the next one says that there are more. */
export const MANIFEST_PROBLEM_LIMIT = 50;

interface CommonDocument {
  /** What the document counts as: the expected type where it is a manifest's, else its own, else the one of its structure. */
  readonly mediaType: string;
  /** The document's own `mediaType`, which OCI 1.0, helm and zot leave out. */
  readonly documentMediaType?: string;
  readonly artifactType?: string;
  /** Empty when there are none. Without a prototype. */
  readonly annotations: Annotations;
  readonly subject?: Descriptor;
  /**
   * What is wrong with the document although it could be read, at most `MANIFEST_PROBLEM_LIMIT` and a line that says so:
   * malformed descriptors (left out of the lists), wrong fields, a media type that disagrees (MEDIA_TYPE_MISMATCH). Not
   * empty means: show it flagged, trust nothing of it.
   */
  readonly problems: readonly ErrorData[];
  /** The parsed JSON with unknown fields. Bytes are kept by whoever read them; never write this instead. */
  readonly document: JsonObject;
}

/** An image manifest, or one of the two withdrawn artifact manifests, whose `blobs` are `layers` here. */
export interface ManifestDocument extends CommonDocument {
  readonly form: 'manifest';
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** An image index or Docker manifest list. */
export interface IndexDocument extends CommonDocument {
  readonly form: 'index';
  readonly manifests: readonly Descriptor[];
}

/** A Docker schema 1 manifest: it names its layers by digest alone, without size and media type. */
export interface SchemaOneDocument extends CommonDocument {
  readonly form: 'schema-1';
  /** `fsLayers[].blobSum`, newest first, as in the document; one digest often several times. */
  readonly layerDigests: readonly Digest[];
  readonly architecture?: string;
  /** Signed documents are named in registries by the digest of their JWS payload, not of their bytes. */
  readonly signed: boolean;
}

export type ParsedManifest = ManifestDocument | IndexDocument | SchemaOneDocument;

/** Fields that decide what a manifest or index points to: none may have a second spelling. */
const DECIDING_FIELDS = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'blobs',
  'manifests',
  'subject',
  'fsLayers',
] as const;

/**
 * Reads a manifest, index, withdrawn artifact manifest or Docker schema 1 document (image-spec manifest.md and
 * image-index.md). Lenient where showing needs it, strict in the verdict: see `problems`. Null lists, annotations and
 * subjects count as absent, as Go programs write them; an image without layers is no problem.
 * @param expectedMediaType - Content-Type of the answer or media type of the descriptor that led here, if known.
 * @throws TallymanError when nothing of it may be read: MALFORMED (no JSON object, neither manifest nor index), AMBIGUOUS
 *   (a name twice, a second spelling of a field, both `manifests` and `layers` or `config`), LIMIT (see `parseStrictJson`).
 */
export function parseManifest(bytes: Uint8Array, expectedMediaType?: string): ParsedManifest {
  const document = parseStrictJson(bytes);
  if (!isJsonObject(document)) {
    throw new TallymanError(
      malformed('The document', `is ${nameType(document)}, not a manifest or index (an object)`),
    );
  }
  refuseTwoReadings(document);
  const problems: ErrorData[] = [];
  const documentMediaType = readDocumentMediaType(document, problems);
  const expected =
    expectedMediaType === undefined || expectedMediaType === ''
      ? undefined
      : bareMediaType(expectedMediaType);
  const form = formOf(document, expected, documentMediaType);
  const mediaType = effectiveMediaType(document, form, expected, documentMediaType);
  checkAgreement(form, expected, documentMediaType, problems);
  checkSchemaVersion(document, form, mediaType, problems);

  const artifactType = readArtifactType(field(document, 'artifactType'), 'artifactType', problems);
  const annotations = readAnnotations(field(document, 'annotations'), 'annotations', problems);
  const subject = readOptionalDescriptor(document, 'subject', problems);
  const content = readContent(document, form, mediaType, problems);
  return {
    mediaType,
    ...(documentMediaType === undefined ? {} : { documentMediaType }),
    ...(artifactType === undefined ? {} : { artifactType }),
    annotations: annotations ?? (Object.create(null) as Annotations),
    ...(subject === undefined ? {} : { subject }),
    ...content,
    problems: shortenProblems(problems),
    document,
  };
}

type Form = ParsedManifest['form'];

/** Content of one form: distributes over the union, so that `form` keeps deciding what else there is. */
type ContentOf<Document> = Document extends ParsedManifest ? Omit<Document, keyof CommonDocument> : never;

function readContent(
  document: JsonObject,
  form: Form,
  mediaType: string,
  problems: ErrorData[],
): ContentOf<ParsedManifest> {
  switch (form) {
    case 'index':
      return { form, manifests: readDescriptors(document, 'manifests', true, problems) };
    case 'schema-1':
      return readSchemaOne(document, problems);
    case 'manifest': {
      if (isArtifactManifestMediaType(mediaType))
        return { form, layers: readDescriptors(document, 'blobs', false, problems) };
      const config = readDescriptor(field(document, 'config'), 'config', problems);
      const layers = readDescriptors(document, 'layers', true, problems);
      return { form, ...(config === undefined ? {} : { config }), layers };
    }
  }
}

/** GHSA-mc8v-mgrf-8f4m: a document that is a manifest for one program and an index for another, under one digest. */
function refuseTwoReadings(document: JsonObject): void {
  const folded = foldedField(document, DECIDING_FIELDS);
  if (folded !== undefined) {
    throw ambiguous(`has a field ${quoteText(folded)}, which some programs read as another field`);
  }
  const has = (name: string): boolean => Object.hasOwn(document, name);
  const readings = [
    ['manifests', has('manifests')],
    [has('layers') ? 'layers' : 'config', has('layers') || has('config')],
    ['fsLayers', has('fsLayers')],
  ] as const;
  const [first, second] = readings.filter(([, present]) => present);
  if (first !== undefined && second !== undefined) {
    throw ambiguous(`has both “${first[0]}” and “${second[0]}”, so programs read it differently`);
  }
  const bothLists = Array.isArray(field(document, 'blobs')) && (has('layers') || has('manifests'));
  if (bothLists)
    throw ambiguous('has “blobs” beside another list of content, so programs read it differently');
}

function readDocumentMediaType(document: JsonObject, problems: ErrorData[]): string | undefined {
  const value = field(document, 'mediaType');
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  problems.push(malformed('mediaType', `is ${nameType(value)}, not a string`));
  return undefined;
}

/** Structure decides; a document without any is what its types say. */
function formOf(document: JsonObject, expected: string | undefined, own: string | undefined): Form {
  if (Object.hasOwn(document, 'manifests')) return 'index';
  if (Object.hasOwn(document, 'fsLayers')) return 'schema-1';
  if (['config', 'layers', 'blobs'].some((name) => Object.hasOwn(document, name))) return 'manifest';
  for (const mediaType of [expected, own]) {
    if (mediaType !== undefined && isManifestMediaType(mediaType)) return formOfMediaType(mediaType);
  }
  throw new TallymanError({
    ...malformed(
      'The document',
      'is neither a manifest nor an index: it has no “manifests”, “config” or “layers”',
    ),
    details: { fields: Object.keys(document).length },
  });
}

function formOfMediaType(mediaType: string): Form {
  if (isIndexMediaType(mediaType)) return 'index';
  return isSchemaOneMediaType(mediaType) ? 'schema-1' : 'manifest';
}

function effectiveMediaType(
  document: JsonObject,
  form: Form,
  expected: string | undefined,
  own: string | undefined,
): string {
  for (const mediaType of [expected, own]) {
    if (mediaType !== undefined && isManifestMediaType(mediaType) && formOfMediaType(mediaType) === form)
      return bareMediaType(mediaType);
  }
  if (form === 'index') return MEDIA_TYPES.index;
  if (form === 'schema-1')
    return Object.hasOwn(document, 'signatures')
      ? MEDIA_TYPES.dockerSchema1Signed
      : MEDIA_TYPES.dockerSchema1;
  return Object.hasOwn(document, 'blobs') ? MEDIA_TYPES.ociArtifactManifest : MEDIA_TYPES.manifest;
}

/** Expected type, the document's own type and its structure have to say the same (checklist C24, C29; bar, B4). */
function checkAgreement(
  form: Form,
  expected: string | undefined,
  own: string | undefined,
  problems: ErrorData[],
): void {
  if (expected !== undefined && own !== undefined && !isSameMediaType(expected, own)) {
    problems.push(
      mismatch(`The document says it is ${quoteText(own)}, what led to it says ${quoteText(expected)}.`),
    );
    return;
  }
  for (const mediaType of [expected, own]) {
    if (mediaType === undefined || !isManifestMediaType(mediaType) || formOfMediaType(mediaType) === form)
      continue;
    problems.push(
      mismatch(`The document is called ${quoteText(mediaType)} but has the fields of ${FORM_NAMES[form]}.`),
    );
    return;
  }
}

const FORM_NAMES: Readonly<Record<Form, string>> = {
  manifest: 'a manifest',
  index: 'an index',
  'schema-1': 'a Docker schema 1 manifest',
};

function checkSchemaVersion(
  document: JsonObject,
  form: Form,
  mediaType: string,
  problems: ErrorData[],
): void {
  if (isArtifactManifestMediaType(mediaType)) return; // they have none
  const wanted = form === 'schema-1' ? 1 : 2;
  const version = field(document, 'schemaVersion');
  if (version === wanted) return;
  const found = typeof version === 'number' ? String(version) : nameType(version);
  problems.push(malformed('schemaVersion', `is ${found}, not ${wanted}`));
}

function readOptionalDescriptor(
  document: JsonObject,
  name: string,
  problems: ErrorData[],
): Descriptor | undefined {
  const value = field(document, name);
  return value === undefined || value === null ? undefined : readDescriptor(value, name, problems);
}

function readDescriptors(
  document: JsonObject,
  name: string,
  required: boolean,
  problems: ErrorData[],
): readonly Descriptor[] {
  const value = field(document, name);
  if (value === null || (value === undefined && !required)) return [];
  if (!Array.isArray(value)) {
    problems.push(malformed(name, `is ${nameType(value)}, not a list`));
    return [];
  }
  const descriptors: Descriptor[] = [];
  for (let index = 0; index < value.length; index++) {
    const descriptor = readDescriptor(value[index], `${name}[${index}]`, problems);
    if (descriptor !== undefined) descriptors.push(descriptor);
  }
  return descriptors;
}

function readSchemaOne(document: JsonObject, problems: ErrorData[]): ContentOf<SchemaOneDocument> {
  const fsLayers = field(document, 'fsLayers');
  const layerDigests: Digest[] = [];
  if (!Array.isArray(fsLayers)) problems.push(malformed('fsLayers', `is ${nameType(fsLayers)}, not a list`));
  for (const [index, layer] of (Array.isArray(fsLayers) ? (fsLayers as unknown[]) : []).entries()) {
    const digest = isJsonObject(layer) ? field(layer, 'blobSum') : undefined;
    const fault = typeof digest === 'string' ? digestFault(digest) : `it is ${nameType(digest)}`;
    if (fault === undefined) layerDigests.push(digest as Digest);
    else problems.push(malformed(`fsLayers[${index}].blobSum`, `is no digest: ${fault}`));
  }
  const architecture = field(document, 'architecture');
  return {
    form: 'schema-1',
    layerDigests,
    ...(typeof architecture === 'string' && architecture !== '' ? { architecture } : {}),
    signed: Object.hasOwn(document, 'signatures'),
  };
}

function shortenProblems(problems: readonly ErrorData[]): readonly ErrorData[] {
  if (problems.length <= MANIFEST_PROBLEM_LIMIT) return problems;
  const more = problems.length - MANIFEST_PROBLEM_LIMIT;
  return [
    ...problems.slice(0, MANIFEST_PROBLEM_LIMIT),
    {
      code: 'LIMIT',
      message: `There are ${more} more problems in this document.`,
      details: { limit: MANIFEST_PROBLEM_LIMIT },
    },
  ];
}

function mismatch(message: string): ErrorData {
  return {
    code: 'MEDIA_TYPE_MISMATCH',
    message,
    hint: 'It is shown by its fields; do not trust it before whoever published it has put the types right.',
  };
}

function ambiguous(fault: string): TallymanError {
  return new TallymanError({
    code: 'AMBIGUOUS',
    message: `The document ${fault}.`,
    hint: 'Do not trust it (CVE-2021-41190); whoever made it has to make it again. Its bytes are shown as they are under Raw.',
  });
}
