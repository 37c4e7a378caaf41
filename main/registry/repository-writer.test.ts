import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMPTY_DESCRIPTOR } from '../../shared/oci/empty-descriptor.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { referrersTag } from '../../shared/oci/referrers-tag.ts';
import type { ManifestToWrite, TargetWriter } from '../content/target-writer.ts';
import { blobOf, noise, type TestBlob } from '../testing/blob-sources.ts';
import { collect, NOBODY, QUICK_TIMINGS, quietSignal } from '../testing/open-registry.ts';
import { hasRealRegistry, REAL_REGISTRIES, startRealRegistry } from '../testing/real-registries.ts';
import { serveLayout } from '../testing/serve-layout.ts';
import { createRegistry, type Registry } from './registry.ts';

const KINDS = ['tallyman', ...REAL_REGISTRIES] as const;
const PLACES = KINDS.map((kind) => {
  const here = kind === 'tallyman' || hasRealRegistry(kind);
  return { kind, here, title: here ? kind : `${kind} (skipped: not on this machine)` };
});
const signal = quietSignal();

/** What it does not do at all: crane's registry deletes by digest only what it knows by it, distribution 2 no tags. */
function manifestOf(layers: readonly Descriptor[], more: object = {}): ManifestToWrite {
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: 'application/vnd.example.thing',
    config: EMPTY_DESCRIPTOR,
    layers,
    ...more,
  };
  return { bytes: Buffer.from(JSON.stringify(document)), mediaType: MEDIA_TYPES.manifest };
}

async function store(writer: TargetWriter, { descriptor, source }: TestBlob): Promise<Descriptor> {
  await writer.writeBlob(descriptor, source, { signal });
  return descriptor;
}

describe.each(PLACES)('writing to $title', ({ kind, here }) => {
  let server: { readonly host: string; close(): Promise<void> } | undefined;
  let registry: Registry;
  beforeAll(async () => {
    if (!here) return;
    server = kind === 'tallyman' ? await serveLayout() : await startRealRegistry(kind);
    registry = createRegistry(
      { host: server.host, credentials: NOBODY, onWarning: () => undefined },
      { timings: QUICK_TIMINGS },
    );
  });
  afterAll(async () => {
    if (server === undefined) return;
    await registry.close();
    await server.close();
  });
  const open = (name: string): Promise<TargetWriter> => {
    const writer = registry.repository(name).openWriter?.({ signal });
    if (writer === undefined) throw new Error('A repository can be written to.');
    return writer;
  };

  it.skipIf(!here)('stores blobs of every size, and reads them back', { timeout: 60_000 }, async () => {
    const writer = await open('team/app');
    for (const size of [0, 1, 4096, 1024 * 1024, 5_000_000]) {
      const blob = blobOf(noise(size, size + 1));
      expect(await writer.hasBlob(blob.descriptor, { signal })).toBe(false);
      const first = await writer.writeBlob(blob.descriptor, blob.source, { signal });
      expect(first).toEqual({ outcome: 'stored', sent: size });
      const again = await (await open('team/app')).writeBlob(blob.descriptor, blob.source, { signal });
      expect(again).toEqual({ outcome: 'present', sent: 0 });
      const read = await collect(writer.target.readBlob(blob.descriptor, { signal }));
      expect(read.equals(noise(size, size + 1))).toBe(true);
    }
  });

  it.skipIf(!here)('stores a large blob in parts', { timeout: 60_000 }, async () => {
    const writer = await open('team/large');
    const bytes = noise(70 * 1024 * 1024, 7);
    const blob = blobOf(bytes, 'sha256', 1024 * 1024);
    const progress: number[] = [];
    const written = await writer.writeBlob(blob.descriptor, blob.source, {
      signal,
      onProgress: (count) => progress.push(count),
    });
    expect(written).toEqual({ outcome: 'stored', sent: bytes.byteLength });
    expect(progress.at(-1)).toBe(bytes.byteLength);
    expect(progress).toEqual([...progress].sort((left, right) => left - right));
    expect((await collect(writer.target.readBlob(blob.descriptor, { signal }))).equals(bytes)).toBe(true);
  });

  it.skipIf(!here)(
    'stores manifests, tags them, and lists what refers to them',
    { timeout: 60_000 },
    async () => {
      const writer = await open('team/graph');
      await store(writer, blobOf(Buffer.from('{}')));
      const layer = await store(writer, blobOf(noise(1000, 3)));
      const image = manifestOf([layer]);
      const [subject] = (
        await writer.writeManifests([{ ...image, tags: ['1.0', 'latest', 'stable'] }], { signal })
      ).descriptors;
      if (subject === undefined) throw new Error('One manifest was written.');
      const referrers = Array.from({ length: 5 }, (_unused, index) =>
        manifestOf([layer], { subject, annotations: { number: String(index) } }),
      );
      const { descriptors, notes } = await writer.writeManifests(referrers, { signal });
      await writer.finish({ signal });
      await writer.close();

      expect(notes).toEqual([]);
      const target = registry.repository('team/graph');
      for (const tag of ['1.0', 'latest', 'stable'])
        expect((await target.fetchManifest(tag, { signal })).bytes).toEqual(image.bytes);
      const api = await target.referrers?.list(subject.digest, { signal });
      const listed =
        api?.outcome === 'listed'
          ? api.referrers
          : (JSON.parse(
              Buffer.from(
                (await target.fetchManifest(referrersTag(subject.digest), { signal })).bytes,
              ).toString(),
            ).manifests as Descriptor[]);
      expect(new Set(listed.map(({ digest }) => digest))).toEqual(
        new Set(descriptors.map(({ digest }) => digest)),
      );
      expect(new Set(listed.map(({ artifactType }) => artifactType))).toEqual(
        new Set(['application/vnd.example.thing']),
      );
      expect(new Set(listed.map(({ annotations }) => annotations?.['number']))).toEqual(
        new Set(['0', '1', '2', '3', '4']),
      );
    },
  );
});
