import { setTimeout as pause } from 'node:timers/promises';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isDigest, type Digest } from '../../shared/oci/digest.ts';
import { EMPTY_DESCRIPTOR } from '../../shared/oci/empty-descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { digestOf } from '../content/digest-of.ts';
import type { FetchedManifest, ReferrersSourceName, Target, TargetEntry } from '../content/target.ts';

interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** How a place in memory behaves; what is absent, it does not offer. */
export interface MemoryTargetOptions {
  /** The place answers by itself what refers to a digest, from what `attach` noted. */
  readonly referrers?: ReferrersSourceName;
  /** The place says that it cannot. */
  readonly referrersUnsupported?: boolean;
  /** Descriptors in one page of the listing; no listing when 0. Default 100. */
  readonly pageSize?: number;
  /** The listing gives digests too, as that of a layout does. */
  readonly listDescriptors?: boolean;
  /** Looking at blobs costs nothing, as in a layout. */
  readonly inspectBlobs?: boolean;
  /** Milliseconds before each answer. */
  readonly delay?: number;
  /** Called before each answer; what it throws is the answer. */
  readonly onRequest?: (request: string) => void;
}

/** One small place in memory that any graph can be put into, also one that no digest could ever allow. */
export class MemoryPlace {
  readonly manifests = new Map<string, StoredManifest>();
  readonly blobs = new Map<string, Uint8Array>();
  readonly tags = new Map<string, string>();
  /** Descriptors listed as referrers of a digest, whatever the manifests say. */
  readonly listed = new Map<string, Descriptor[]>();
  /** Every question that came, as `manifest v1`, `referrers sha256:…`, `resolve v1`, `list`, `inspect …`, `blob …`. */
  readonly requests: string[] = [];
  /** Questions under way, and the most there were at once. */
  running = 0;
  mostRunning = 0;

  blob(content: string | Uint8Array, mediaType: string = MEDIA_TYPES.layerTarGzip): Descriptor {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const digest = digestOf(bytes);
    this.blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.byteLength };
  }

  /** Stores a document under its own digest, or under a false one. */
  manifest(document: object, options: { readonly tag?: string; readonly digest?: Digest } = {}): Descriptor {
    const bytes = Buffer.from(JSON.stringify(document));
    const digest = options.digest ?? digestOf(bytes);
    const mediaType = (document as { readonly mediaType?: string }).mediaType ?? MEDIA_TYPES.manifest;
    this.manifests.set(digest, { bytes, mediaType });
    if (options.tag !== undefined) this.tags.set(options.tag, digest);
    return { mediaType, digest, size: bytes.byteLength };
  }

  image(name: string, tag?: string): Descriptor {
    const config = this.blob(
      JSON.stringify({ os: 'linux', architecture: 'amd64', author: name }),
      MEDIA_TYPES.imageConfig,
    );
    const layers = [this.blob(`layer of ${name}`)];
    return this.manifest(imageManifest({ config, layers }), tag === undefined ? {} : { tag });
  }

  index(manifests: readonly Descriptor[], tag?: string): Descriptor {
    return this.manifest(
      { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests },
      tag === undefined ? {} : { tag },
    );
  }

  /** A manifest about a subject, and a line in the listing of the subject's referrers. */
  attach(subject: Descriptor, artifactType: string, content = artifactType): Descriptor {
    const layers = [this.blob(`${content} about ${subject.digest}`, artifactType)];
    this.blobs.set(EMPTY_DESCRIPTOR.digest, Buffer.from('{}'));
    const descriptor = this.manifest(
      imageManifest({ artifactType, config: EMPTY_DESCRIPTOR, layers, subject }),
    );
    this.list(subject.digest, { ...descriptor, artifactType });
    return descriptor;
  }

  list(subject: string, descriptor: Descriptor): void {
    const descriptors = this.listed.get(subject);
    if (descriptors === undefined) this.listed.set(subject, [descriptor]);
    else descriptors.push(descriptor);
  }

  target(options: MemoryTargetOptions = {}): Target {
    const { referrers, pageSize = 100, inspectBlobs = false } = options;
    const answer = this.answerer(options);
    return {
      label: 'memory',
      fetchManifest: (reference, { signal }) =>
        answer(`manifest ${typeof reference === 'string' ? reference : reference.digest}`, signal, () =>
          this.find(reference),
        ),
      resolve: (reference, { signal }) =>
        answer(`resolve ${reference}`, signal, () => {
          if (isDigest(reference))
            return this.manifests.has(reference) ? this.describe(reference) : undefined;
          const digest = this.tags.get(reference);
          return digest === undefined ? undefined : this.describe(digest);
        }),
      readBlob: (descriptor, { signal }) => this.readBlob(descriptor, signal, answer),
      ...(pageSize === 0
        ? {}
        : { listEntries: ({ signal }: { signal: AbortSignal }) => this.listPages(signal, answer, options) }),
      ...(referrers === undefined
        ? {}
        : {
            referrers: {
              name: referrers,
              list: (subject, { signal }) =>
                answer(`referrers ${subject}`, signal, () =>
                  options.referrersUnsupported === true
                    ? ({ outcome: 'unsupported', reason: 'It has no referrers API.' } as const)
                    : ({ outcome: 'listed', referrers: this.listed.get(subject) ?? [] } as const),
                ),
            },
          }),
      ...(inspectBlobs
        ? {
            inspectBlob: (descriptor, { signal }) =>
              answer(`inspect ${descriptor.digest}`, signal, () => {
                const bytes = this.blobs.get(descriptor.digest);
                return bytes === undefined
                  ? { state: 'missing' }
                  : { state: 'present', size: bytes.byteLength };
              }),
          }
        : {}),
    };
  }

  private answerer({ delay = 0, onRequest }: MemoryTargetOptions) {
    return async <Result>(request: string, signal: AbortSignal, answer: () => Result): Promise<Result> => {
      signal.throwIfAborted();
      this.requests.push(request);
      this.running += 1;
      this.mostRunning = Math.max(this.mostRunning, this.running);
      try {
        await pause(delay, undefined, { signal });
        onRequest?.(request);
        return answer();
      } finally {
        this.running -= 1;
      }
    };
  }

  private find(reference: string | Descriptor): FetchedManifest {
    const name = typeof reference === 'string' ? reference : reference.digest;
    const digest = isDigest(name) ? name : this.tags.get(name);
    const stored = digest === undefined ? undefined : this.manifests.get(digest);
    if (digest === undefined || stored === undefined) {
      throw new TallymanError({ code: 'NOT_FOUND', message: `There is no ${name}.` });
    }
    return { descriptor: this.describe(digest), bytes: stored.bytes };
  }

  private describe(digest: string): Descriptor {
    const stored = this.manifests.get(digest);
    return {
      mediaType: stored?.mediaType ?? MEDIA_TYPES.octetStream,
      digest: digest as Digest,
      size: stored?.bytes.byteLength ?? 0,
    };
  }

  private async *readBlob(
    descriptor: Descriptor,
    signal: AbortSignal,
    answer: ReturnType<MemoryPlace['answerer']>,
  ): AsyncGenerator<Uint8Array> {
    const bytes = await answer(`blob ${descriptor.digest}`, signal, () => this.blobs.get(descriptor.digest));
    if (bytes === undefined)
      throw new TallymanError({ code: 'MISSING', message: `There is no ${descriptor.digest}.` });
    yield bytes;
    if (digestOf(bytes) !== descriptor.digest) {
      throw new TallymanError({ code: 'DIGEST_MISMATCH', message: `${descriptor.digest} has other bytes.` });
    }
  }

  private async *listPages(
    signal: AbortSignal,
    answer: ReturnType<MemoryPlace['answerer']>,
    { pageSize = 100, listDescriptors = false }: MemoryTargetOptions,
  ): AsyncGenerator<readonly TargetEntry[]> {
    const tags = [...this.tags.keys()];
    for (let start = 0; start < Math.max(tags.length, 1); start += pageSize) {
      yield await answer('list', signal, () =>
        tags.slice(start, start + pageSize).map((tag) => ({
          tag,
          ...(listDescriptors ? { descriptor: this.describe(this.tags.get(tag)!) } : {}),
        })),
      );
    }
  }
}

/** An image manifest document with these fields. */
export function imageManifest(fields: object): object {
  return { schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, ...fields };
}
