import { createHash } from 'node:crypto';
import type { Script, ScriptedAnswer, ScriptedRequest } from './scripted-registry.ts';

/** A manifest a scripted registry holds. */
export interface ScriptedManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** One repository of a scripted registry, in memory. */
export interface ScriptedRepository {
  /** Digest behind each tag. */
  readonly tags: Map<string, string>;
  readonly manifests: Map<string, ScriptedManifest>;
  readonly blobs: Map<string, Uint8Array>;
}

/** What a scripted registry holds, and how much of the specification it speaks. */
export interface ScriptedContent {
  readonly repositories: Map<string, ScriptedRepository>;
  /** False: 404 for the referrers API, as distribution answers. */
  readonly referrersApi: boolean;
}

/** Content with nothing in it. */
export function emptyContent(options: { readonly referrersApi?: boolean } = {}): ScriptedContent {
  return { repositories: new Map(), referrersApi: options.referrersApi ?? true };
}

/** The repository of that name, made when it is new. */
export function repositoryIn(content: ScriptedContent, name: string): ScriptedRepository {
  const known = content.repositories.get(name);
  if (known !== undefined) return known;
  const repository: ScriptedRepository = { tags: new Map(), manifests: new Map(), blobs: new Map() };
  content.repositories.set(name, repository);
  return repository;
}

/** Adds a manifest under its sha256 digest, and under a tag when one is given; answers the digest. */
export function addManifest(
  repository: ScriptedRepository,
  manifest: object,
  mediaType: string,
  tag?: string,
): string {
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = sha256(bytes);
  repository.manifests.set(digest, { mediaType, bytes });
  if (tag !== undefined) repository.tags.set(tag, digest);
  return digest;
}

/** Adds a blob under its sha256 digest; answers the digest. */
export function addBlob(repository: ScriptedRepository, bytes: Uint8Array): string {
  const digest = sha256(bytes);
  repository.blobs.set(digest, bytes);
  return digest;
}

/** `sha256:…` of these bytes. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * A script that serves `content` as the distribution specification says: enough of a registry to walk, list and read.
 */
export function serveContent(content: ScriptedContent): Script {
  return (request) => {
    if (request.path === '/v2/') return { body: '{}', headers: JSON_TYPE };
    if (request.path === '/v2/_catalog') {
      return page(request, [...content.repositories.keys()].sort(), (repositories) => ({ repositories }));
    }
    const match = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^/]+)$/.exec(request.path);
    const [, name = '', part, reference = ''] = match ?? [];
    const repository = content.repositories.get(name);
    if (repository === undefined)
      return failure(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    switch (part) {
      case 'manifests':
        return manifestAnswer(repository, reference);
      case 'blobs':
        return blobAnswer(repository.blobs.get(reference), request, reference);
      case 'tags':
        return page(request, [...repository.tags.keys()].sort(), (tags) => ({ name, tags }));
      case 'referrers':
        return content.referrersApi ? referrersAnswer(repository, reference) : plainNotFound();
      default:
        return plainNotFound();
    }
  };
}

/** An error answer in the form of the distribution specification. */
export function failure(status: number, code: string, message: string): ScriptedAnswer {
  return { status, headers: JSON_TYPE, body: JSON.stringify({ errors: [{ code, message }] }) };
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** What distribution's router says about a path it does not know. */
function plainNotFound(): ScriptedAnswer {
  return {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '404 page not found\n',
  };
}

function manifestAnswer(repository: ScriptedRepository, reference: string): ScriptedAnswer {
  const digest = repository.tags.get(reference) ?? reference;
  const manifest = repository.manifests.get(digest);
  if (manifest === undefined) return failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  return {
    headers: {
      'content-type': manifest.mediaType,
      'docker-content-digest': digest,
      'content-length': String(manifest.bytes.byteLength),
    },
    body: manifest.bytes,
  };
}

function blobAnswer(bytes: Uint8Array | undefined, request: ScriptedRequest, digest: string): ScriptedAnswer {
  if (bytes === undefined) return failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (range === null)
    return { headers: { ...headers, 'content-length': String(bytes.byteLength) }, body: bytes };
  const start = Number(range[1]);
  const end = range[2] === '' ? bytes.byteLength - 1 : Math.min(Number(range[2]), bytes.byteLength - 1);
  if (start > end)
    return { status: 416, headers: { 'content-range': `bytes */${bytes.byteLength}` }, body: '' };
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${bytes.byteLength}` },
    body: bytes.subarray(start, end + 1),
  };
}

function page(
  request: ScriptedRequest,
  all: readonly string[],
  form: (items: readonly string[]) => object,
): ScriptedAnswer {
  const size = Number(request.query.get('n') ?? all.length);
  const last = request.query.get('last');
  const rest = last === null ? all : all.filter((item) => item > last);
  const items = rest.slice(0, size);
  const more = rest.length > items.length && items.length > 0;
  const next = `${request.path}?n=${size}&last=${encodeURIComponent(items.at(-1) ?? '')}`;
  return {
    headers: { ...JSON_TYPE, ...(more ? { link: `<${next}>; rel="next"` } : {}) },
    body: JSON.stringify(form(items)),
  };
}

function referrersAnswer(repository: ScriptedRepository, subject: string): ScriptedAnswer {
  const manifests = [...repository.manifests].flatMap(([digest, { mediaType, bytes }]) => {
    const document = JSON.parse(Buffer.from(bytes).toString()) as {
      subject?: { digest?: string };
      artifactType?: string;
      config?: { mediaType?: string };
      annotations?: object;
    };
    if (document.subject?.digest !== subject) return [];
    const artifactType = document.artifactType ?? document.config?.mediaType;
    return [
      {
        mediaType,
        digest,
        size: bytes.byteLength,
        ...(artifactType === undefined ? {} : { artifactType }),
        ...(document.annotations === undefined ? {} : { annotations: document.annotations }),
      },
    ];
  });
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  return {
    headers: { 'content-type': mediaType },
    body: JSON.stringify({ schemaVersion: 2, mediaType, manifests }),
  };
}
