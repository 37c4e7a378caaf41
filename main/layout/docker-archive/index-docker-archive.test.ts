import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { TargetEntry } from '../../content/target.ts';
import { readAll } from '../../content/verify-content.ts';
import { LayoutFiles, named } from '../../testing/make-layout.ts';
import { TAR_END, tarEntry, type TarBlockFields } from '../../testing/tar-blocks.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { openLayout, type Layout } from '../open-layout.ts';

const { signal } = new AbortController();

const tarOf = (name: string): Uint8Array =>
  Buffer.concat([tarEntry({ name: `etc/${name}` }, name.repeat(100)), TAR_END]);
const [base, app] = [tarOf('base'), tarOf('app')];

function configOf(layers: readonly Uint8Array[], fields: object = {}): Uint8Array {
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) };
  return Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs, ...fields }));
}

const config = configOf([base, app]);
const hexOf = (bytes: Uint8Array): string => digestOf(bytes).slice('sha256:'.length);
const configName = `${hexOf(config)}.json`;
const oneImage = [
  { Config: configName, RepoTags: ['team/app:1.0'], Layers: ['base/layer.tar', 'app/layer.tar'] },
];

/** An entry of the archive: name and content, or the fields of a header. */
type Piece = readonly [string, Uint8Array | string] | TarBlockFields;

function archiveOf(...pieces: readonly Piece[]): Uint8Array {
  const entries = pieces.map((piece) =>
    'length' in piece ? tarEntry({ name: piece[0] }, piece[1]) : tarEntry(piece),
  );
  return Buffer.concat([...entries, TAR_END]);
}

const image: readonly Piece[] = [
  [configName, config],
  ['base/layer.tar', base],
  ['app/layer.tar', app],
];
const manifestJson = (document: unknown = oneImage): Piece => ['manifest.json', JSON.stringify(document)];
const without = (name: string): readonly Piece[] =>
  image.filter((piece) => !('length' in piece) || piece[0] !== name);

async function written(bytes: Uint8Array): Promise<string> {
  const file = path.join(await temporaryFolder(), 'some.tar');
  await writeFile(file, bytes);
  return file;
}

async function withArchive<Result>(
  bytes: Uint8Array,
  use: (layout: Layout) => Promise<Result>,
): Promise<Result> {
  const layout = await openLayout(await written(bytes), { signal });
  try {
    return await use(layout);
  } finally {
    await layout.close();
  }
}

async function entriesOf({ target }: Layout): Promise<readonly TargetEntry[]> {
  const entries: TargetEntry[] = [];
  for await (const page of target.listEntries!({ signal })) entries.push(...page);
  return entries;
}

/** Media types and whole contents of the layers behind a name. */
async function layersOf(
  { target }: Layout,
  name: string,
): Promise<readonly (readonly [string, Uint8Array])[]> {
  const { bytes, descriptor } = await target.fetchManifest(name, { signal });
  const manifest = parseManifest(bytes, descriptor.mediaType);
  if (manifest.form !== 'manifest') throw new Error('no manifest');
  expect(Buffer.from(await readAll(target.readBlob(manifest.config!, { signal }), 10_000))).toEqual(
    Buffer.from(config),
  );
  const layers: (readonly [string, Uint8Array])[] = [];
  for (const layer of manifest.layers)
    layers.push([layer.mediaType, Buffer.from(await readAll(target.readBlob(layer, { signal }), 100_000))]);
  return layers;
}

const plain = [
  [MEDIA_TYPES.layerTar, base],
  [MEDIA_TYPES.layerTar, app],
];

async function failure(bytes: Uint8Array): Promise<string> {
  return withArchive(bytes, () => Promise.resolve('it was opened')).catch((error: unknown) => {
    if (error instanceof TallymanError) return `${error.code} ${error.message}`;
    throw error;
  });
}

describe('a docker archive', () => {
  it('is a layout with a manifest made of config and layers, under the name that the archive gives', async () => {
    await withArchive(archiveOf(...image, manifestJson()), async (layout) => {
      expect(await layersOf(layout, 'team/app:1.0')).toEqual(plain);
      expect(await layersOf(layout, '1.0')).toEqual(plain);
      expect(await entriesOf(layout)).toMatchObject([
        { tag: 'team/app:1.0', descriptor: { platform: { os: 'linux', architecture: 'amd64' } } },
      ]);
      const check = await layout.check({ signal });
      expect([check.problems, check.orphans]).toEqual([[], []]);
    });
  });

  it('is read with its files in any order, compressed as a whole, and under ./ names', async () => {
    const bytes = archiveOf(manifestJson(), ...[...image].reverse());
    await withArchive(gzipSync(bytes), async (layout) => {
      expect(await layersOf(layout, '1.0')).toEqual(plain);
    });
    const dotted = [manifestJson(), ...image].map((piece): Piece => [
      'length' in piece ? `./${piece[0]}` : '',
      'length' in piece ? piece[1] : '',
    ]);
    await withArchive(archiveOf(...dotted), async (layout) => {
      expect(await layersOf(layout, '1.0')).toEqual(plain);
    });
  });

  it('may have compressed layers, which keep their bytes', async () => {
    const packed = [base, app].map((tar) => gzipSync(tar));
    const bytes = archiveOf(
      [configName, config],
      ['base/layer.tar', packed[0]!],
      ['app/layer.tar', packed[1]!],
      manifestJson(),
    );
    await withArchive(bytes, async (layout) => {
      expect(await layersOf(layout, '1.0')).toEqual(packed.map((layer) => [MEDIA_TYPES.layerTarGzip, layer]));
    });
  });

  it('may lead to a layer by links inside of it', async () => {
    const links: readonly Piece[] = [
      { name: 'base/layer.tar', type: '2', linkName: '../far/../lies/first' },
      { name: 'lies/first', type: '1', linkName: './lies/second' },
      ['lies/second', base],
    ];
    await withArchive(
      archiveOf(...links, [configName, config], ['app/layer.tar', app], manifestJson()),
      async (layout) => {
        expect(await layersOf(layout, '1.0')).toEqual(plain);
      },
    );
  });

  it('may hold several images, images without a name, and one image twice', async () => {
    const other = configOf([base], { author: 'other' });
    const document = [
      ...oneImage,
      { Config: 'other.json', RepoTags: null, Layers: ['base/layer.tar'] },
      { ...oneImage[0], RepoTags: ['team/app:latest', 'team/app:1.0'] },
    ];
    await withArchive(archiveOf(...image, ['other.json', other], manifestJson(document)), async (layout) => {
      const entries = await entriesOf(layout);
      expect(entries.map(({ tag }) => tag)).toEqual(['team/app:1.0', 'team/app:latest', undefined]);
      expect(entries[0]!.descriptor!.digest).toBe(entries[1]!.descriptor!.digest);
    });
  });

  it('has the same digests each time, whatever the archive looks like', async () => {
    const digests = [];
    for (const bytes of [
      archiveOf(...image, manifestJson()),
      archiveOf(manifestJson(), ...[...image].reverse()),
    ])
      digests.push(
        await withArchive(bytes, async ({ target }) => (await target.resolve('1.0', { signal }))?.digest),
      );
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).toMatch(/^sha256:/);
  });

  it('opens without reading layers that are not compressed, and refuses wrong ones when they are read', async () => {
    const wrong = Buffer.from(app);
    wrong[600] = 0;
    const bytes = archiveOf(...without('app/layer.tar'), ['app/layer.tar', wrong], manifestJson());
    await withArchive(bytes, async (layout) => {
      await expect(layersOf(layout, '1.0')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
      expect((await layout.check({ signal })).problems).toMatchObject([
        { kind: 'corrupt', digest: digestOf(app) },
      ]);
    });
  });
});

describe('a docker archive of the oldest form', () => {
  const [bottom, top] = ['a'.repeat(64), 'b'.repeat(64)];
  const legacy = (topJson: object = {}, repositories?: unknown): Uint8Array =>
    archiveOf(
      [`${bottom}/VERSION`, '1.0'],
      [
        `${bottom}/json`,
        JSON.stringify({
          id: bottom,
          created: '2015-01-01T00:00:00Z',
          container_config: { Cmd: ['/bin/sh', '-c', 'ADD'] },
        }),
      ],
      [`${bottom}/layer.tar`, base],
      [
        `${top}/json`,
        JSON.stringify({
          id: top,
          parent: bottom,
          os: 'linux',
          architecture: 'amd64',
          config: { Cmd: ['run'] },
          Size: 7,
          comment: 'top',
          ...topJson,
        }),
      ],
      [`${top}/layer.tar`, app],
      ...(repositories === undefined ? [] : [['repositories', JSON.stringify(repositories)] as const]),
    );

  it('becomes an image with a config made of its json files', async () => {
    await withArchive(legacy({}, { 'team/app': { '1.0': top, latest: top } }), async (layout) => {
      const { target } = layout;
      expect((await entriesOf(layout)).map(({ tag }) => tag)).toEqual(['team/app:1.0', 'team/app:latest']);
      const { bytes, descriptor } = await target.fetchManifest('latest', { signal });
      const manifest = parseManifest(bytes, descriptor.mediaType);
      if (manifest.form !== 'manifest') throw new Error('no manifest');
      const made = JSON.parse(
        Buffer.from(await readAll(target.readBlob(manifest.config!, { signal }), 10_000)).toString(),
      ) as unknown;
      expect(made).toEqual({
        os: 'linux',
        architecture: 'amd64',
        config: { Cmd: ['run'] },
        comment: 'top',
        rootfs: { type: 'layers', diff_ids: [digestOf(base), digestOf(app)] },
        history: [{ created: '2015-01-01T00:00:00Z', created_by: '/bin/sh -c ADD' }, { comment: 'top' }],
      });
      expect((await layout.check({ signal })).problems).toEqual([]);
    });
  });

  it('is read without names too, by what is nobody’s parent', async () => {
    await withArchive(legacy(), async (layout) => {
      expect(await entriesOf(layout)).toMatchObject([{ descriptor: { platform: { os: 'linux' } } }]);
    });
  });

  it.each([
    [
      'a chain that leads back to itself',
      legacy({ parent: top }, { a: { b: top } }),
      /MALFORMED .* lead back to itself/,
    ],
    ['a parent that is absent', legacy({ parent: 'c'.repeat(64) }), /MISSING/],
    ['a parent that is a path', legacy({ parent: '../../etc' }), /MALFORMED .* parent is no image/],
    ['a name for a path', legacy({}, { a: { b: '../x' } }), /MALFORMED .* names no image/],
    ['repositories that are a list', legacy({}, []), /MALFORMED .* a list, not an object/],
    ['tags that are a text', legacy({}, { a: 'b' }), /MALFORMED .* a string, not an object/],
  ])('is refused with %s', async (_name, bytes, message) => {
    expect(await failure(bytes)).toMatch(message);
  });
});

describe('a hostile docker archive', () => {
  const big = (size: number): string => `[${' '.repeat(size)}]`;

  it.each<readonly [string, Uint8Array, RegExp]>([
    ['without any image', archiveOf(manifestJson([])), /NOT_A_LAYOUT .* without any image/],
    [
      'with a list that is no JSON',
      archiveOf(['manifest.json', '<html>'], ...image),
      /MALFORMED .* manifest\.json/,
    ],
    ['with a list nested 100,000 deep', archiveOf(['manifest.json', '['.repeat(100_000)], ...image), /LIMIT/],
    [
      'with a list of 9 MB',
      archiveOf(['manifest.json', big(9 * 1024 * 1024)], ...image),
      /LIMIT .* 8388608 bytes/,
    ],
    [
      'with more images than anybody saves',
      archiveOf(manifestJson(Array(10_001).fill(oneImage[0])), ...image),
      /LIMIT .* 10000 images/,
    ],
    [
      'with more names than anybody gives',
      archiveOf(
        manifestJson([
          { ...oneImage[0], RepoTags: Array.from({ length: 100_001 }, (_, number) => `a:${number}`) },
        ]),
        ...image,
      ),
      /LIMIT .* names/,
    ],
    [
      'with two different lists',
      archiveOf(manifestJson([]), ...image, manifestJson()),
      /AMBIGUOUS .* “manifest\.json” twice/,
    ],
    [
      'with two different configs of one name',
      archiveOf(
        ['c.json', '{}'],
        ['c.json', config],
        ...image,
        manifestJson([{ ...oneImage[0], Config: 'c.json' }]),
      ),
      /AMBIGUOUS .* “c\.json” twice/,
    ],
    [
      'with one name for two images',
      archiveOf(
        ...image,
        ['other.json', configOf([base])],
        manifestJson([
          ...oneImage,
          { Config: 'other.json', RepoTags: ['team/app:1.0'], Layers: ['base/layer.tar'] },
        ]),
      ),
      /AMBIGUOUS .* “team\/app:1\.0” to two images/,
    ],
    ['without the config', archiveOf(...without(configName), manifestJson()), /MISSING/],
    [
      'without a layer',
      archiveOf(...without('app/layer.tar'), manifestJson()),
      /MISSING .* “app\/layer\.tar”/,
    ],
    [
      'with a config outside of it',
      archiveOf(...image, manifestJson([{ ...oneImage[0], Config: '/etc/passwd' }])),
      /UNREADABLE .* leads out/,
    ],
    [
      'with a layer outside of it',
      archiveOf(...image, manifestJson([{ ...oneImage[0], Layers: ['base/layer.tar', '../../etc/passwd'] }])),
      /UNREADABLE .* leads out/,
    ],
    [
      'with a link out of it',
      archiveOf(
        ...without('app/layer.tar'),
        { name: 'app/layer.tar', type: '2', linkName: '../../../etc/passwd' },
        manifestJson(),
      ),
      /UNREADABLE .* leads out/,
    ],
    [
      'with an absolute link',
      archiveOf(
        ...without('app/layer.tar'),
        { name: 'app/layer.tar', type: '2', linkName: '/etc/passwd' },
        manifestJson(),
      ),
      /UNREADABLE .* leads out/,
    ],
    [
      'with a hard link out of it',
      archiveOf(
        ...without('app/layer.tar'),
        { name: 'app/layer.tar', type: '1', linkName: '../etc/passwd' },
        manifestJson(),
      ),
      /UNREADABLE .* leads out/,
    ],
    [
      'with links in a circle',
      archiveOf(
        ...without('app/layer.tar'),
        { name: 'app/layer.tar', type: '2', linkName: 'x' },
        { name: 'app/x', type: '2', linkName: 'layer.tar' },
        manifestJson(),
      ),
      /UNREADABLE .* no plain file/,
    ],
    [
      'with a device for a layer',
      archiveOf(...without('app/layer.tar'), { name: 'app/layer.tar', type: '3' }, manifestJson()),
      /UNREADABLE .* no plain file/,
    ],
    [
      'with a FIFO for a config',
      archiveOf(...without(configName), { name: configName, type: '6' }, manifestJson()),
      /UNREADABLE .* no plain file/,
    ],
    [
      'with a folder for a layer',
      archiveOf(...without('app/layer.tar'), { name: 'app/layer.tar/', type: '5' }, manifestJson()),
      /MISSING/,
    ],
    [
      'with a sparse file for a layer',
      archiveOf(...without('app/layer.tar'), { name: 'app/layer.tar', type: 'S' }, manifestJson()),
      /UNREADABLE .* no plain file/,
    ],
    [
      'with fewer layers than the config says',
      archiveOf(...image, manifestJson([{ ...oneImage[0], Layers: ['base/layer.tar'] }])),
      /MALFORMED .* 1 layers .* has 2/,
    ],
    [
      'with a config that is not the one of its name',
      archiveOf(...without(configName), [configName, configOf([base, app], { author: 'x' })], manifestJson()),
      /DIGEST_MISMATCH/,
    ],
    [
      'with a config without rootfs',
      archiveOf(
        ...image,
        ['c.json', '{"os":"linux","architecture":"amd64"}'],
        manifestJson([{ ...oneImage[0], Config: 'c.json' }]),
      ),
      /MALFORMED .* rootfs/,
    ],
    [
      'with a digest of no kind',
      archiveOf(
        ...image,
        ['c.json', configOf([], { rootfs: { type: 'layers', diff_ids: ['../../x', digestOf(app)] } })],
        manifestJson([{ ...oneImage[0], Config: 'c.json' }]),
      ),
      /MALFORMED .* no digest/,
    ],
    [
      'with a digest that nobody computes',
      archiveOf(
        ...image,
        [
          'c.json',
          configOf([], { rootfs: { type: 'layers', diff_ids: [`md5:${'0'.repeat(32)}`, digestOf(app)] } }),
        ],
        manifestJson([{ ...oneImage[0], Config: 'c.json' }]),
      ),
      /UNSUPPORTED/,
    ],
    [
      'with a compressed layer of other content',
      archiveOf(...without('app/layer.tar'), ['app/layer.tar', gzipSync(base)], manifestJson()),
      /DIGEST_MISMATCH .* unpacks to/,
    ],
    [
      'with a compressed layer that is damaged',
      archiveOf(
        ...without('app/layer.tar'),
        ['app/layer.tar', gzipSync(app).subarray(0, 40)],
        manifestJson(),
      ),
      /MALFORMED .* gzip/,
    ],
    [
      'with a layer in a form that has no media type',
      archiveOf(
        ...without('app/layer.tar'),
        ['app/layer.tar', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1])],
        manifestJson(),
      ),
      /UNSUPPORTED/,
    ],
    [
      'with two files of one digest',
      archiveOf(
        ...image,
        ['x.json', configOf([base, app], { author: 'x' })],
        ['short', app.subarray(0, 512)],
        manifestJson([...oneImage, { Config: 'x.json', Layers: ['base/layer.tar', 'short'] }]),
      ),
      /SIZE_MISMATCH .* two files/,
    ],
    [
      'with a size beyond its end',
      Buffer.concat([
        archiveOf(...image).subarray(0, -1024),
        tarEntry({ name: 'manifest.json', size: 10_000_000 }, JSON.stringify(oneImage)),
        TAR_END,
      ]),
      /MALFORMED .* incomplete/,
    ],
    [
      'with only names that lead upwards',
      archiveOf(['../manifest.json', JSON.stringify(oneImage)], ...image),
      /NOT_A_LAYOUT/,
    ],
  ])('is refused %s', async (_name, bytes, message) => {
    expect(await failure(bytes)).toMatch(message);
  });

  it('is refused when a layer is made to fill the disk', async () => {
    const bomb = Buffer.concat(
      Array.from({ length: 40 }, () => gzipSync(Buffer.alloc(2 * 1024 * 1024), { level: 9 })),
    );
    const bytes = archiveOf(...without('app/layer.tar'), ['app/layer.tar', bomb], manifestJson());
    expect(await failure(bytes)).toMatch(/LIMIT .* 500 times/);
  });

  it('ends in a layout or in a typed error, whichever byte is changed', async () => {
    const good = archiveOf(...image, manifestJson());
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.byteLength - 1),
        fc.nat(255),
        fc.boolean(),
        async (position, value, cut) => {
          const bytes = Buffer.from(cut ? good.subarray(0, position) : good);
          if (!cut) bytes[position] = value;
          await withArchive(bytes, (layout) => layout.check({ signal })).catch((error: unknown) => {
            expect(error).toBeInstanceOf(TallymanError);
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('an archive that is a layout and a docker archive', () => {
  /** A layout with two images of one tag, as docker writes images of two repositories. */
  function both(manifest: (paths: readonly string[]) => unknown): Uint8Array {
    const files = new LayoutFiles();
    const configs = ['one', 'two'].map((author) =>
      files.blob(JSON.stringify({ author }), MEDIA_TYPES.imageConfig),
    );
    const images = configs.map((each) => files.manifest({ config: each, layers: [] }));
    files.setEntries([named(images[0]!, 'latest'), named(images[1]!, 'latest'), named(images[0]!, '1.0')]);
    const paths = configs.map(({ digest }) => `blobs/${digest.replace(':', '/')}`);
    files.files.set('manifest.json', Buffer.from(JSON.stringify(manifest(paths))));
    return files.toTar();
  }

  const tagsOf = (bytes: Uint8Array): Promise<readonly (string | undefined)[]> =>
    withArchive(bytes, async (layout) => (await entriesOf(layout)).map(({ tag }) => tag));

  it('has the names of docker’s list that the index has not', async () => {
    const bytes = both(([one, two]) => [
      { Config: one, RepoTags: ['team/one:latest', 'team/one:1.0'], Layers: [] },
      { Config: two, RepoTags: ['team/two:latest', 'team/two:2.0'], Layers: [] },
    ]);
    expect(await tagsOf(bytes)).toEqual([
      'latest',
      'latest',
      '1.0',
      'team/one:latest',
      'team/two:latest',
      'team/two:2.0',
    ]);
    await withArchive(bytes, async ({ target }) => {
      const [one, two] = [
        await target.resolve('team/one:latest', { signal }),
        await target.resolve('2.0', { signal }),
      ];
      expect(one?.digest).toBe((await target.resolve('1.0', { signal }))?.digest);
      expect(two?.digest).not.toBe(one?.digest);
    });
  });

  it.each<readonly [string, (paths: readonly string[]) => unknown]>([
    ['is empty', () => []],
    ['is no list', () => ({})],
    ['names files that are no configs', () => [{ Config: '/etc/passwd', RepoTags: ['a:b'], Layers: [] }]],
  ])('is read as the layout where docker’s list %s', async (_name, manifest) => {
    expect(await tagsOf(both(manifest))).toEqual(['latest', 'latest', '1.0']);
  });
});
