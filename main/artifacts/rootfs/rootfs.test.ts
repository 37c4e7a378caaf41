import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { openLayout } from '../../layout/open-layout.ts';
import { readTree, writeTree } from '../../testing/file-tree.ts';
import { imageManifest, MemoryPlace } from '../../testing/memory-target.ts';
import { runPeer } from '../../testing/run-peer.ts';
import { fixtures } from '../../testing/surroundings.ts';
import { TAR_END, tarEntry, tarHeader } from '../../testing/tar-blocks.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { readTrueLayouts } from '../../testing/truth.ts';
import { readTarStream } from '../tar/read-tar-stream.ts';
import { pullRootfs } from './pull-rootfs.ts';

const { signal } = new AbortController();

interface MergedFile {
  readonly type: string;
  readonly size: number;
  readonly mode: string;
  readonly target?: string;
  readonly hardLinkTo?: string;
}

async function* wholeFile(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield await readFile(file);
}

const TYPES: Readonly<Record<string, string>> = {
  folder: 'dir',
  'symbolic-link': 'symlink',
  'hard-link': 'file',
};

/** What a tar holds, in the words of the truth files; hard links as files of the size of what they name. */
async function listTar(file: string): Promise<Readonly<Record<string, Partial<MergedFile>>>> {
  const found: Record<string, Partial<MergedFile>> = {};
  for await (const entry of readTarStream(wholeFile(file), { what: file, entryLimit: 1e6, signal })) {
    const name = entry.path.replace(/^\.\//, '').replace(/\/$/, '');
    expect(Object.hasOwn(found, name), `${name} twice`).toBe(false);
    const linked = entry.type === 'hard-link' ? found[entry.linkPath] : undefined;
    found[name] = {
      type: TYPES[entry.type] ?? entry.type,
      size: linked?.size ?? entry.size,
      mode: (entry.mode & 0o7777).toString(8).padStart(4, '0'),
      ...(entry.type === 'symbolic-link' ? { target: entry.linkPath } : {}),
    };
  }
  return found;
}

describe('the file system of an image as one tar', () => {
  it.skipIf(fixtures() === undefined)(
    'has for every image of the corpus what its layers make, no more and no less',
    { timeout: 60_000 },
    async ({ skip }) => {
      let count = 0;
      for (const { archive, name, truth } of await readTrueLayouts(path.join(fixtures()!, 'oci'))) {
        const layout = await openLayout(archive, { signal });
        try {
          for (const node of truth.nodes as readonly ((typeof truth.nodes)[number] & {
            readonly mergedFiles?: Readonly<Record<string, MergedFile>>;
            readonly layers?: readonly { readonly compression?: string }[];
          })[]) {
            if (node.mergedFiles === undefined) continue;
            if (node.layers?.some(({ compression }) => compression === 'zstd') === true) continue;
            if (name === 'hand-hostile-names' || name === 'hand-special-files') continue;
            const folder = await mkdtemp(path.join(tmpdir(), 'tallyman-rootfs-'));
            try {
              const { size } = await pullRootfs(layout.target, node.digest, folder, {
                signal,
                existing: 'keep',
              });
              expect(size % 512).toBe(0);
              const found = await listTar(path.join(folder, 'rootfs.tar'));
              const expected = Object.entries(node.mergedFiles).map(
                ([file, { type, size: bytes, mode, target }]) => [
                  file.replace(/^\.?\//, ''),
                  {
                    type: type === 'chardev' || type === 'blockdev' ? 'device' : type,
                    size: bytes,
                    mode,
                    ...(target === undefined || type !== 'symlink' ? {} : { target }),
                  },
                ],
              );
              expect({ name, found }).toEqual({ name, found: Object.fromEntries(expected) });
              expect(await readdir(folder)).toEqual(['rootfs.tar']);
              count += 1;
            } finally {
              await rm(folder, { recursive: true });
            }
          }
        } finally {
          await layout.close();
        }
      }
      if (count === 0) skip();
      expect(count).toBeGreaterThanOrEqual(20);
    },
  );

  const link = (name: string, linkName: string, type = '2'): Uint8Array =>
    tarHeader({ name, linkName, type });
  const folder = (name: string): Uint8Array => tarHeader({ name, type: '5' });

  function imageOf(...layers: readonly (readonly Uint8Array[])[]): MemoryPlace {
    const place = new MemoryPlace();
    const config = place.blob('{}', MEDIA_TYPES.imageConfig);
    const blobs = layers.map((parts, index) => {
      const tar = Buffer.concat([...parts, TAR_END]);
      return index % 2 === 0 ? place.blob(gzipSync(tar)) : place.blob(tar, MEDIA_TYPES.layerTar);
    });
    place.manifest(imageManifest({ config, layers: blobs }), { tag: 'v1' });
    return place;
  }

  /** Unpacked by the system's tar, which knows nothing of us. */
  async function unpacked(place: MemoryPlace): Promise<Readonly<Record<string, string>>> {
    const out = await temporaryFolder();
    await pullRootfs(place.target(), 'v1', out, { signal, existing: 'keep' });
    await writeTree(out, { 'files/.keep': '' });
    await rm(path.join(out, 'files/.keep'));
    await runPeer('tar', ['-xf', 'rootfs.tar', '-C', 'files'], { folder: out });
    return readTree(path.join(out, 'files'));
  }

  it('keeps a hard link whose file a later layer took away or replaced', async () => {
    const place = imageOf(
      [folder('d'), tarEntry({ name: 'd/a' }, 'old'), link('d/b', 'd/a', '1'), link('c', './d/a', '1')],
      [tarEntry({ name: 'd/a' }, 'new'), tarEntry({ name: '.wh.nothing' })],
      [tarEntry({ name: '.wh.c' }), link('late', 'd/b', '1')],
    );
    const tree = await unpacked(place);
    expect(Object.keys(tree)).toEqual(['d', 'd/a', 'd/b', 'late']);
    expect(tree['d/b']).toBe(tree['late']);
    expect(tree['d/b']).not.toBe(tree['d/a']);
  });

  it('lets folders become files and files folders, and hides what lower layers had only', async () => {
    const place = imageOf(
      [
        tarEntry({ name: 'x/a' }, '1'),
        tarEntry({ name: 'y' }, '1'),
        tarEntry({ name: 'o/old' }, '1'),
        tarEntry({ name: 'w/old' }, '1'),
      ],
      [
        tarEntry({ name: 'x' }, 'file'),
        tarEntry({ name: 'y/b' }, '2'),
        tarEntry({ name: 'o/new' }, '2'),
        tarEntry({ name: 'o/.wh..wh..opq' }),
        tarEntry({ name: 'w/new' }, '2'),
        tarEntry({ name: '.wh.w' }),
      ],
    );
    expect(Object.keys(await unpacked(place))).toEqual(['o', 'o/new', 'w', 'w/new', 'x', 'y', 'y/b']);
  });

  it('leaves out what leads out, and says so', async () => {
    const place = imageOf([
      tarEntry({ name: '../evil' }, 'x'),
      tarEntry({ name: '/abs' }, 'x'),
      link('h', '../../etc/passwd', '1'),
      tarEntry({ name: 'a/../../b' }, 'x'),
    ]);
    const out = await temporaryFolder();
    const { notes } = await pullRootfs(place.target(), 'v1', out, { signal, existing: 'keep' });
    expect(notes.map((note) => note.path)).toEqual(['../evil', 'a/../../b', 'h']);
    expect(Object.keys(await listTar(path.join(out, 'rootfs.tar')))).toEqual(['abs']);
  });

  it('asks for a platform where there are several, and is made of images alone', async () => {
    const place = new MemoryPlace();
    const [amd64, arm64] = ['amd64', 'arm64'].map((architecture) => ({
      ...place.image(architecture),
      platform: { os: 'linux', architecture },
    }));
    place.index([amd64!, arm64!], 'v1');
    const out = await temporaryFolder();
    const options = { signal, existing: 'keep' } as const;
    await expect(pullRootfs(place.target(), 'v1', out, options)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      hint: expect.stringContaining('linux/arm64') as unknown,
    });
    await expect(
      pullRootfs(place.target(), 'v1', out, { ...options, platform: { os: 'x', architecture: 'y' } }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const note = place.attach(amd64!, 'a/b');
    await expect(pullRootfs(place.target(), note, out, options)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    // The layers of these images are no tars.
    await expect(pullRootfs(place.target(), amd64!, out, options)).rejects.toMatchObject({
      code: 'MALFORMED',
    });
  });
});
