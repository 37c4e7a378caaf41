import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { EMPTY_DESCRIPTOR } from '../../../shared/oci/empty-descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { Platform } from '../../../shared/oci/platform.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { Target, TargetEntry } from '../../content/target.ts';
import type { BlobSource, TargetWriter } from '../../content/target-writer.ts';
import { faultyFileSystem } from '../../testing/faulty-file-system.ts';
import { imageManifest } from '../../testing/memory-target.ts';
import { runPeer } from '../../testing/run-peer.ts';
import { peer } from '../../testing/surroundings.ts';
import { TAR_END, tarEntry } from '../../testing/tar-blocks.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { nodeFileSystem } from '../node-file-system.ts';
import { openLayout } from '../open-layout.ts';
import { createArchive } from './archive-target-writer.ts';

const { signal } = new AbortController();
const platform: Platform = { os: 'linux', architecture: 'amd64' };

function sourceOf(bytes: Uint8Array): BlobSource {
  return {
    async *open(offset) {
      for (let start = offset; start < bytes.byteLength; start += 50_000)
        yield await Promise.resolve(bytes.subarray(start, start + 50_000));
    },
  };
}

async function blob(
  writer: TargetWriter,
  content: Uint8Array | string,
  mediaType: string,
): Promise<Descriptor> {
  const bytes = Buffer.from(content as string);
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await writer.writeBlob(descriptor, sourceOf(bytes), { signal });
  return descriptor;
}

async function manifest(
  writer: TargetWriter,
  document: object,
  tags: readonly string[] = [],
): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(document));
  const { mediaType } = document as { readonly mediaType: string };
  const { descriptors } = await writer.writeManifests([{ bytes, mediaType, tags }], { signal });
  return { ...descriptors[0]! };
}

/** An image that tools load: its layers are tars, gzip-compressed. */
async function image(
  writer: TargetWriter,
  {
    architecture = 'amd64',
    tags = [],
  }: { readonly architecture?: string; readonly tags?: readonly string[] } = {},
): Promise<Descriptor> {
  const tars = ['base', architecture].map((name) =>
    Buffer.concat([tarEntry({ name: `etc/${name}` }, name.repeat(9_000)), TAR_END]),
  );
  const layers = [];
  for (const tar of tars) layers.push(await blob(writer, gzipSync(tar), MEDIA_TYPES.layerTarGzip));
  const rootfs = { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) };
  const config = await blob(
    writer,
    JSON.stringify({ os: 'linux', architecture, config: {}, rootfs }),
    MEDIA_TYPES.imageConfig,
  );
  return manifest(writer, imageManifest({ config, layers }), tags);
}

async function attach(writer: TargetWriter, subject: Descriptor, artifactType: string): Promise<Descriptor> {
  const config = await blob(writer, '{}', MEDIA_TYPES.empty);
  const layer = await blob(writer, `${artifactType} about ${subject.digest}`, artifactType);
  const { mediaType, digest, size } = subject;
  const document = { artifactType, config, layers: [layer], subject: { mediaType, digest, size } };
  return manifest(writer, imageManifest(document));
}

async function index(
  writer: TargetWriter,
  children: readonly { readonly image: Descriptor; readonly architecture: string }[],
  tags: readonly string[],
): Promise<Descriptor> {
  const manifests = children.map(({ image: { mediaType, digest, size }, architecture }) => ({
    mediaType,
    digest,
    size,
    platform: { os: 'linux', architecture },
  }));
  return manifest(writer, { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests }, tags);
}

async function entriesOf(target: Target): Promise<readonly TargetEntry[]> {
  const entries: TargetEntry[] = [];
  for await (const page of target.listEntries!({ signal })) entries.push(...page);
  return entries;
}

interface Archived {
  readonly folder: string;
  readonly file: string;
}

async function archived(
  write: (writer: TargetWriter) => Promise<unknown>,
  {
    name = 'some.tar',
    ...options
  }: { readonly name?: string; readonly gzip?: boolean; readonly repository?: string } = {},
): Promise<Archived> {
  const folder = await temporaryFolder();
  const file = path.join(folder, name);
  const writer = await createArchive(file, { platform, ...options });
  try {
    await write(writer);
    await writer.finish({ signal });
  } finally {
    await writer.close();
  }
  return { folder, file };
}

function fileIn(archive: string, name: string): unknown {
  return JSON.parse(execFileSync('tar', ['-xOf', archive, name]).toString()) as unknown;
}

describe('an archive that is written', () => {
  it('is a layout with everything in it, and nothing is left beside it', async () => {
    let root: Descriptor | undefined;
    const { folder, file } = await archived(async (writer) => {
      root = await image(writer, { tags: ['1.0', 'latest'] });
      await attach(writer, root, MEDIA_TYPES.spdxJson);
    });
    expect(await readdir(folder)).toEqual(['some.tar']);
    const layout = await openLayout(file, { signal });
    const check = await layout.check({ signal });
    expect([check.problems, check.orphans]).toEqual([[], []]);
    expect((await layout.target.resolve('latest', { signal }))?.digest).toBe(root!.digest);
    expect(await layout.target.referrers!.list(root!.digest, { signal })).toMatchObject({
      outcome: 'listed',
      referrers: [{ artifactType: MEDIA_TYPES.spdxJson }],
    });
    await layout.close();
  });

  it('lets what was written be read before it is done', async () => {
    await archived(async (writer) => {
      const root = await image(writer, { tags: ['1.0'] });
      const sbom = await attach(writer, root, MEDIA_TYPES.spdxJson);
      expect((await writer.target.fetchManifest('1.0', { signal })).descriptor.digest).toBe(root.digest);
      expect(await writer.target.referrers!.list(root.digest, { signal })).toMatchObject({
        referrers: [{ digest: sbom.digest }],
      });
      await writer.tag('other', root, { signal });
      expect((await writer.target.resolve('other', { signal }))?.digest).toBe(root.digest);
      expect(await writer.hasBlob(EMPTY_DESCRIPTOR, { signal })).toBe(true);
      expect(await writer.hasBlob({ ...EMPTY_DESCRIPTOR, size: 3 }, { signal })).toBe(false);
      const again = await writer.writeBlob(
        EMPTY_DESCRIPTOR,
        {
          open: () => {
            throw new Error('read');
          },
        },
        { signal },
      );
      expect(again).toEqual({ outcome: 'present', sent: 0 });
    });
  });

  it('lists the image of several platforms once, and its referrers', async () => {
    let root: Descriptor | undefined;
    let about: Descriptor | undefined;
    const { file } = await archived(async (writer) => {
      const children = [];
      for (const architecture of ['arm64', 'amd64'])
        children.push({ image: await image(writer, { architecture }), architecture });
      root = await index(writer, children, ['1.0']);
      about = await attach(writer, children[0]!.image, MEDIA_TYPES.sarif);
      await attach(writer, about, 'text/plain');
    });
    const layout = await openLayout(file, { signal });
    const entries = await entriesOf(layout.target);
    expect(
      entries
        .filter(({ tag }) => tag !== undefined)
        .map(({ tag }) => tag)
        .sort(),
    ).toEqual(['1.0', expect.stringMatching(/^sha256-/), expect.stringMatching(/^sha256-/)]);
    expect(entries.filter(({ tag }) => tag === undefined)).toHaveLength(2);
    expect((await layout.check({ signal })).orphans).toEqual([]);
    await layout.close();
    expect(root).toBeDefined();
  });

  it('has the list by which docker finds its images: of several platforms the wanted one, with whole names', async () => {
    let wanted: Descriptor | undefined;
    const { file } = await archived(
      async (writer) => {
        const children = [];
        for (const architecture of ['arm64', 'amd64'])
          children.push({ image: await image(writer, { architecture }), architecture });
        wanted = children[1]!.image;
        const root = await index(writer, children, ['1.0', 'other.example/app:x']);
        await attach(writer, root, MEDIA_TYPES.spdxJson);
      },
      { repository: 'localhost:5000/team/app' },
    );
    const layout = await openLayout(file, { signal });
    const { bytes } = await layout.target.fetchManifest(wanted!.digest, { signal });
    const { config, layers } = JSON.parse(Buffer.from(bytes).toString()) as {
      readonly config: Descriptor;
      readonly layers: readonly Descriptor[];
    };
    const lies = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`;
    expect(fileIn(file, 'manifest.json')).toEqual([
      {
        Config: lies(config),
        RepoTags: ['localhost:5000/team/app:1.0', 'other.example/app:x'],
        Layers: layers.map(lies),
      },
    ]);
    expect(
      (await entriesOf(layout.target)).map(({ tag, descriptor }) => [
        tag,
        descriptor?.annotations?.['io.containerd.image.name'],
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['1.0', 'localhost:5000/team/app:1.0'],
        ['other.example/app:x', 'other.example/app:x'],
      ]),
    );
    await layout.close();
  });

  it('has no such list without an image, and none for an image of which a layer is absent', async () => {
    const { file } = await archived(async (writer) => {
      const config = await blob(writer, '{}', MEDIA_TYPES.empty);
      await manifest(writer, imageManifest({ artifactType: 'text/plain', config, layers: [config] }), [
        'note',
      ]);
      const absent = { mediaType: MEDIA_TYPES.layerTarGzip, digest: `sha256:${'a'.repeat(64)}`, size: 7 };
      const imageConfig = await blob(writer, '{"os":"linux"}', MEDIA_TYPES.imageConfig);
      await manifest(writer, imageManifest({ config: imageConfig, layers: [absent] }), ['sparse']);
    });
    expect(execFileSync('tar', ['-tf', file]).toString()).not.toContain('manifest.json');
  });

  it('is compressed as a whole where that is asked for', async () => {
    const write = async (writer: TargetWriter): Promise<unknown> => image(writer, { tags: ['1.0'] });
    const plain = await archived(write);
    const packed = await archived(write, { name: 'some.tar.gz', gzip: true });
    expect(await readdir(packed.folder)).toEqual(['some.tar.gz']);
    expect(gunzipSync(await readFile(packed.file)).equals(await readFile(plain.file))).toBe(true);
  });

  it('keeps sha512 digests', async () => {
    const { file } = await archived(async (writer) => {
      const bytes = Buffer.from('content');
      const digest: Digest = digestOf(bytes, 'sha512');
      const layer = { mediaType: 'text/plain', digest, size: bytes.byteLength };
      await writer.writeBlob(layer, sourceOf(bytes), { signal });
      const config = await blob(writer, '{}', MEDIA_TYPES.empty);
      await manifest(writer, imageManifest({ artifactType: 'text/plain', config, layers: [layer] }), [
        'note',
      ]);
    });
    const layout = await openLayout(file, { signal });
    expect((await layout.check({ signal })).problems).toEqual([]);
    await layout.close();
  });

  it('refuses wrong content and goes on without it', async () => {
    const { file } = await archived(async (writer) => {
      const wrong = { mediaType: 'text/plain', digest: digestOf(Buffer.from('right')), size: 5 };
      await expect(writer.writeBlob(wrong, sourceOf(Buffer.from('wrong')), { signal })).rejects.toMatchObject(
        { code: 'DIGEST_MISMATCH' },
      );
      await expect(
        writer.writeBlob(wrong, sourceOf(Buffer.from('longer')), { signal }),
      ).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
      expect(await writer.hasBlob(wrong, { signal })).toBe(false);
      await expect(
        writer.writeManifests([{ bytes: Buffer.from('{'), mediaType: MEDIA_TYPES.manifest }], { signal }),
      ).rejects.toMatchObject({ code: 'MALFORMED' });
      await image(writer, { tags: ['1.0'] });
    });
    const layout = await openLayout(file, { signal });
    const check = await layout.check({ signal });
    expect([check.problems, check.orphans]).toEqual([[], []]);
    await layout.close();
  });
});

describe('an archive whose writing ends early', () => {
  it('is not there, and leaves what was there', async () => {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'some.tar');
    const writer = await createArchive(file, { platform });
    await image(writer, { tags: ['1.0'] });
    await writer.close();
    expect(await readdir(folder)).toEqual([]);

    await writeFile(file, 'before');
    await expect(createArchive(file, { platform })).rejects.toMatchObject({ code: 'CONFLICT' });
    const second = await createArchive(file, { platform, overwrite: true });
    await image(second, { tags: ['1.0'] });
    await second.close();
    expect([await readdir(folder), await readFile(file, 'utf8')]).toEqual([['some.tar'], 'before']);
    const third = await createArchive(file, { platform, overwrite: true });
    await image(third, { tags: ['1.0'] });
    await third.finish({ signal });
    await third.close();
    expect((await readFile(file)).byteLength).toBeGreaterThan(2_000);
  });

  it('does not take the place of a file that came meanwhile', async () => {
    const file = path.join(await temporaryFolder(), 'some.tar');
    const writer = await createArchive(file, { platform });
    await image(writer);
    await writeFile(file, 'somebody else');
    await expect(writer.finish({ signal })).rejects.toMatchObject({ code: 'CONFLICT' });
    await writer.close();
    expect(await readFile(file, 'utf8')).toBe('somebody else');
  });

  it('says that there is no such folder', async () => {
    const file = path.join(await temporaryFolder(), 'absent', 'some.tar');
    await expect(createArchive(file, { platform })).rejects.toMatchObject({ code: 'UNREADABLE' });
  });

  it.each(['ENOSPC', 'EIO'])(
    'ends in a typed error and leaves nothing, whichever call fails with %s',
    async (errno) => {
      for (const gzip of [false, true]) {
        for (let at = 1; ; at += 1) {
          const folder = await temporaryFolder();
          const fileSystem = faultyFileSystem(nodeFileSystem, { at, errno });
          const file = path.join(folder, 'some.tar');
          const outcome = await writeThrough(file, { fileSystem, gzip });
          if (outcome === 'whole') {
            const layout = await openLayout(file, { signal });
            expect((await layout.check({ signal })).problems).toEqual([]);
            await layout.close();
          } else {
            expect(outcome).toBe('UNREADABLE');
            const left = await readdir(folder);
            // The name may be there already when only waiting for it to be on the disk failed.
            expect(left.filter((name) => name !== 'some.tar')).toEqual([]);
          }
          if (fileSystem.calls.length < at) break;
        }
      }
    },
  );
});

async function writeThrough(
  file: string,
  options: { readonly fileSystem: typeof nodeFileSystem; readonly gzip: boolean },
): Promise<string> {
  try {
    const writer = await createArchive(file, { platform, ...options });
    try {
      await image(writer, { tags: ['1.0'] });
      await writer.finish({ signal });
      return 'whole';
    } finally {
      await writer.close();
    }
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

const [oras, regctl, skopeo] = [peer('oras'), peer('regctl'), peer('skopeo')];

describe.skipIf(oras === undefined || regctl === undefined || skopeo === undefined)(
  'an archive beside real tools (skipped without oras, regctl and skopeo)',
  () => {
    it('is read by oras, regctl, and skopeo as either form', async () => {
      let root: Descriptor | undefined;
      let sbom: Descriptor | undefined;
      const { folder, file } = await archived(
        async (writer) => {
          root = await image(writer, { tags: ['1.0'] });
          sbom = await attach(writer, root, MEDIA_TYPES.spdxJson);
        },
        { repository: 'localhost:5000/team/app' },
      );
      const run = (program: string, ...words: readonly string[]): Promise<string> =>
        runPeer(program, words, { folder });

      const discovered = JSON.parse(
        await run(oras!, 'discover', '--oci-layout', `${file}:1.0`, '--format', 'json'),
      ) as { readonly digest: string; readonly referrers: readonly { readonly digest: string }[] };
      expect([discovered.digest, discovered.referrers.map(({ digest }) => digest)]).toEqual([
        root!.digest,
        [sbom!.digest],
      ]);

      execFileSync('mkdir', [path.join(folder, 'unpacked')]);
      execFileSync('tar', ['-xf', file, '-C', path.join(folder, 'unpacked')]);
      const listed = await run(
        regctl!,
        'artifact',
        'list',
        `ocidir://${path.join(folder, 'unpacked')}:1.0`,
        '--format',
        '{{json .}}',
      );
      expect(listed).toContain(sbom!.digest);
      await run(regctl!, 'image', 'import', `ocidir://${path.join(folder, 'imported')}:1.0`, file);
      const imported = await run(regctl!, 'image', 'digest', `ocidir://${path.join(folder, 'imported')}:1.0`);
      expect(imported.trim()).toBe(root!.digest);

      const raw = await run(skopeo!, 'inspect', '--raw', `oci-archive:${file}:1.0`);
      expect(digestOf(Buffer.from(raw))).toBe(root!.digest);
      await run(
        skopeo!,
        '--insecure-policy',
        'copy',
        `docker-archive:${file}:localhost:5000/team/app:1.0`,
        `dir:${path.join(folder, 'loaded')}`,
      );
      const loaded = JSON.parse(await readFile(path.join(folder, 'loaded', 'manifest.json'), 'utf8')) as {
        readonly config: Descriptor;
      };
      const layout = await openLayout(file, { signal });
      const { bytes } = await layout.target.fetchManifest('1.0', { signal });
      await layout.close();
      expect(Buffer.from(bytes).toString()).toContain(loaded.config.digest);
    });

    it('is the only image of its archive for programs that ask for none by name', async () => {
      let root: Descriptor | undefined;
      const { folder, file } = await archived(async (writer) => {
        const children = [];
        for (const architecture of ['arm64', 'amd64'])
          children.push({ image: await image(writer, { architecture }), architecture });
        root = await index(writer, children, ['1.0']);
      });
      const raw = await runPeer(skopeo!, ['inspect', '--raw', `oci-archive:${file}`], { folder });
      expect(digestOf(Buffer.from(raw))).toBe(root!.digest);
      const names = await runPeer(
        skopeo!,
        ['inspect', '--format', '{{.Architecture}}', `docker-archive:${file}`],
        { folder },
      );
      expect(names.trim()).toBe('amd64');
    });
  },
);
