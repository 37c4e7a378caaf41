import { setTimeout as pause } from 'node:timers/promises';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { digestOf } from '../content/digest-of.ts';
import type { BlobSource, ManifestToWrite, MountSource, TargetWriter } from '../content/target-writer.ts';
import { readAll, verifyBytes } from '../content/verify-content.ts';
import type { MemoryPlace, MemoryTargetOptions } from './memory-target.ts';

export interface MemoryWriterOptions extends MemoryTargetOptions {
  /** Called before each step; what it throws is what the step throws. */
  readonly onStep?: (step: string) => void;
  /** Places that blobs can be mounted from, by repository. */
  readonly neighbours?: ReadonlyMap<string, MemoryPlace>;
  readonly mountSource?: MountSource;
  /** Takes a manifest whatever it names. */
  readonly sparse?: boolean;
}

/** The writing side of a place in memory, which insists on the order that registries insist on. */
export function memoryWriter(
  place: MemoryPlace,
  options: MemoryWriterOptions = {},
): TargetWriter & {
  readonly steps: readonly string[];
  readonly ended: readonly string[];
} {
  const steps: string[] = [];
  const ended: string[] = [];
  const step = async <Result>(
    name: string,
    signal: AbortSignal,
    work: () => Result | Promise<Result>,
  ): Promise<Result> => {
    signal.throwIfAborted();
    await pause(options.delay ?? 0, undefined, { signal });
    options.onStep?.(name);
    const result = await work();
    steps.push(name);
    return result;
  };
  const reading = place.target(options);

  const writeManifest = ({ bytes, mediaType, digest }: ManifestToWrite): Descriptor => {
    const descriptor = { mediaType, digest: digest ?? digestOf(bytes), size: bytes.byteLength };
    verifyBytes(bytes, descriptor);
    if (options.sparse !== true) insistOnContent(place, bytes, mediaType);
    place.manifests.set(descriptor.digest, { bytes, mediaType });
    const { subject } = parseManifest(bytes, mediaType);
    if (subject !== undefined) place.list(subject.digest, descriptor);
    return descriptor;
  };

  return {
    steps,
    ended,
    target: options.mountSource === undefined ? reading : { ...reading, mountSource: options.mountSource },
    hasBlob: ({ digest }, { signal }) => step(`has ${digest}`, signal, () => place.blobs.has(digest)),
    async writeBlob(descriptor: Descriptor, source: BlobSource, { signal, onProgress }) {
      const { digest, size } = descriptor;
      if (place.blobs.has(digest)) return { outcome: 'present', sent: 0 };
      return await step(`blob ${digest}`, signal, async () => {
        const bytes = await readAll(source.open(0, { signal }), size + 1);
        verifyBytes(bytes, descriptor);
        onProgress?.(size);
        place.blobs.set(digest, bytes);
        return { outcome: 'stored', sent: size } as const;
      });
    },
    ...(options.neighbours === undefined
      ? {}
      : {
          mountBlob: (
            { digest }: Descriptor,
            { repository }: MountSource,
            { signal }: { signal: AbortSignal },
          ) =>
            step(`mount ${digest}`, signal, () => {
              const bytes = options.neighbours?.get(repository)?.blobs.get(digest);
              if (bytes !== undefined) place.blobs.set(digest, bytes);
              return bytes !== undefined;
            }),
        }),
    async writeManifests(manifests, { signal }) {
      const descriptors: Descriptor[] = [];
      for (const manifest of manifests) {
        const digest = manifest.digest ?? digestOf(manifest.bytes);
        descriptors.push(await step(`manifest ${digest}`, signal, () => writeManifest(manifest)));
      }
      return { descriptors, notes: [] };
    },
    tag: (tag, { digest }, { signal }) =>
      step(`tag ${tag}`, signal, () => {
        if (!place.manifests.has(digest))
          throw new TallymanError({ code: 'NOT_FOUND', message: `There is no ${digest}.` });
        place.tags.set(tag, digest);
      }),
    async finish() {
      ended.push('finish');
      await Promise.resolve();
    },
    async close() {
      ended.push('close');
      await Promise.resolve();
    },
  };
}

/** What a manifest of a place names and the place lacks; layers that may lie elsewhere do not count. */
export function missingContent(place: MemoryPlace, bytes: Uint8Array, mediaType: string): readonly string[] {
  const parsed = parseManifest(bytes, mediaType);
  if (parsed.form === 'index')
    return parsed.manifests.map(({ digest }) => digest).filter((digest) => !place.manifests.has(digest));
  if (parsed.form === 'schema-1') return parsed.layerDigests.filter((digest) => !place.blobs.has(digest));
  return [...(parsed.config === undefined ? [] : [parsed.config]), ...parsed.layers]
    .filter(({ urls, mediaType: type }) => urls === undefined && !type.includes('foreign'))
    .map(({ digest }) => digest)
    .filter((digest) => !place.blobs.has(digest));
}

function insistOnContent(place: MemoryPlace, bytes: Uint8Array, mediaType: string): void {
  const [missing] = missingContent(place, bytes, mediaType);
  if (missing !== undefined)
    throw new TallymanError({
      code: 'PROTOCOL',
      message: `The manifest names ${missing}, which is not here.`,
    });
}
