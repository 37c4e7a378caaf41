import { mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { digestOf } from '../content/digest-of.ts';
import { readEverything } from '../testing/check-layout.ts';
import { crashStates, seededRandom } from '../testing/crash-states.ts';
import { LayoutFiles, named } from '../testing/make-layout.ts';
import { SimulatedDisk } from '../testing/simulated-disk.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { FileSystem } from './file-system.ts';
import type { GarbageOptions } from './garbage.ts';
import type { LayoutWriter } from './layout-writer.ts';
import { nodeFileSystem } from './node-file-system.ts';
import type { ProcessTable } from './process-identity.ts';
import { createLayout, openLayoutForWriting } from './write-layout.ts';

/** Milliseconds for a test that waits for the disk often, on a machine that is busy with others. */
const LONG = 180_000;

const { signal } = new AbortController();
/** Everything is old enough. */
const old: GarbageOptions = { signal, grace: -1 };

function describeBytes(bytes: Uint8Array, mediaType: string = MEDIA_TYPES.octetStream): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

async function putBlob(writer: LayoutWriter, content: string): Promise<Descriptor> {
  const bytes = Buffer.from(content);
  await writer.ingest(describeBytes(bytes), bytes, { signal });
  return describeBytes(bytes);
}

async function putImage(
  writer: LayoutWriter,
  content: string,
  name?: string,
  fields: object = {},
): Promise<Descriptor> {
  const layer = await putBlob(writer, content);
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      config: layer,
      layers: [layer],
      ...fields,
    }),
  );
  const manifest = { bytes, mediaType: MEDIA_TYPES.manifest };
  return (await writer.putManifests([name === undefined ? manifest : { ...manifest, name }], { signal }))
    .descriptors[0]!;
}

async function newStore(
  fileSystem: FileSystem = nodeFileSystem,
): Promise<{ readonly folder: string; readonly writer: LayoutWriter }> {
  const folder = path.join(await temporaryFolder(), 'store');
  return { folder, writer: await createLayout(folder, { fileSystem }) };
}

const blobFile = (folder: string, digest: Digest): string => path.join(folder, 'blobs', ...digest.split(':'));
const blobs = async (folder: string): Promise<readonly string[]> =>
  (await readdir(path.join(folder, 'blobs', 'sha256'))).map((name) => `sha256:${name}`).sort();
const digests = (garbage: readonly { readonly digest: Digest }[]): readonly string[] =>
  garbage.map(({ digest }) => digest).sort();

describe('garbage collection', () => {
  it('shows what nothing leads to with its size, and removes exactly that', async () => {
    const { folder, writer } = await newStore();
    const kept = await putImage(writer, 'kept', 'v1');
    const gone = await putImage(writer, 'gone', 'v2');
    await writer.remove(gone.digest, { signal });
    const stray = await putBlob(writer, 'stray');
    const before = await blobs(folder);
    const expected = [gone, describeBytes(Buffer.from('gone')), stray];

    const plan = await writer.findGarbage(old);
    expect(digests(plan.garbage)).toEqual(digests(expected));
    expect(plan.garbageBytes).toBe(expected.reduce((total, { size }) => total + size, 0));
    expect([plan.liveBlobs, plan.youngBlobs]).toEqual([2, 0]);
    expect(await blobs(folder)).toEqual(before);

    expect(digests((await writer.collectGarbage(old)).garbage)).toEqual(digests(expected));
    expect(await blobs(folder)).toEqual(digests([kept, describeBytes(Buffer.from('kept'))]));
    expect((await readEverything(folder)).get('v1')).toBe(kept.digest);
    expect(await readdir(path.join(folder, '.tallyman', 'trash'))).toEqual([]);
    await writer.close();
  });

  it('leaves young content alone, and content that was asked for a short time ago', async () => {
    const { folder, writer } = await newStore();
    const [young, wanted, aged] = [
      await putBlob(writer, 'young'),
      await putBlob(writer, 'wanted'),
      await putBlob(writer, 'aged'),
    ];
    await expect(writer.collectGarbage({ signal })).resolves.toMatchObject({ garbage: [], youngBlobs: 3 });
    const past = new Date(Date.now() - 3_600_000);
    for (const { digest } of [wanted, aged]) await utimes(blobFile(folder, digest), past, past);
    expect(await writer.has(wanted)).toBe(true);
    // The change time cannot be set back, so a grace in the middle of the test's own time stands for a day.
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await writer.has(young)).toBe(true);
    const report = await writer.collectGarbage({ signal, grace: 100 });
    expect(digests(report.garbage)).toEqual(digests([wanted, aged]));
    expect(await blobs(folder)).toEqual([young.digest]);
    await writer.close();
  });

  it('keeps children of indexes, content of every manifest form, and whatever documents of unknown types mention', async () => {
    const files = new LayoutFiles();
    const layers = ['index', 'docker', 'artifact', 'unknown', 'damaged'].map((content) =>
      files.blob(content),
    );
    const [inIndex, inDocker, inArtifact, inUnknown, inOdd] = layers as [
      Descriptor,
      Descriptor,
      Descriptor,
      Descriptor,
      Descriptor,
    ];
    files.setEntries([
      named(files.index([files.index([files.manifest({ layers: [inIndex] })])]), 'nested'),
      files.blob(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: MEDIA_TYPES.dockerManifest,
          config: inDocker,
          layers: [],
        }),
        MEDIA_TYPES.dockerManifest,
      ),
      files.blob(
        JSON.stringify({ mediaType: MEDIA_TYPES.ociArtifactManifest, blobs: [inArtifact] }),
        MEDIA_TYPES.ociArtifactManifest,
      ),
      files.blob(`something about ${inUnknown.digest}`, 'application/vnd.example.future+json'),
      files.manifest({ layers: [{ ...inOdd, size: -1 }] }),
    ]);
    const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
    const writer = await openLayoutForWriting(folder);
    expect((await writer.collectGarbage(old)).garbage).toEqual([]);
    expect(await blobs(folder)).toEqual(expect.arrayContaining(digests(layers) as string[]));
    await writer.close();
  });

  it('keeps what nothing lists but is about something kept, unless it is told not to', async () => {
    const { writer } = await newStore();
    const image = await putImage(writer, 'image', 'v1');
    const listed = await putImage(writer, 'listed', undefined, { subject: image });
    const about = JSON.stringify({ schemaVersion: 2, config: image, layers: [], subject: image });
    const aboutThat = await putBlob(
      writer,
      JSON.stringify({ schemaVersion: 2, config: image, layers: [], subject: await putBlob(writer, about) }),
    );
    const unrelated = await putBlob(
      writer,
      JSON.stringify({
        schemaVersion: 2,
        config: image,
        layers: [],
        subject: describeBytes(Buffer.from('nobody')),
      }),
    );
    expect(digests((await writer.findGarbage(old)).garbage)).toEqual([unrelated.digest]);
    expect(digests((await writer.findGarbage({ ...old, keepReferrers: false })).garbage)).toEqual(
      digests([unrelated, aboutThat, describeBytes(Buffer.from(about))]),
    );
    await writer.remove(image.digest, { signal });
    expect(digests((await writer.findGarbage(old)).garbage)).toContain(image.digest); // a referrer does not keep its subject
    expect(digests((await writer.findGarbage(old)).garbage)).not.toContain(listed.digest);
    await writer.close();
  });

  it('touches nothing that is no blob of a known algorithm', async () => {
    const { folder, writer } = await newStore();
    const foreign = [
      'blobs/sha256/notes.txt',
      `blobs/sha256/${'A'.repeat(64)}`,
      `blobs/blake3/${'a'.repeat(64)}`,
      'other.txt',
    ];
    for (const name of foreign) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), 'x');
    }
    await symlink('/etc/hostname', path.join(folder, 'blobs', 'sha256', 'b'.repeat(64)));
    await mkdir(path.join(folder, 'blobs', 'sha256', 'c'.repeat(64)));
    await writer.collectGarbage(old);
    expect((await readdir(path.join(folder, 'blobs', 'sha256'))).sort()).toEqual(
      ['notes.txt', 'A'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)].sort(),
    );
    expect(await readdir(path.join(folder, 'blobs', 'blake3'))).toHaveLength(1);
    await writer.close();
  });

  it('keeps content under a lease, with everything below a manifest, until it is released', async () => {
    const { folder, writer } = await newStore();
    const layer = await putBlob(writer, 'layer');
    const manifest = await putBlob(
      writer,
      JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config: layer, layers: [layer] }),
    );
    const coming = digestOf(Buffer.from('not there yet'));
    const lease = await writer.lease([manifest.digest, coming]);
    expect((await writer.collectGarbage(old)).garbage).toEqual([]);
    await lease.release();
    expect(digests((await writer.collectGarbage(old)).garbage)).toEqual(digests([layer, manifest]));
    expect(await readdir(path.join(folder, '.tallyman', 'leases'))).toEqual([]);
    await writer.close();
  });

  it('forgets a lease that was let go of although its file could not be removed at that moment', async () => {
    let fails = true;
    const { folder, writer } = await newStore({
      ...nodeFileSystem,
      removeFile: (file) =>
        fails && file.includes('leases')
          ? Promise.reject(Object.assign(new Error('no'), { code: 'EIO' }))
          : nodeFileSystem.removeFile(file),
    });
    const stray = await putBlob(writer, 'stray');
    const lease = await writer.lease([stray.digest]);
    await expect(lease.release()).rejects.toMatchObject({ code: 'UNREADABLE' });
    fails = false;
    expect(digests((await writer.collectGarbage(old)).garbage)).toEqual([stray.digest]);
    expect(await readdir(path.join(folder, '.tallyman', 'leases'))).toEqual([]);
    await writer.close();
  });

  it('forgets the leases of dead processes, and stops at one that it cannot read', async () => {
    const folder = path.join(await temporaryFolder(), 'store');
    const table = (pid: number): ProcessTable => ({
      self: () => Promise.resolve({ pid, place: 'here' }),
      liveness: (owner) => Promise.resolve(owner.pid === 1 ? 'dead' : 'alive'),
      machineStart: () => 0,
    });
    const dead = await createLayout(folder, { processes: table(1) });
    const stray = await putBlob(dead, 'stray');
    const lease = await dead.lease([stray.digest]);
    const writer = await createLayout(folder, { processes: table(2) });
    await writeFile(path.join(folder, '.tallyman', 'leases', 'odd.json'), '{');
    await expect(writer.collectGarbage(old)).rejects.toMatchObject({ code: 'CONFLICT' });
    await rm(path.join(folder, '.tallyman', 'leases', 'odd.json'));
    expect(digests((await writer.collectGarbage(old)).garbage)).toEqual([stray.digest]);
    await lease.release();
    await Promise.all([dead.close(), writer.close()]);
  });

  describe('refuses, and removes nothing (short form of check 37), with', () => {
    const image = (files: LayoutFiles): Descriptor => files.manifest({ annotations: { is: 'image' } });
    const place = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`;
    it.each<[string, (files: LayoutFiles) => void]>([
      ['an empty index', (files) => files.files.set('index.json', Buffer.alloc(0))],
      ['an index of zeros', (files) => files.files.set('index.json', Buffer.alloc(100))],
      ['half an index', (files) => files.files.set('index.json', Buffer.from('{"manifests":[{'))],
      ['a malformed entry', (files) => files.setEntries([{ ...image(files), digest: 'sha256:no' }])],
      [
        'a damaged manifest',
        (files) => {
          const damaged = image(files);
          files.setEntries([damaged]);
          files.files.set(place(damaged), Buffer.alloc(damaged.size, 'x'));
        },
      ],
      [
        'an empty manifest',
        (files) => {
          const emptied = image(files);
          files.setEntries([emptied]);
          files.files.set(place(emptied), Buffer.alloc(0));
        },
      ],
      [
        'a missing manifest',
        (files) => {
          const missing = image(files);
          files.setEntries([missing]);
          files.files.delete(place(missing));
        },
      ],
      [
        'a missing child',
        (files) => {
          const missing = image(files);
          files.setEntries([files.index([missing])]);
          files.files.delete(place(missing));
        },
      ],
      [
        'a manifest that is no JSON',
        (files) => files.setEntries([files.blob('<html>', MEDIA_TYPES.manifest)]),
      ],
      [
        'an ambiguous manifest',
        (files) =>
          files.setEntries([files.blob('{"layers":[],"layers":[],"config":{}}', MEDIA_TYPES.manifest)]),
      ],
      [
        'a child that cannot be read',
        (files) => files.setEntries([files.index([{ ...image(files), size: -1 }])]),
      ],
    ])('%s', async (_what, damage) => {
      const files = new LayoutFiles();
      const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
      const writer = await openLayoutForWriting(folder);
      const stray = files.blob('stray');
      damage(files);
      await files.writeTo(folder);
      for (const name of await blobs(folder))
        if (!files.files.has(`blobs/${name.replace(':', '/')}`)) await rm(blobFile(folder, name as Digest));
      const before = await blobs(folder);
      expect(before).toContain(stray.digest);
      await expect(writer.findGarbage(old)).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(writer.collectGarbage(old)).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await blobs(folder)).toEqual(before);
      await writer.close();
    });

    it.each(['folder', 'link'])('a %s in the place of a manifest', async (what) => {
      const { folder, writer } = await newStore();
      const manifest = await putImage(writer, 'image', 'v1');
      await rm(blobFile(folder, manifest.digest));
      await (what === 'folder'
        ? mkdir(blobFile(folder, manifest.digest))
        : symlink('/etc/hostname', blobFile(folder, manifest.digest)));
      await expect(writer.collectGarbage(old)).rejects.toMatchObject({
        code: 'CONFLICT',
        details: { cause: 'UNREADABLE' },
      });
      await writer.close();
    });
  });

  it('goes on in a layout of which only a part was copied when it is told that this is one', async () => {
    const files = new LayoutFiles();
    const missing = files.manifest({ annotations: { is: 'missing' } });
    const there = files.manifest({ annotations: { is: 'there' } });
    files.setEntries([files.index([missing, there])]);
    files.files.delete(`blobs/${missing.digest.replace(':', '/')}`);
    const stray = files.blob('stray');
    const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
    const writer = await openLayoutForWriting(folder);
    await expect(writer.collectGarbage(old)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(digests((await writer.collectGarbage({ ...old, sparse: true })).garbage)).toEqual([stray.digest]);
    await writer.close();
  });

  it('puts back what came to life while it was being removed: listed, leased or asked for', async () => {
    const folder = path.join(await temporaryFolder(), 'store');
    let meddle: (() => Promise<void>) | undefined;
    const meddling: FileSystem = {
      ...nodeFileSystem,
      async rename(from, to) {
        const work = to.includes('trash') && !from.includes('trash') ? meddle : undefined;
        meddle = work === undefined ? meddle : undefined;
        await work?.();
        await nodeFileSystem.rename(from, to);
      },
    };
    const writer = await createLayout(folder, { fileSystem: meddling });
    const listed = await putImage(writer, 'listed', 'v1');
    await writer.remove(listed.digest, { signal });
    const leased = await putBlob(writer, 'leased');
    const wanted = await putBlob(writer, 'wanted');
    const garbage = await putBlob(writer, 'garbage');
    meddle = async () => {
      // A program that ignores the lock, a lease, and another writer that finds the content there.
      await writeFile(
        path.join(folder, 'index.json'),
        JSON.stringify({ manifests: [named(listed, 'back')] }),
      );
      await writer.lease([leased.digest]);
      await writer.has(wanted);
    };
    // With a grace below zero even touched content is moved first, so it has to come back from the trash.
    expect(digests((await writer.collectGarbage(old)).garbage)).toEqual([garbage.digest]);
    expect(meddle).toBeUndefined();
    expect(await blobs(folder)).toEqual(
      digests([listed, describeBytes(Buffer.from('listed')), leased, wanted]),
    );
    expect((await readEverything(folder)).get('back')).toBe(listed.digest);
    await writer.close();
  });

  it(
    'leaves everything that counts where it was when the power fails in the middle',
    async () => {
      const disk = new SimulatedDisk();
      const layout = path.resolve('/disk/store');
      const machine = (boot: string): ProcessTable => ({
        self: () => Promise.resolve({ pid: 1, place: 'here', bootId: boot }),
        liveness: ({ bootId }) => Promise.resolve(bootId === boot ? 'alive' : 'dead'),
        machineStart: () => Number.POSITIVE_INFINITY,
      });
      const writer = await createLayout(layout, { fileSystem: disk, processes: machine('first') });
      const kept = await putImage(writer, 'kept', 'v1');
      const gone = await putImage(writer, 'gone', 'v2');
      await writer.remove(gone.digest, { signal });
      const before = disk.events.length;
      expect((await writer.collectGarbage(old)).garbage).toHaveLength(2);
      const random = seededRandom(11);
      for (let length = before; length <= disk.events.length; length += 1) {
        for (const crashed of crashStates(disk.events, length, random, 3)) {
          expect((await readEverything(layout, crashed)).get('v1')).toBe(kept.digest);
          const next = await createLayout(layout, { fileSystem: crashed, processes: machine('second') });
          await next.tag('v3', kept.digest, { signal });
          expect((await crashed.list(path.join(layout, '.tallyman', 'trash')).catch(() => [])).length).toBe(
            0,
          );
          await next.collectGarbage(old);
          expect((await crashed.list(path.join(layout, 'blobs', 'sha256'))).length).toBe(2);
          await next.close();
        }
      }
    },
    LONG,
  );
});
