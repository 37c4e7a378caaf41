import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { VerifiableAlgorithm } from '../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';

/** A descriptor as the tests of a registry write it. */
export interface DataDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [field: string]: unknown;
}

export interface DataManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly subject?: string;
}

interface ImageOptions {
  readonly tag?: string;
  readonly artifactType?: string;
  readonly config?: { readonly mediaType: string; readonly bytes: Buffer };
  readonly layers?: readonly { readonly mediaType: string; readonly bytes: Buffer }[];
  readonly subject?: DataDescriptor;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os: string; readonly architecture: string };
  /** Whether descriptors carry their content. */
  readonly inline?: boolean;
  /** A field that no specification knows, in the manifest, its descriptors and its config. */
  readonly extraField?: boolean;
}

interface IndexOptions {
  readonly tag?: string;
  readonly artifactType?: string;
  readonly subject?: DataDescriptor;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly extraField?: boolean;
}

/**
 * Content of one kind, to be pushed, read and deleted: what the official conformance suite makes (checklist, 3.3), made anew
 * for every run.
 */
export class ConformanceData {
  readonly blobs = new Map<string, Buffer>();
  /** Children before their parents. */
  readonly manifests: DataManifest[] = [];
  readonly tags = new Map<string, string>();
  readonly referrers = new Map<string, DataDescriptor[]>();
  readonly #algorithm: VerifiableAlgorithm;

  constructor(algorithm: VerifiableAlgorithm = 'sha256') {
    this.#algorithm = algorithm;
  }

  blob(bytes: Buffer, mediaType: string = MEDIA_TYPES.octetStream): DataDescriptor {
    const descriptor = { mediaType, digest: this.digest(bytes), size: bytes.byteLength };
    this.blobs.set(descriptor.digest, bytes);
    return descriptor;
  }

  digest(bytes: Uint8Array): string {
    return digestOfBytes(bytes, this.#algorithm);
  }

  image(options: ImageOptions = {}): DataDescriptor {
    const { artifactType, subject, annotations, platform = { os: 'linux', architecture: 'amd64' } } = options;
    const extra = options.extraField === true ? { newUnspecifiedField: randomBytes(8).toString('hex') } : {};
    const layers =
      options.layers ?? [1, 2].map(() => ({ mediaType: MEDIA_TYPES.layerTarGzip, bytes: someLayer() }));
    const config = options.config ?? {
      mediaType: MEDIA_TYPES.imageConfig,
      // The digests of its layers are those of empty bytes, as in the suite: nobody may check them on a push.
      bytes: json({
        ...platform,
        ...extra,
        created: randomBytes(4).toString('hex'),
        rootfs: { type: 'layers', diff_ids: layers.map(() => digestOfBytes(Buffer.from(''), 'sha256')) },
      }),
    };
    const describe = ({ mediaType, bytes }: { mediaType: string; bytes: Buffer }): DataDescriptor => ({
      ...this.blob(bytes, mediaType),
      ...(options.inline === true ? { data: bytes.toString('base64') } : {}),
      ...extra,
    });
    return this.#put(
      {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.manifest,
        ...(artifactType === undefined ? {} : { artifactType }),
        config: describe(config),
        layers: layers.map(describe),
        ...(subject === undefined ? {} : { subject }),
        ...(annotations === undefined ? {} : { annotations }),
        ...extra,
      },
      { ...options, listedType: artifactType ?? config.mediaType },
    );
  }

  artifact(options: ImageOptions & { readonly artifactType: string }): DataDescriptor {
    return this.image({
      config: { mediaType: MEDIA_TYPES.empty, bytes: Buffer.from('{}') },
      layers: [{ mediaType: options.artifactType, bytes: randomBytes(300) }],
      ...options,
    });
  }

  index(manifests: readonly DataDescriptor[], options: IndexOptions = {}): DataDescriptor {
    const { artifactType, subject, annotations } = options;
    return this.#put(
      {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.index,
        ...(artifactType === undefined ? {} : { artifactType }),
        manifests,
        ...(subject === undefined ? {} : { subject }),
        annotations: { ...annotations, unique: randomBytes(8).toString('hex') },
        ...(options.extraField === true ? { newUnspecifiedField: randomBytes(8).toString('hex') } : {}),
      },
      { ...options, listedType: artifactType },
    );
  }

  #put(
    document: {
      readonly mediaType: string;
      readonly annotations?: object;
      readonly [field: string]: unknown;
    },
    {
      tag,
      subject,
      listedType,
    }: { readonly tag?: string; readonly subject?: DataDescriptor; readonly listedType: string | undefined },
  ): DataDescriptor {
    const bytes = json(document);
    const { mediaType } = document;
    const descriptor = { mediaType, digest: this.digest(bytes), size: bytes.byteLength };
    this.manifests.push({
      digest: descriptor.digest,
      mediaType,
      bytes,
      ...(subject === undefined ? {} : { subject: subject.digest }),
    });
    if (tag !== undefined) this.tags.set(tag, descriptor.digest);
    if (subject !== undefined) {
      const listed = {
        ...descriptor,
        ...(listedType === undefined ? {} : { artifactType: listedType }),
        ...(document.annotations === undefined ? {} : { annotations: document.annotations }),
      };
      this.referrers.set(subject.digest, [...(this.referrers.get(subject.digest) ?? []), listed]);
    }
    return descriptor;
  }
}

export function digestOfBytes(bytes: Uint8Array, algorithm: VerifiableAlgorithm): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export function json(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document));
}

const TYPE_ONE = 'application/vnd.example.oci.conformance.v1+json';
const TYPE_TWO = 'application/vnd.example.oci.conformance.v2+json';
const NOTE = { 'org.opencontainers.conformance': 'hello conformance test' };
const PLATFORMS = [
  { os: 'linux', architecture: 'amd64' },
  { os: 'linux', architecture: 'arm64' },
] as const;

/** A layer of which nothing is true but its digest. */
function someLayer(): Buffer {
  return gzipSync(randomBytes(400));
}

function platformIndex(data: ConformanceData, options: IndexOptions & ImageOptions = {}): DataDescriptor {
  const { tag, subject, annotations, ...images } = options;
  const children = PLATFORMS.map((platform) => ({ ...data.image({ ...images, platform }), platform }));
  return data.index(children, {
    ...(tag === undefined ? {} : { tag }),
    ...(subject === undefined ? {} : { subject }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(options.artifactType === undefined ? {} : { artifactType: options.artifactType }),
    ...(options.extraField === undefined ? {} : { extraField: options.extraField }),
  });
}

const EMPTY_CONFIG = { mediaType: MEDIA_TYPES.empty, bytes: Buffer.from('{}') };

/** What is pushed, by the names of the suite. `tagParameters`: tags are pushed with the digest, as `?tag=`. */
export const CONFORMANCE_DATA: readonly {
  readonly name: string;
  readonly make: () => ConformanceData;
  readonly tagParameters?: true;
}[] = [
  { name: 'image', make: () => made((data) => data.image({ tag: 'image' })) },
  {
    name: 'image-uncompressed',
    make: () =>
      made((data) =>
        data.image({
          tag: 'image-uncompressed',
          layers: [{ mediaType: MEDIA_TYPES.layerTar, bytes: randomBytes(512) }],
        }),
      ),
  },
  {
    name: 'large-manifest',
    make: () =>
      made((data) => {
        const annotations = Object.fromEntries(
          Array.from({ length: 390 }, (_, number) => [`large-annotation-${number}`, 'A'.repeat(10_000)]),
        );
        data.image({ tag: 'large-manifest', annotations });
      }),
  },
  { name: 'index', make: () => made((data) => platformIndex(data, { tag: 'index' })) },
  {
    name: 'nested-index',
    make: () =>
      made((data) => data.index([platformIndex(data), platformIndex(data)], { tag: 'index-of-index' })),
  },
  { name: 'empty-index', make: () => made((data) => data.index([], { tag: 'empty-index' })) },
  {
    name: 'artifact',
    make: () => made((data) => data.artifact({ tag: 'artifact', artifactType: TYPE_ONE })),
  },
  {
    name: 'artifact-index',
    make: () =>
      made((data) =>
        platformIndex(data, {
          tag: 'artifact-index',
          artifactType: TYPE_ONE,
          config: EMPTY_CONFIG,
          layers: [{ mediaType: TYPE_ONE, bytes: randomBytes(300) }],
        }),
      ),
  },
  {
    name: 'artifact-without-layers',
    make: () =>
      made((data) =>
        data.artifact({ tag: 'artifact-without-layers', artifactType: TYPE_ONE, layers: [EMPTY_CONFIG] }),
      ),
  },
  {
    name: 'artifacts-with-subject',
    make: () =>
      made((data) => {
        const subject = data.image({ tag: 'image-with-referrers' });
        data.image({ subject });
        data.artifact({ subject, artifactType: TYPE_ONE, annotations: unique(), tag: 'tagged-artifact1' });
        data.artifact({ subject, artifactType: TYPE_TWO, annotations: unique(), tag: 'tagged-artifact2' });
      }),
  },
  {
    name: 'index-with-subject',
    make: () =>
      made((data) => {
        const subject = platformIndex(data, { tag: 'index-with-referrers' });
        platformIndex(data, {
          subject,
          artifactType: TYPE_ONE,
          annotations: NOTE,
          tag: 'tagged-index',
          config: EMPTY_CONFIG,
        });
        data.index([], { subject });
      }),
  },
  {
    name: 'missing-subject',
    make: () =>
      made((data) => {
        const digest = data.digest(Buffer.from('missing content'));
        data.artifact({
          subject: { mediaType: MEDIA_TYPES.manifest, digest, size: 123 },
          artifactType: TYPE_ONE,
          annotations: unique(),
          tag: 'tagged-orphan',
        });
      }),
  },
  { name: 'data-field', make: () => made((data) => data.image({ tag: 'data-field', inline: true })) },
  {
    name: 'non-distributable-layers',
    make: () =>
      made((data) => {
        const foreign = { mediaType: MEDIA_TYPES.foreignLayerTarGzip, bytes: randomBytes(256) };
        data.image({
          tag: 'non-distributable-image',
          layers: [foreign, { mediaType: MEDIA_TYPES.layerTarGzip, bytes: someLayer() }],
        });
        data.blobs.delete(data.digest(foreign.bytes)); // never pushed
      }),
  },
  {
    name: 'custom-fields',
    make: () => made((data) => platformIndex(data, { tag: 'custom-fields', extraField: true })),
  },
  { name: 'no-layers', make: () => made((data) => data.image({ tag: 'no-layers', layers: [] })) },
  {
    name: 'sparse',
    make: () =>
      made((data) => {
        const layer = { mediaType: MEDIA_TYPES.layerTarGzip, bytes: someLayer() };
        data.image({ tag: 'sparse-image', layers: [layer] });
        data.blobs.delete(data.digest(layer.bytes));
        const absent = {
          mediaType: MEDIA_TYPES.manifest,
          digest: data.digest(randomBytes(1024)),
          size: 1024,
        };
        data.index([data.image(), absent], { tag: 'sparse-index' });
      }),
  },
  { name: 'sha512', make: () => made((data) => platformIndex(data), 'sha512') },
  {
    name: 'tag-param-sha256',
    tagParameters: true,
    make: () => made((data) => withTags(data, 'tag-param-sha256')),
  },
  {
    name: 'tag-param-sha512',
    tagParameters: true,
    make: () => made((data) => withTags(data, 'tag-param-sha512'), 'sha512'),
  },
];

function made(fill: (data: ConformanceData) => unknown, algorithm?: VerifiableAlgorithm): ConformanceData {
  const data = new ConformanceData(algorithm);
  fill(data);
  return data;
}

/** Every manifest gets a tag, the index at the top two. */
function withTags(data: ConformanceData, tag: string): void {
  platformIndex(data, { tag });
  data.manifests.forEach(({ digest }, number) => data.tags.set(`${tag}-${number}`, digest));
}

function unique(): Readonly<Record<string, string>> {
  return { ...NOTE, unique: randomBytes(8).toString('hex') };
}
