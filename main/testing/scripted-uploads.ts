import { createHash } from 'node:crypto';
import { failure, repositoryIn, serveContent, type ScriptedContent } from './content-script.ts';
import type { Script, ScriptedAnswer, ScriptedRequest } from './scripted-registry.ts';

/** How a scripted registry takes pushes. */
export interface ScriptedUploadOptions {
  /** Takes a blob with the opening POST; else answers 202 as distribution does. */
  readonly singlePost?: boolean;
  /** `OCI-Chunk-Min-Length` of every opened upload. */
  readonly chunkMinimum?: number;
  /** Says nothing about subjects, as registries without the referrers API. */
  readonly silentAboutSubjects?: boolean;
  /** Sends `ETag` and honours `If-Match`. */
  readonly conditions?: boolean;
}

/** The pushing side of a scripted registry, as strict as the specification. */
export interface ScriptedUploads {
  /** Answers pushes, and everything that `serveContent` answers. */
  readonly script: Script;
  /** Uploads that are open, with what is in them. */
  readonly open: ReadonlyMap<string, Buffer>;
  /** Forgets every open upload, as a restart would. */
  forget(): void;
}

/** Makes a script that takes pushes into `content`. The `Location` of an upload changes with every answer and has a query. */
export function takeUploads(content: ScriptedContent, options: ScriptedUploadOptions = {}): ScriptedUploads {
  const open = new Map<string, Buffer>();
  const read = serveContent(content);
  let opened = 0;
  let states = 0;

  const session = (name: string, id: string, status: number): ScriptedAnswer => {
    states += 1;
    const size = open.get(id)?.byteLength ?? 0;
    return {
      status,
      headers: {
        location: `/v2/${name}/blobs/uploads/${id}?_state=a%2Fb+c~${states}&x=`,
        range: `0-${Math.max(0, size - 1)}`,
        ...(options.chunkMinimum === undefined || status !== 202
          ? {}
          : { 'oci-chunk-min-length': String(options.chunkMinimum) }),
      },
    };
  };

  const finish = (name: string, id: string | undefined, bytes: Buffer, digest: string): ScriptedAnswer => {
    const algorithm = digest.slice(0, digest.indexOf(':'));
    const actual = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
    if (actual !== digest) return failure(400, 'DIGEST_INVALID', 'the digest is another one');
    if (id !== undefined) open.delete(id);
    repositoryIn(content, name).blobs.set(digest, bytes);
    return {
      status: 201,
      headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest },
    };
  };

  const begin = (request: ScriptedRequest, name: string): ScriptedAnswer => {
    const { query, body } = request;
    const mount = query.get('mount');
    const blob = content.repositories.get(query.get('from') ?? '')?.blobs.get(mount ?? '');
    if (mount !== null && blob !== undefined) {
      repositoryIn(content, name).blobs.set(mount, blob);
      return { status: 201, headers: { location: `/v2/${name}/blobs/${mount}` } };
    }
    const digest = query.get('digest');
    if (digest !== null && options.singlePost === true)
      return finish(name, undefined, Buffer.from(body), digest);
    opened += 1;
    const id = `upload-${opened}`;
    open.set(id, Buffer.alloc(0));
    return session(name, id, 202);
  };

  const goOn = (request: ScriptedRequest, name: string, id: string): ScriptedAnswer => {
    const before = open.get(id);
    if (before === undefined) return failure(404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload');
    // A client that makes up its own Location, or uses an old one, is found out.
    const state = /^\/[^?]*\?_state=a%2Fb\+c~(\d+)&x=(?:&digest=.*)?$/.exec(request.target)?.[1];
    if (state === undefined) return failure(400, 'BLOB_UPLOAD_INVALID', 'not what was told');
    switch (request.method) {
      case 'GET':
        return session(name, id, 204);
      case 'DELETE':
        open.delete(id);
        return { status: 204 };
      case 'PATCH':
      case 'PUT': {
        const start = /^(\d+)-\d+$/.exec(request.headers['content-range'] ?? '')?.[1];
        if (start !== undefined && Number(start) !== before.byteLength)
          return { ...session(name, id, 416), body: '' };
        const after = Buffer.concat([before, request.body]);
        open.set(id, after);
        return request.method === 'PATCH'
          ? session(name, id, 202)
          : finish(name, id, after, request.query.get('digest') ?? '');
      }
      default:
        return failure(405, 'UNSUPPORTED', 'no');
    }
  };

  const putManifest = (request: ScriptedRequest, name: string, reference: string): ScriptedAnswer => {
    const repository = repositoryIn(content, name);
    const bytes = Buffer.from(request.body);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (reference.includes(':') && reference !== digest)
      return failure(400, 'DIGEST_INVALID', 'not the digest of what came');
    const match = request.headers['if-match'];
    if (options.conditions === true && match !== undefined && match !== `"${repository.tags.get(reference)}"`)
      return failure(412, 'CONFLICT', 'changed meanwhile');
    repository.manifests.set(digest, { mediaType: request.headers['content-type'] ?? '', bytes });
    if (!reference.includes(':')) repository.tags.set(reference, digest);
    const { subject } = JSON.parse(bytes.toString()) as { subject?: { digest: string } };
    return {
      status: 201,
      headers: {
        location: `/v2/${name}/manifests/${digest}`,
        'docker-content-digest': digest,
        ...(subject === undefined || options.silentAboutSubjects === true
          ? {}
          : { 'oci-subject': subject.digest }),
      },
    };
  };

  const script: Script = async (request) => {
    const [, name = '', id = ''] = /^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/.exec(request.path) ?? [];
    if (name !== '') return id === '' ? begin(request, name) : goOn(request, name, id);
    const [, repository = '', reference = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(request.path) ?? [];
    if (repository !== '' && request.method === 'PUT') return putManifest(request, repository, reference);
    if (repository !== '' && request.method === 'DELETE') {
      const place = repositoryIn(content, repository);
      const isThere = reference.includes(':')
        ? place.manifests.delete(reference)
        : place.tags.delete(reference);
      for (const [tag, digest] of place.tags) if (digest === reference) place.tags.delete(tag);
      return isThere ? { status: 202 } : failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    }
    // Before the first push nothing is known of a repository.
    if (repository !== '') repositoryIn(content, repository);
    const answer = await read(request);
    const etag = answer?.headers?.['docker-content-digest'];
    if (options.conditions !== true || repository === '' || typeof etag !== 'string') return answer;
    return { ...answer, headers: { ...answer?.headers, etag: `"${etag}"` } };
  };

  return { script, open, forget: () => open.clear() };
}
