import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { referrersTag } from '../../shared/oci/referrers-tag.ts';
import type { TargetWriter } from '../content/target-writer.ts';
import { blobOf, noise, type TestBlob } from '../testing/blob-sources.ts';
import { collect, NOBODY, QUICK_TIMINGS, quietSignal } from '../testing/open-registry.ts';
import { hasRealRegistry, REAL_REGISTRIES, startRealRegistry } from '../testing/real-registries.ts';
import { serveLayout } from '../testing/serve-layout.ts';
import { artifactOf } from '../testing/write-small-graph.ts';
import { createRegistry, type Registry } from './registry.ts';

const KINDS = ['tallyman', ...REAL_REGISTRIES] as const;
const PLACES = KINDS.map((kind) => {
  const here = kind === 'tallyman' || hasRealRegistry(kind);
  return { kind, here, title: here ? kind : `${kind} (skipped: not on this machine)` };
});
const signal = quietSignal();

let large: Buffer | undefined;
/** More than goes in one request; made once for all registries. */
const largeContent = (): Buffer => (large ??= noise(70 * 1024 * 1024, 7));

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
      const again = await open('team/app');
      expect(await again.hasBlob(blob.descriptor, { signal })).toBe(true);
      expect(await again.writeBlob(blob.descriptor, blob.source, { signal })).toEqual({
        outcome: 'present',
        sent: 0,
      });
      const read = await collect(writer.target.readBlob(blob.descriptor, { signal }));
      expect(read.equals(noise(size, size + 1))).toBe(true);
    }
  });

  it.skipIf(!here)('stores a large blob in parts', { timeout: 60_000 }, async () => {
    const writer = await open('team/large');
    const bytes = largeContent();
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
      const image = artifactOf([layer]);
      const [subject] = (
        await writer.writeManifests([{ ...image, tags: ['1.0', 'latest', 'stable'] }], { signal })
      ).descriptors;
      if (subject === undefined) throw new Error('One manifest was written.');
      const referrers = Array.from({ length: 5 }, (_unused, index) =>
        artifactOf([layer], { subject, annotations: { number: String(index) } }),
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

  it.skipIf(!here)('mounts from another repository, or is sent the blob', async () => {
    const from = await open('team/base');
    const blob = blobOf(noise(100_000, 5));
    await store(from, blob);
    const writer = await open('team/mounted');
    const source = from.target.mountSource;
    if (source === undefined) throw new Error('Blobs can be mounted from a repository.');
    const mounted = await writer.mountBlob?.(blob.descriptor, source, { signal });
    expect(await writer.writeBlob(blob.descriptor, blob.source, { signal })).toEqual(
      mounted === true ? { outcome: 'present', sent: 0 } : { outcome: 'stored', sent: 100_000 },
    );
    const read = await collect(writer.target.readBlob(blob.descriptor, { signal }));
    expect(read.equals(noise(100_000, 5))).toBe(true);
    await writer.close();
  });

  it.skipIf(!here)('takes tags away and removes manifests, or says that it cannot', async () => {
    const writer = await open('team/removed');
    await store(writer, blobOf(Buffer.from('{}')));
    const [descriptor] = (await writer.writeManifests([{ ...artifactOf([]), tags: ['a', 'b'] }], { signal }))
      .descriptors;
    if (descriptor === undefined) throw new Error('One manifest was written.');
    const cannot = (error: unknown): string => {
      expect(error).toMatchObject({ code: 'UNSUPPORTED' });
      return 'cannot';
    };
    const untagged = await writer.untag?.('a', { signal }).catch(cannot);
    const { target } = await open('team/removed');
    expect((await target.resolve('a', { signal })) === undefined).toBe(untagged !== 'cannot');
    expect((await target.resolve('b', { signal }))?.digest).toBe(descriptor.digest);
    const removed = await writer.removeManifest?.(descriptor, { signal }).catch(cannot);
    if (removed !== 'cannot') expect(await target.resolve(descriptor.digest, { signal })).toBeUndefined();
  });
});
