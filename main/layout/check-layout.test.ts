import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { readEverything } from '../testing/check-layout.ts';
import { LayoutFiles, named } from '../testing/make-layout.ts';
import { fixtures } from '../testing/surroundings.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { isSound, type LayoutCheck } from './check-layout.ts';
import { openLayout } from './open-layout.ts';
import { repairLayout } from './repair-layout.ts';
import { createLayout } from './write-layout.ts';

const { signal } = new AbortController();
const corpus = fixtures();

async function check(location: string): Promise<LayoutCheck> {
  const layout = await openLayout(location, { signal });
  try {
    return await layout.check({ signal });
  } finally {
    await layout.close();
  }
}

const brief = ({ problems }: LayoutCheck): readonly (readonly [string, string | undefined])[] =>
  problems.map(({ kind, digest }) => [kind, digest] as const).sort();
const place = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`;

function sound(): { readonly files: LayoutFiles; readonly image: Descriptor; readonly layer: Descriptor } {
  const files = new LayoutFiles();
  const layer = files.blob('a layer', MEDIA_TYPES.layerTar);
  const image = files.manifest({ layers: [layer] });
  files.setEntries([named(files.index([image]), 'v1')]);
  return { files, image, layer };
}

describe('checkLayout', () => {
  it('finds nothing wrong with a sound layout, in a folder and in an archive, and counts what it read', async () => {
    const { files } = sound();
    const stray = files.blob('stray');
    const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
    await writeFile(`${folder}.tar`, files.toTar());
    for (const location of [folder, `${folder}.tar`]) {
      const result = await check(location);
      expect(isSound(result)).toBe(true);
      expect([result.blobs, result.orphans, result.unchecked]).toEqual([
        5,
        [{ digest: stray.digest, size: stray.size }],
        [],
      ]);
      expect(result.bytes).toBe(
        [...files.files]
          .filter(([name]) => name.startsWith('blobs/'))
          .reduce((sum, [, bytes]) => sum + bytes.byteLength, 0),
      );
    }
  });

  it('names every fault and what it belongs to, all in one answer', async () => {
    const { files, image } = sound();
    const damaged = files.blob('damaged');
    const missing = files.blob('missing');
    const foreign = files.blob('foreign', MEDIA_TYPES.foreignLayerTar);
    const html = files.blob('<html>', MEDIA_TYPES.manifest);
    const inline = { ...files.blob('inline'), data: Buffer.from('inline').toString('base64') };
    const parent = files.manifest({ layers: [damaged, missing, { ...image, size: 1 }, foreign, inline] });
    files.setEntries([named(parent, 'v1'), html, { nothing: true }]);
    for (const gone of [missing, foreign, inline]) files.files.delete(place(gone));
    files.files.set(place(damaged), Buffer.from('DAMAGED'));
    files.files.set('blobs/sha256/notes.txt', Buffer.from('x'));
    files.files.set(`blobs/blake3/${'a'.repeat(64)}`, Buffer.from('x'));
    const result = await check(await files.writeTo(path.join(await temporaryFolder(), 'layout')));
    expect(brief(result).filter(([kind]) => kind !== 'entry')).toEqual(
      [
        ['corrupt', damaged.digest],
        ['foreign', foreign.digest],
        ['manifest', html.digest],
        ['missing', missing.digest],
        ['size', image.digest],
      ].sort(),
    );
    expect(result.problems.filter(({ kind }) => kind === 'entry').length).toBeGreaterThan(0);
    expect(
      result.problems
        .filter(({ digest }) => digest === damaged.digest || digest === missing.digest)
        .map(({ namedBy }) => namedBy),
    ).toEqual([[parent.digest], [parent.digest]]);
    expect(result.unchecked.length).toBe(2);
    expect(isSound(result)).toBe(false);
  });

  it('looks at the blobs although the index cannot be read, and calls none of them an orphan', async () => {
    const { files } = sound();
    const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
    const layout = await openLayout(folder, { signal });
    await writeFile(path.join(folder, 'index.json'), Buffer.alloc(20));
    const result = await layout.check({ signal });
    expect(brief(result)).toEqual([['index', undefined]]);
    expect([result.blobs, result.orphans]).toEqual([4, []]);
    await layout.close();
  });

  it('can be cancelled', async () => {
    const layout = await openLayout(
      await sound().files.writeTo(path.join(await temporaryFolder(), 'layout')),
      { signal },
    );
    await expect(layout.check({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    await layout.close();
  });
});

interface Truth {
  readonly format: string;
  readonly blobs: readonly {
    readonly digest: string;
    readonly digestMatches?: boolean;
    readonly link?: string;
  }[];
  readonly missing: readonly {
    readonly digest: string;
    readonly wanted: readonly { readonly via: string }[];
  }[];
  readonly nodes: readonly { readonly digest: string; readonly inlineData?: boolean }[];
  readonly wrong?: { readonly kind: string };
}

describe.skipIf(corpus === undefined)('checkLayout on the corpus (skipped without TALLYMAN_FIXTURES)', () => {
  const unopenable = new Set([
    'bom',
    'index-unreadable',
    'index-missing',
    'newer-layout',
    'no-oci-layout',
    'oci-layout-unreadable',
  ]);
  const all = (corpus === undefined ? [] : ['.', 'broken']).flatMap((folder) => {
    const from = path.join(corpus ?? '', 'oci', folder);
    return readdirSync(from)
      .filter((name) => /\.oci\.tar(?:\.gz)?$/.test(name))
      .map((name) => ({
        name: path.join(folder, name),
        file: path.join(from, name),
        truth: JSON.parse(
          readFileSync(path.join(from, name.replace(/\.oci\.tar(?:\.gz)?$/, '.truth.json')), 'utf8'),
        ) as Truth,
      }))
      .filter(({ truth }) => truth.format === 'oci-layout' && !unopenable.has(truth.wrong?.kind ?? ''));
  });

  it.each(all.map((fixture) => [fixture.name, fixture] as const))(
    'agrees with the truth about %s',
    async (_name, { file, truth }) => {
      const result = await check(file);
      const of = (...kinds: readonly string[]): readonly (string | undefined)[] =>
        [
          ...new Set(result.problems.filter(({ kind }) => kinds.includes(kind)).map(({ digest }) => digest)),
        ].sort();
      expect(of('corrupt')).toEqual(
        truth.blobs
          .filter(({ digestMatches }) => digestMatches === false)
          .map(({ digest }) => digest)
          .sort(),
      );
      expect(of('no-file')).toEqual(
        truth.blobs
          .filter(({ link }) => link !== undefined)
          .map(({ digest }) => digest)
          .sort(),
      );
      const links = new Set(truth.blobs.filter(({ link }) => link !== undefined).map(({ digest }) => digest));
      // An absent subject is no loss, and content that its descriptor carries need not lie in the layout.
      const inline = new Set(
        truth.nodes.filter(({ inlineData }) => inlineData === true).map(({ digest }) => digest),
      );
      const needed = truth.missing
        .filter(
          ({ digest, wanted }) =>
            !links.has(digest) && wanted.some(({ via }) => /^(?:entry|child|config|layer)$/.test(via)),
        )
        .map(({ digest }) => digest);
      const found = of('missing', 'foreign').filter((digest) => /^sha(?:256|512):/.test(digest ?? ''));
      expect(found.filter((digest) => !inline.has(digest ?? ''))).toEqual(
        needed.filter((digest) => !inline.has(digest)).sort(),
      );
    },
  );
});

describe('repairLayout', () => {
  it('moves damaged content aside, so that the right one can take its place', async () => {
    const { files, layer } = sound();
    const linked = files.blob('linked');
    const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
    await writeFile(path.join(folder, place(layer)), 'damaged');
    await rm(path.join(folder, place(linked)));
    await symlink('/etc/hostname', path.join(folder, place(linked)));
    const report = await repairLayout(folder, { signal });
    expect([...report.quarantined].sort()).toEqual([layer.digest, linked.digest].sort());
    expect(brief(report.condition.check)).toEqual([['missing', layer.digest]]);
    expect(report.index).toBe('kept');
    const kept = await readdir(path.join(folder, '.tallyman', 'quarantine'));
    expect(kept).toHaveLength(2);

    const writer = await createLayout(folder);
    await writer.ingest(layer, Buffer.from('a layer'), { signal });
    await writer.close();
    expect(isSound(await check(folder))).toBe(true);
    expect((await readEverything(folder)).has('v1')).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['zeros', '\0'.repeat(50)],
    ['half', '{"manifests":[{"digest":'],
  ])(
    'brings back the last index that we wrote when it is %s, only when asked to, and keeps a copy',
    async (_what, torn) => {
      const folder = path.join(await temporaryFolder(), 'store');
      const writer = await createLayout(folder);
      const bytes = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] }),
      );
      await writer.putManifests([{ bytes, mediaType: MEDIA_TYPES.index, name: 'v1' }], { signal });
      await writer.close();
      await writeFile(path.join(folder, 'index.json'), torn);

      const left = await repairLayout(folder, { signal });
      expect([left.index, brief(left.condition.check)]).toEqual(['kept', [['index', undefined]]]);
      expect(await readFile(path.join(folder, 'index.json'), 'utf8')).toBe(torn);

      const report = await repairLayout(folder, { signal, index: 'previous' });
      expect([report.index, isSound(report.condition.check)]).toEqual(['previous', true]);
      expect((await readEverything(folder)).has('v1')).toBe(true);
      const [copy] = await readdir(path.join(folder, '.tallyman', 'quarantine'));
      expect(await readFile(path.join(folder, '.tallyman', 'quarantine', copy!), 'utf8')).toBe(torn);
    },
  );

  it('lists the manifests that no other one lists when there is no index to go back to', async () => {
    const { files, image } = sound();
    const sbom = files.manifest({ subject: image });
    files.blob(JSON.stringify({ config: { Env: [] }, rootfs: {} })); // an image config, which looks a little like a manifest
    const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
    const [entry] = (
      JSON.parse(Buffer.from(files.files.get('index.json')!).toString()) as {
        manifests: readonly Descriptor[];
      }
    ).manifests;
    await rm(path.join(folder, 'index.json'));
    await expect(repairLayout(folder, { signal, index: 'previous' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const report = await repairLayout(folder, { signal, index: 'rebuild' });
    expect(report.index).toBe('rebuilt');
    const index = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as {
      manifests: readonly Descriptor[];
    };
    expect(index.manifests.map(({ digest }) => digest).sort()).toEqual([entry!.digest, sbom.digest].sort());
    expect(isSound(report.condition.check)).toBe(true);
  });

  it('repairs nothing that is no layout', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'blobs'));
    await expect(repairLayout(folder, { signal })).rejects.toMatchObject({ code: 'NOT_A_LAYOUT' });
    expect(await readdir(folder)).toEqual(['blobs']);
    await expect(repairLayout(path.join(folder, 'absent'), { signal })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
