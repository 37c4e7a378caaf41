import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { referrersTag } from '../../shared/oci/referrers-tag.ts';
import { digestOf } from '../content/digest-of.ts';
import { readEverything } from '../testing/check-layout.ts';
import { faultyFileSystem } from '../testing/faulty-file-system.ts';
import { LayoutFiles, named } from '../testing/make-layout.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { FileSystem } from './file-system.ts';
import type { NewManifest } from './checked-manifest.ts';
import type { LayoutWriter } from './layout-writer.ts';
import { localDisk } from './local-disk.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { createLayout, openLayoutForWriting } from './write-layout.ts';

const { signal } = new AbortController();

async function* chunked(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.byteLength; start += size)
    yield await Promise.resolve(bytes.subarray(start, start + size));
}

function describeBytes(bytes: Uint8Array, mediaType: string = MEDIA_TYPES.octetStream): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

/** Stores a small manifest with its one blob. */
async function putImage(
  writer: LayoutWriter,
  content: string,
  name?: string,
  fields: object = {},
): Promise<Descriptor> {
  const layer = Buffer.from(content);
  await writer.ingest(describeBytes(layer), chunked(layer), { signal });
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: describeBytes(layer),
    layers: [describeBytes(layer)],
    ...fields,
  };
  const manifest: NewManifest = {
    bytes: Buffer.from(JSON.stringify(document)),
    mediaType: MEDIA_TYPES.manifest,
  };
  const { descriptors } = await writer.putManifests([name === undefined ? manifest : { ...manifest, name }], {
    signal,
  });
  return descriptors[0]!;
}

interface IndexFile {
  readonly manifests: readonly {
    readonly digest: string;
    readonly mediaType: string;
    readonly artifactType?: string;
    readonly annotations?: Record<string, string>;
  }[];
}
const readIndex = async (folder: string): Promise<IndexFile> =>
  JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as IndexFile;
const blobFile = (folder: string, { digest }: Descriptor): string =>
  path.join(folder, 'blobs', ...digest.split(':'));
const codeOf = (error: unknown): string => (error as TallymanError).code;

async function newLayout(
  fileSystem: FileSystem = nodeFileSystem,
): Promise<{ readonly folder: string; readonly writer: LayoutWriter }> {
  const folder = path.join(await temporaryFolder(), 'store');
  return { folder, writer: await createLayout(folder, { fileSystem }) };
}

describe('createLayout', () => {
  it('makes an empty layout with the folders above it, and opens one that is there', async () => {
    const folder = path.join(await temporaryFolder(), 'some', 'where', 'store');
    await (await createLayout(folder)).close();
    expect((await readdir(folder)).sort()).toEqual(['.tallyman', 'blobs', 'index.json', 'oci-layout']);
    const writer = await createLayout(folder);
    await putImage(writer, 'hello', 'v1');
    await writer.close();
    const again = await createLayout(folder);
    expect(await again.target.resolve('v1', { signal })).toBeDefined();
    await again.close();
  });

  it('makes one layout when several ask at once', async () => {
    const folder = path.join(await temporaryFolder(), 'store');
    const writers = await Promise.all(Array.from({ length: 8 }, () => createLayout(folder)));
    await Promise.all(writers.map((writer, number) => putImage(writer, `content ${number}`, `v${number}`)));
    await Promise.all(writers.map((writer) => writer.close()));
    expect([...(await readEverything(folder)).keys()].sort()).toEqual([
      'v0',
      'v1',
      'v2',
      'v3',
      'v4',
      'v5',
      'v6',
      'v7',
    ]);
  });

  it('finishes what an earlier attempt began, and makes nothing among other files', async () => {
    const begun = await temporaryFolder();
    await mkdir(path.join(begun, '.tallyman'));
    await mkdir(path.join(begun, 'blobs'));
    await writeFile(path.join(begun, '.tallyman', 'index.new-empty'), 'torn');
    await (await createLayout(begun)).close();
    expect(await readEverything(begun)).toEqual(new Map());

    const other = await temporaryFolder();
    await writeFile(path.join(other, 'precious.txt'), 'x');
    await expect(createLayout(other)).rejects.toMatchObject({ code: 'NOT_A_LAYOUT' });
    expect(await readdir(other)).toEqual(['precious.txt']);
  });

  it('writes to no layout that it cannot read', async () => {
    const files = new LayoutFiles();
    files.files.set('index.json', Buffer.from('{"manifests":['));
    const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
    await expect(createLayout(folder)).rejects.toMatchObject({ code: 'MALFORMED' });
    files.setEntries([]);
    files.files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"2.0.0"}'));
    await files.writeTo(folder);
    await expect(createLayout(folder)).rejects.toMatchObject({ code: 'LAYOUT_VERSION' });
    expect((await readdir(folder)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  it.each(['.tallyman', 'blobs'])('writes through no link in the place of %s', async (name) => {
    const { folder, writer } = await newLayout();
    await writer.close();
    const elsewhere = await temporaryFolder();
    await rename(path.join(folder, name), path.join(elsewhere, 'kept'));
    await symlink(path.join(elsewhere, 'kept'), path.join(folder, name));
    await expect(openLayoutForWriting(folder)).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringContaining('symbolic link') as string,
    });
  });

  it('does not open an archive for writing', async () => {
    const file = path.join(await temporaryFolder(), 'some.tar');
    await writeFile(file, new LayoutFiles().toTar());
    await expect(openLayoutForWriting(file)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('LayoutWriter.ingest', () => {
  it('stores bytes under their digest, read-only, and leaves no temporary file', async () => {
    const { folder, writer } = await newLayout();
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const bytes = Buffer.alloc(300_000, algorithm);
      const descriptor = { ...describeBytes(bytes), digest: digestOf(bytes, algorithm) };
      expect(await writer.ingest(descriptor, chunked(bytes, 65_536), { signal })).toBe('stored');
      expect(await readFile(blobFile(folder, descriptor))).toEqual(bytes);
      expect((await stat(blobFile(folder, descriptor))).mode & 0o222).toBe(0);
    }
    await writer.close();
    expect(await readdir(path.join(folder, '.tallyman', 'ingest'))).toEqual([]);
  });

  it('reads nothing of what is there already, and marks it as wanted', async () => {
    const { folder, writer } = await newLayout();
    const bytes = Buffer.from('hello');
    const descriptor = describeBytes(bytes);
    await writer.ingest(descriptor, bytes, { signal });
    const old = new Date('2020-01-01');
    await utimes(blobFile(folder, descriptor), old, old);
    const unread = {
      [Symbol.asyncIterator]: () => {
        throw new Error('was read');
      },
    };
    expect(await writer.ingest(descriptor, unread, { signal })).toBe('present');
    expect((await stat(blobFile(folder, descriptor))).mtime > old).toBe(true);
    await writer.close();
  });

  it.each([
    ['other bytes', (bytes: Buffer) => Buffer.from(bytes).fill('x', 0, 1), 'DIGEST_MISMATCH'],
    ['fewer bytes', (bytes: Buffer) => bytes.subarray(1), 'SIZE_MISMATCH'],
    ['more bytes', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')]), 'SIZE_MISMATCH'],
    ['no bytes', () => Buffer.alloc(0), 'SIZE_MISMATCH'],
  ])('keeps nothing when %s come', async (_what, change, code) => {
    const { folder, writer } = await newLayout();
    const bytes = Buffer.alloc(5000, 'a');
    const error = await writer
      .ingest(describeBytes(bytes), chunked(change(bytes)), { signal })
      .catch((reason: unknown) => reason);
    expect(codeOf(error)).toBe(code);
    expect(await readdir(path.join(folder, 'blobs', 'sha256'))).toEqual([]);
    await writer.close();
    expect(await readdir(path.join(folder, '.tallyman', 'ingest'))).toEqual([]);
  });

  it('keeps nothing when the source fails or the signal is given', async () => {
    const { folder, writer } = await newLayout();
    const bytes = Buffer.alloc(5000, 'a');
    async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
      yield await Promise.resolve(bytes.subarray(0, 100));
      throw new Error('connection lost');
    }
    await expect(writer.ingest(describeBytes(bytes), failing(), { signal })).rejects.toThrow(
      'connection lost',
    );
    const controller = new AbortController();
    async function* stopping(): AsyncGenerator<Uint8Array, void, undefined> {
      yield await Promise.resolve(bytes.subarray(0, 100));
      controller.abort();
      yield bytes.subarray(100);
    }
    await expect(
      writer.ingest(describeBytes(bytes), stopping(), { signal: controller.signal }),
    ).rejects.toThrow('aborted');
    await writer.close();
    expect(await readdir(path.join(folder, 'blobs', 'sha256'))).toEqual([]);
    expect(await readdir(path.join(folder, '.tallyman', 'ingest'))).toEqual([]);
  });

  it('replaces a blob of the wrong size, and keeps the damaged one for a person to look at', async () => {
    const { folder, writer } = await newLayout();
    const bytes = Buffer.from('whole');
    await writeFile(blobFile(folder, describeBytes(bytes)), 'torn');
    await rm(blobFile(folder, describeBytes(bytes)));
    await writeFile(blobFile(folder, describeBytes(bytes)), 'who');
    expect(await writer.ingest(describeBytes(bytes), bytes, { signal })).toBe('stored');
    expect(await readFile(blobFile(folder, describeBytes(bytes)), 'utf8')).toBe('whole');
    const [kept] = await readdir(path.join(folder, '.tallyman', 'quarantine'));
    expect(await readFile(path.join(folder, '.tallyman', 'quarantine', kept!), 'utf8')).toBe('who');
    await writer.close();
  });

  it('replaces small content that is damaged although its size is right, as after a power failure', async () => {
    for (const fileSystem of [nodeFileSystem, localDisk]) {
      const { folder, writer } = await newLayout(fileSystem);
      const bytes = Buffer.from('whole');
      for (const source of [bytes, chunked(bytes)]) {
        await writer.ingest(describeBytes(bytes), bytes, { signal });
        await rm(blobFile(folder, describeBytes(bytes)));
        await writeFile(blobFile(folder, describeBytes(bytes)), Buffer.alloc(bytes.byteLength));
        expect(await writer.ingest(describeBytes(bytes), source, { signal })).toBe('stored');
        expect(await readFile(blobFile(folder, describeBytes(bytes)), 'utf8')).toBe('whole');
        expect(await writer.ingest(describeBytes(bytes), bytes, { signal })).toBe('present');
      }
      expect(await readdir(path.join(folder, '.tallyman', 'quarantine'))).toHaveLength(2);
      await writer.close();
    }
  });

  it('stores content once when several ask for it at the same time, and lets the next try when the first fails', async () => {
    const { writer } = await newLayout();
    const bytes = Buffer.alloc(5000, 'a');
    let read = 0;
    async function* counted(fails: boolean): AsyncGenerator<Uint8Array, void, undefined> {
      read += 1;
      yield await Promise.resolve(bytes.subarray(0, 100));
      if (fails) throw new Error('connection lost');
      yield bytes.subarray(100);
    }
    const outcomes = await Promise.allSettled(
      [true, false, false, false].map((fails) =>
        writer.ingest(describeBytes(bytes), counted(fails), { signal }),
      ),
    );
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : 'failed'))).toEqual([
      'failed',
      'stored',
      'present',
      'present',
    ]);
    expect(read).toBe(2);
    await writer.close();
  });

  it('waits for names that another call is just making durable', async () => {
    const synced: string[] = [];
    let waiting = 0;
    const slow: FileSystem = {
      ...nodeFileSystem,
      async syncFolder(folder) {
        waiting += 1;
        await new Promise((resolve) => setTimeout(resolve, 30));
        await nodeFileSystem.syncFolder(folder);
        waiting -= 1;
        synced.push(folder);
      },
    };
    const { writer } = await newLayout(slow);
    const contents = Array.from({ length: 6 }, (_, number) => Buffer.from(`content ${number}`));
    await Promise.all(
      contents.map(async (bytes, number) => {
        await new Promise((resolve) => setTimeout(resolve, number * 10));
        const before = synced.length;
        await writer.ingest(describeBytes(bytes), bytes, { signal });
        expect(synced.length).toBeGreaterThan(before);
      }),
    );
    expect(waiting).toBe(0);
    await writer.close();
  });

  it('refuses a digest that cannot be computed', async () => {
    const { writer } = await newLayout();
    const descriptor = { digest: `blake3:${'a'.repeat(64)}` as Descriptor['digest'], size: 1 };
    await expect(writer.ingest(descriptor, Buffer.from('x'), { signal })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    await writer.close();
  });

  it('writes everything although each write takes only a part', async () => {
    const { folder, writer } = await newLayout(faultyFileSystem(nodeFileSystem));
    const bytes = Buffer.alloc(1_000_001, 'abc');
    await writer.ingest(describeBytes(bytes), bytes, { signal });
    expect(await readFile(blobFile(folder, describeBytes(bytes)))).toEqual(bytes);
    await writer.close();
  });
});

describe('LayoutWriter, index.json', () => {
  it('lists referrers in both conventions, once each', async () => {
    const { folder, writer } = await newLayout();
    const image = await putImage(writer, 'image', 'v1');
    const fields = {
      subject: image,
      artifactType: 'application/sarif+json',
      annotations: { made: 'today', 'org.opencontainers.image.ref.name': 'not-a-name' },
    };
    const first = await putImage(writer, 'first', undefined, fields);
    await putImage(writer, 'first', undefined, fields);
    const second = await putImage(writer, 'second', undefined, { subject: image });
    const { manifests } = await readIndex(folder);
    const fallbacks = manifests.filter(
      ({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === referrersTag(image.digest),
    );
    expect(fallbacks).toHaveLength(1);
    expect(manifests.map(({ digest }) => digest).sort()).toEqual(
      [image.digest, first.digest, second.digest, fallbacks[0]!.digest].sort(),
    );
    expect(manifests.find(({ digest }) => digest === first.digest)).toMatchObject({
      artifactType: 'application/sarif+json',
      annotations: { made: 'today' },
    });
    expect(manifests.find(({ digest }) => digest === first.digest)?.annotations).not.toHaveProperty([
      'org.opencontainers.image.ref.name',
    ]);
    const fallback = JSON.parse(
      await readFile(blobFile(folder, fallbacks[0] as Descriptor), 'utf8'),
    ) as IndexFile;
    expect(fallback.manifests.map(({ digest }) => digest)).toEqual([first.digest, second.digest]);

    await writer.remove(first.digest, { signal });
    await writer.remove(second.digest, { signal });
    expect((await readIndex(folder)).manifests.map(({ digest }) => digest)).toEqual([image.digest]);
    await writer.close();
  });

  it('leaves a fallback tag alone that names the image itself, and says so', async () => {
    const { folder, writer } = await newLayout();
    const image = await putImage(writer, 'image', 'v1');
    await writer.tag(referrersTag(image.digest), image.digest, { signal });
    const layer = Buffer.from('{}');
    await writer.ingest(describeBytes(layer), layer, { signal });
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, config: describeBytes(layer), layers: [], subject: image }),
    );
    const { notes } = await writer.putManifests([{ bytes, mediaType: MEDIA_TYPES.manifest }], { signal });
    expect(notes.map(({ code }) => code)).toEqual(['CONFLICT']);
    expect((await readIndex(folder)).manifests.filter(({ digest }) => digest === image.digest)).toHaveLength(
      2,
    );
    expect(await writer.target.referrers!.list(image.digest, { signal })).toMatchObject({
      referrers: [{ digest: digestOf(bytes) }],
    });
    await writer.close();
  });

  it('moves names, takes them away, and removes entries', async () => {
    const { folder, writer } = await newLayout();
    const [a, b] = [await putImage(writer, 'a', 'v1'), await putImage(writer, 'b', 'v2')];
    await writer.tag('v1', b.digest, { signal });
    expect((await writer.target.resolve('v1', { signal }))?.digest).toBe(b.digest);
    expect((await writer.target.fetchManifest(a.digest, { signal })).descriptor.digest).toBe(a.digest);
    await writer.untag('v1', { signal });
    expect(await writer.target.resolve('v1', { signal })).toBeUndefined();
    await expect(writer.untag('v1', { signal })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await writer.remove(b.digest, { signal });
    await expect(writer.remove(b.digest, { signal })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await readIndex(folder)).manifests.map(({ digest }) => digest)).toEqual([a.digest]);
    await expect(writer.tag('v3', digestOf(Buffer.from('nothing')), { signal })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(writer.tag('bad name', a.digest, { signal })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await writer.close();
  });

  it('keeps what another program wrote between reading and writing, whether it moved a file into place or wrote in place', async () => {
    for (const inPlace of [false, true]) {
      const folder = path.join(await temporaryFolder(), 'store');
      const files = new LayoutFiles();
      const foreign = files.manifest({ annotations: { by: 'another program' } });
      const index = path.join(folder, 'index.json');
      let meddled = false;
      const meddling: FileSystem = {
        ...nodeFileSystem,
        // The moment after the new index was written beside the old one, before the last look.
        async rename(from, to) {
          if (to.endsWith('index.prev.json') && !meddled) {
            meddled = true;
            const before = await readIndex(folder);
            const after = JSON.stringify({
              ...before,
              manifests: [...before.manifests, named(foreign, 'foreign')],
            });
            await files.writeTo(path.join(folder, '..', 'elsewhere'));
            await mkdir(path.dirname(blobFile(folder, foreign)), { recursive: true });
            for (const [name, bytes] of files.files)
              if (name.startsWith('blobs/')) await writeFile(path.join(folder, name), bytes);
            if (inPlace) await writeFile(index, after);
            else {
              await writeFile(`${index}.tmp`, after);
              await rename(`${index}.tmp`, index);
            }
          }
          await nodeFileSystem.rename(from, to);
        },
      };
      const writer = await createLayout(folder, { fileSystem: meddling });
      await putImage(writer, 'mine', 'mine');
      await writer.close();
      expect(meddled).toBe(true);
      expect([...(await readEverything(folder)).keys()].sort()).toEqual(['foreign', 'mine']);
    }
  });

  it('merges what a program writes in place in the last instant, into the file that is being replaced', async () => {
    const folder = path.join(await temporaryFolder(), 'store');
    const files = new LayoutFiles();
    const foreign = files.manifest();
    const index = path.join(folder, 'index.json');
    let meddled = false;
    const meddling: FileSystem = {
      ...nodeFileSystem,
      async rename(from, to) {
        if (to === index && !meddled) {
          meddled = true;
          const before = await readIndex(folder);
          for (const [name, bytes] of files.files)
            if (name.startsWith('blobs/')) await writeFile(path.join(folder, name), bytes);
          await writeFile(
            index,
            JSON.stringify({ ...before, manifests: [...before.manifests, named(foreign, 'foreign')] }),
          );
        }
        await nodeFileSystem.rename(from, to);
      },
    };
    await (await createLayout(folder)).close();
    const writer = await openLayoutForWriting(folder, { fileSystem: meddling });
    await putImage(writer, 'mine', 'mine');
    await writer.close();
    expect(meddled).toBe(true);
    expect([...(await readEverything(folder)).keys()].sort()).toEqual(['foreign', 'mine']);
  });

  it('reports a conflict when another program never stops writing', async () => {
    const { folder, writer } = await newLayout();
    await writer.close();
    const index = path.join(folder, 'index.json');
    let round = 0;
    const meddling: FileSystem = {
      ...nodeFileSystem,
      async rename(from, to) {
        if (to.endsWith('index.prev.json'))
          await writeFile(index, JSON.stringify({ schemaVersion: 2, manifests: [], round: (round += 1) }));
        await nodeFileSystem.rename(from, to);
      },
    };
    const busy = await openLayoutForWriting(folder, { fileSystem: meddling });
    await expect(putImage(busy, 'mine', 'mine')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(JSON.parse(await readFile(index, 'utf8'))).toMatchObject({ round });
    await busy.close();
  });

  it('changes nothing when index.json is torn, and keeps the last good one beside it', async () => {
    const { folder, writer } = await newLayout();
    await putImage(writer, 'first', 'v1');
    const good = await readFile(path.join(folder, 'index.json'), 'utf8');
    await writeFile(path.join(folder, 'index.json'), good.slice(0, 50));
    await expect(putImage(writer, 'second', 'v2')).rejects.toMatchObject({ code: 'MALFORMED' });
    expect(await readFile(path.join(folder, 'index.json'), 'utf8')).toBe(good.slice(0, 50));
    expect(await readFile(path.join(folder, '.tallyman', 'index.prev.json'), 'utf8')).toBe(good);
    await writer.close();
  });

  it('clears away what writers left that were killed, and nothing of those that run', async () => {
    const { folder, writer } = await newLayout();
    const ingest = path.join(folder, '.tallyman', 'ingest');
    const dead = { pid: 2 ** 30, place: 'here', id: '00000000-0000-4000-8000-000000000001', since: 1 };
    await mkdir(path.join(ingest, dead.id), { recursive: true });
    await writeFile(path.join(ingest, dead.id, 'owner.json'), JSON.stringify(dead));
    await writeFile(path.join(ingest, dead.id, 'half'), 'half');
    await writeFile(path.join(folder, '.tallyman', 'index.new-left'), '{');
    const processes = {
      self: () => Promise.resolve({ pid: process.pid, place: 'here' }),
      liveness: ({ pid }: { readonly pid: number }) =>
        Promise.resolve(pid === dead.pid ? ('dead' as const) : ('alive' as const)),
      machineStart: () => 0,
    };
    const second = await openLayoutForWriting(folder, { processes });
    await putImage(writer, 'running', 'v0');
    const running = await readdir(ingest);
    await putImage(second, 'new', 'v1');
    expect((await readdir(ingest)).filter((name) => name !== dead.id)).toEqual(
      expect.arrayContaining(running.filter((name) => name !== dead.id)),
    );
    expect(await readdir(ingest)).not.toContain(dead.id);
    expect(await readdir(path.join(folder, '.tallyman'))).not.toContain('index.new-left');
    await Promise.all([writer.close(), second.close()]);
  });
});
