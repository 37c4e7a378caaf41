import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Annotations } from '../../../shared/oci/annotations.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { EMPTY_DESCRIPTOR } from '../../../shared/oci/empty-descriptor.ts';
import { isMediaType, MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { BlobSource } from '../../content/target-writer.ts';
import { createTaskPool } from '../../content/task-pool.ts';
import { requireSafePath } from '../files/safe-path.ts';
import { HASH_CONCURRENCY, PUSHED_MANIFEST_LIMIT } from '../limits.ts';
import { createKeptBytes, hashFile, hashRegularFile, memorySource, type HashOptions } from './hash-file.ts';
import { manifestJson } from './manifest-json.ts';
import { packFolder } from './pack-folder.ts';

/** What oras calls an artifact, and a config, of which nobody said the type. */
const UNKNOWN_ARTIFACT = 'application/vnd.unknown.artifact.v1';
const UNKNOWN_CONFIG = 'application/vnd.unknown.config.v1+json';
const TITLE = 'org.opencontainers.image.title';
const CREATED = 'org.opencontainers.image.created';
const CONTENT_DIGEST = 'io.deis.oras.content.digest';
const UNPACK = 'io.deis.oras.content.unpack';

/** A file or folder that becomes a layer. */
export interface FileToPush {
  /** Where it lies on this machine; absolute, or relative to the process's folder. */
  readonly path: string;
  /** What it is called in the artifact: a relative path with `/`. Other than `annotations` with a title, which win, as in oras. */
  readonly title: string;
  /** oras' default when absent: a tar, or for a folder a tar.gz. */
  readonly mediaType?: string;
  readonly annotations?: Annotations;
}

/** What becomes the config: a file, bytes that are made of what the layers are, or, with neither, `{}`. */
export interface ConfigToPush {
  readonly path?: string;
  readonly make?: (layers: readonly Descriptor[]) => Uint8Array;
  readonly mediaType?: string;
}

/** What an artifact is made of. */
export interface PushRequest {
  readonly files: readonly FileToPush[];
  readonly artifactType?: string;
  readonly config?: ConfigToPush;
  /** 1.1 when absent; as in oras 1.0 with a config and no artifact type. */
  readonly imageSpec?: '1.0' | '1.1';
  readonly annotations?: { readonly manifest?: Annotations; readonly config?: Annotations };
  /** Attaches the artifact to this manifest; needs an artifact type. Only type, digest and size are taken of it. */
  readonly subject?: Descriptor;
  /** The clock; tests bring their own. */
  readonly now?: () => Date;
}

export type PlanPushOptions = Pick<HashOptions, 'signal' | 'mayBlock'>;

/** One blob that has to be in the place before the manifest. */
export interface PlannedBlob {
  readonly descriptor: Descriptor;
  readonly source: BlobSource;
  readonly role: 'config' | 'layer';
  /** Names that the content has in the artifact; several when files are equal. */
  readonly titles: readonly string[];
}

/** What a push will write, known to the last byte before anything is sent. */
export interface PushPlan {
  readonly manifest: {
    readonly bytes: Uint8Array;
    readonly mediaType: string;
    readonly descriptor: Descriptor;
    readonly artifactType?: string;
  };
  /** Each content once, in the order of the manifest: config first. */
  readonly blobs: readonly PlannedBlob[];
  /** Bytes of the blobs and the manifest. */
  readonly totalBytes: number;
  /** Tags that the content itself asks for: a chart's version. */
  readonly tags: readonly string[];
  /** Lets go of temporary files; the sources cannot be read afterwards. */
  close(): Promise<void>;
}

/**
 * Reads files and folders and makes the manifest that `oras push` (or, with a subject, `oras attach`) would write of them: equal
 * byte for byte where the files are, and the time in `org.opencontainers.image.created` is given in the annotations.
 * @throws TallymanError UNREADABLE or CONFLICT that names a file, INVALID_INPUT for titles and types that break the rules, LIMIT.
 */
export async function planPush(
  request: PushRequest,
  { signal, mayBlock = false }: PlanPushOptions,
): Promise<PushPlan> {
  const form = checkRequest(request);
  const open: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const each of open.splice(0)) await each();
  };
  try {
    const reading = { signal, mayBlock, kept: createKeptBytes() };
    const layers = await planFiles(request.files, open, reading);
    const config = await planConfig(request, form, layers, reading);
    return finishPlan({ request, form, config, layers, close });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Form {
  readonly imageSpec: '1.0' | '1.1';
  /** Undefined in the 1.0 form, and in 1.1 with a config that says the type. */
  readonly artifactType: string | undefined;
}

/** The rules of `oras push` and `oras attach` for types and forms. */
function checkRequest(request: PushRequest): Form {
  const { artifactType, config, subject, files, annotations } = request;
  if (artifactType !== undefined) checkMediaType(artifactType, 'The artifact type');
  if (config?.mediaType !== undefined) checkMediaType(config.mediaType, 'The type of the config');
  for (const { mediaType, title } of files)
    if (mediaType !== undefined) checkMediaType(mediaType, `The type of ${quoteText(title)}`);
  checkCreated(annotations?.manifest?.[CREATED]);
  checkTitles(files);
  if (subject !== undefined) {
    if (request.imageSpec === '1.0')
      throw invalid('Image-spec 1.0 knows no subject.', 'Attach in the form of 1.1.');
    if (artifactType === undefined)
      throw invalid(
        'What is attached needs an artifact type.',
        'Give one: application/spdx+json, application/sarif+json …',
      );
    if (files.length === 0 && Object.keys(annotations?.manifest ?? {}).length === 0)
      throw invalid(
        'There is neither a file nor an annotation to attach.',
        'Name a file, or give an annotation.',
      );
    return { imageSpec: '1.1', artifactType };
  }
  if (config !== undefined && artifactType === undefined) {
    if (request.imageSpec === '1.1')
      throw invalid(
        'An artifact of image-spec 1.1 needs an artifact type.',
        'Give one, or choose image-spec 1.0.',
      );
    return { imageSpec: '1.0', artifactType: undefined };
  }
  if (request.imageSpec === '1.0') {
    if (config !== undefined)
      throw invalid(
        'In image-spec 1.0 the type of the config is the type of the artifact: both were given.',
        'Leave the artifact type out, or choose image-spec 1.1.',
      );
    return { imageSpec: '1.0', artifactType };
  }
  return { imageSpec: '1.1', artifactType: artifactType ?? UNKNOWN_ARTIFACT };
}

function checkMediaType(text: string, what: string): void {
  if (isMediaType(text)) return;
  throw invalid(
    `${what} is ${quoteText(text)}, which is no media type.`,
    'A media type looks like application/spdx+json.',
  );
}

/** RFC 3339, as oras asks for. */
function checkCreated(text: string | undefined): void {
  const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
  if (text === undefined || (rfc3339.test(text) && !Number.isNaN(Date.parse(text)))) return;
  throw invalid(`${CREATED} is ${quoteText(text)}, which is no time.`, 'Write it as 2026-01-31T12:00:00Z.');
}

function checkTitles(files: readonly FileToPush[]): void {
  const seen = new Set<string>();
  for (const file of files) {
    const title = titleOf(file);
    requireSafePath(title, 'The title');
    if (seen.has(title))
      throw invalid(
        `Two files are called ${quoteText(title)}.`,
        'Give one of them another title: whoever pulls them gets one file of a name.',
      );
    seen.add(title);
  }
}

function titleOf({ title, annotations }: FileToPush): string {
  return annotations?.[TITLE] ?? title;
}

function invalid(message: string, hint: string): TallymanError {
  return new TallymanError({ code: 'INVALID_INPUT', message, hint });
}

interface PlannedPart {
  readonly descriptor: Descriptor;
  readonly source: BlobSource;
  readonly title?: string;
}

async function planConfig(
  { config, annotations }: PushRequest,
  { imageSpec, artifactType }: Form,
  layers: readonly PlannedPart[],
  reading: HashOptions,
): Promise<PlannedPart> {
  const about = withAnnotations(annotations?.config);
  if (config?.path !== undefined) {
    const { digest, size, source } = await hashRegularFile(config.path, reading);
    return { descriptor: { mediaType: config.mediaType ?? UNKNOWN_CONFIG, digest, size, ...about }, source };
  }
  if (config === undefined && imageSpec === '1.1')
    return { descriptor: { ...EMPTY_DESCRIPTOR, ...about }, source: memorySource(EMPTY) };
  const bytes = config?.make?.(layers.map(({ descriptor }) => descriptor)) ?? EMPTY;
  const mediaType = config?.mediaType ?? (config === undefined ? artifactType : undefined) ?? UNKNOWN_CONFIG;
  return {
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength, ...about },
    source: memorySource(bytes),
  };
}

const EMPTY: Uint8Array = Buffer.from('{}');

async function planFiles(
  files: readonly FileToPush[],
  open: (() => Promise<void>)[],
  reading: HashOptions,
): Promise<readonly PlannedPart[]> {
  // The first failure ends the others, too: nobody wants the rest of them hashed.
  const { signal } = reading;
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const pool = createTaskPool(HASH_CONCURRENCY, both);
  let first: { readonly error: unknown } | undefined;
  const results = await Promise.allSettled(
    files.map((file) =>
      pool
        .run(() => planFile(file, open, { ...reading, signal: both }))
        .catch((error: unknown) => {
          first ??= { error };
          failed.abort();
          throw error;
        }),
    ),
  );
  if (first !== undefined) {
    signal.throwIfAborted();
    throw first.error;
  }
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

async function planFile(
  file: FileToPush,
  open: (() => Promise<void>)[],
  reading: HashOptions,
): Promise<PlannedPart> {
  const title = titleOf(file);
  const hashed = await hashFile(file.path, reading);
  if (hashed !== undefined) {
    const { digest, size, source } = hashed;
    const about = withAnnotations({ [TITLE]: title, ...file.annotations });
    const mediaType = file.mediaType ?? MEDIA_TYPES.layerTar;
    return { descriptor: { mediaType, digest, size, ...about }, source, title };
  }
  const packed = await packFolder(file.path, title, reading);
  open.push(() => packed.close());
  const { digest, size, source, contentDigest } = packed;
  const about = withAnnotations({
    [CONTENT_DIGEST]: contentDigest,
    [UNPACK]: 'true',
    [TITLE]: title,
    ...file.annotations,
  });
  const mediaType = file.mediaType ?? MEDIA_TYPES.layerTarGzip;
  return { descriptor: { mediaType, digest, size, ...about }, source, title };
}

function withAnnotations(annotations: Annotations | undefined): { readonly annotations?: Annotations } {
  return annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations };
}

function finishPlan({
  request,
  form,
  config,
  layers,
  close,
}: {
  readonly request: PushRequest;
  readonly form: Form;
  readonly config: PlannedPart;
  readonly layers: readonly PlannedPart[];
  readonly close: () => Promise<void>;
}): PushPlan {
  const { subject } = request;
  const parts =
    layers.length === 0 && form.imageSpec === '1.1'
      ? [{ descriptor: EMPTY_DESCRIPTOR, source: memorySource(EMPTY) }]
      : layers;
  const bytes = manifestJson({
    mediaType: MEDIA_TYPES.manifest,
    ...(form.imageSpec === '1.1' && form.artifactType !== undefined
      ? { artifactType: form.artifactType }
      : {}),
    config: config.descriptor,
    layers: parts.map(({ descriptor }) => descriptor),
    ...(subject === undefined
      ? {}
      : { subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size } }),
    annotations: withCreated(request),
  });
  return planOf({ bytes, artifactType: form.artifactType, config, layers: parts, tags: [], close });
}

function withCreated({ annotations, now }: PushRequest): Annotations {
  const given = annotations?.manifest ?? {};
  return Object.hasOwn(given, CREATED) ? given : { ...given, [CREATED]: rfc3339(now?.() ?? new Date()) };
}

/** A time in whole seconds of UTC, as oras and helm write it. */
export function rfc3339(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/**
 * A plan from its parts; equal content is sent once.
 * @throws TallymanError LIMIT when registries would not take the manifest.
 */
export function planOf({
  bytes,
  artifactType,
  config,
  layers,
  tags,
  close,
}: {
  readonly bytes: Uint8Array;
  readonly artifactType: string | undefined;
  readonly config: PlannedPart;
  readonly layers: readonly PlannedPart[];
  readonly tags: readonly string[];
  readonly close: () => Promise<void>;
}): PushPlan {
  if (bytes.byteLength > PUSHED_MANIFEST_LIMIT) {
    throw new TallymanError({
      code: 'LIMIT',
      message: `The manifest would have ${bytes.byteLength} bytes; registries take up to ${PUSHED_MANIFEST_LIMIT}.`,
      hint: 'Push fewer files, or put them into a folder, which is packed into one.',
      details: { limit: PUSHED_MANIFEST_LIMIT },
    });
  }
  const blobs = new Map<Digest, PlannedBlob>();
  for (const [index, { descriptor, source, title }] of [config, ...layers].entries()) {
    const before = blobs.get(descriptor.digest);
    const titles = [...(before?.titles ?? []), ...(title === undefined ? [] : [title])];
    blobs.set(
      descriptor.digest,
      before === undefined
        ? { descriptor, source, role: index === 0 ? 'config' : 'layer', titles }
        : { ...before, titles },
    );
  }
  const descriptor: Descriptor = {
    mediaType: MEDIA_TYPES.manifest,
    digest: digestOf(bytes),
    size: bytes.byteLength,
  };
  const planned = [...blobs.values()];
  return {
    manifest: {
      bytes,
      mediaType: MEDIA_TYPES.manifest,
      descriptor,
      ...(artifactType === undefined ? {} : { artifactType }),
    },
    blobs: planned,
    totalBytes: planned.reduce((sum, blob) => sum + blob.descriptor.size, bytes.byteLength),
    tags,
    close,
  };
}
