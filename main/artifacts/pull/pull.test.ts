import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { EMPTY_DESCRIPTOR } from '../../../shared/oci/empty-descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { ReadBlobOptions, Target } from '../../content/target.ts';
import type { CarriedItem } from '../../content/transfer-report.ts';
import { openLayout } from '../../layout/open-layout.ts';
import { readTree, writeTree } from '../../testing/file-tree.ts';
import { imageManifest, MemoryPlace } from '../../testing/memory-target.ts';
import { mountSmallDisk } from '../../testing/small-disk.ts';
import { fixtures } from '../../testing/surroundings.ts';
import { TAR_END, tarEntry } from '../../testing/tar-blocks.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { toSafePath } from '../files/safe-path.ts';
import { executePull, type PullOutcome } from './execute-pull.ts';
import { planBlobPull, planPull, type PlanPullOptions, type PullPlan } from './plan-pull.ts';
import type { ExistingFile } from './pull-folder.ts';

const { signal } = new AbortController();
const TITLE = 'org.opencontainers.image.title';
const UNPACK = { 'io.deis.oras.content.unpack': 'true' };

const titled = (
  descriptor: Descriptor,
  title: string,
  more: Readonly<Record<string, string>> = {},
): Descriptor => ({
  ...descriptor,
  annotations: { [TITLE]: title, ...more },
});

/** A place with one artifact of these layers. */
function placeWith(layers: (place: MemoryPlace) => readonly Descriptor[]): MemoryPlace {
  const place = new MemoryPlace();
  place.blobs.set(EMPTY_DESCRIPTOR.digest, Buffer.from('{}'));
  place.manifest(imageManifest({ artifactType: 'a/b', config: EMPTY_DESCRIPTOR, layers: layers(place) }), {
    tag: 'v1',
  });
  return place;
}

interface Pulled extends PullOutcome {
  readonly plan: PullPlan;
  readonly folder: string;
  readonly tree: Readonly<Record<string, string>>;
}

async function pull(
  target: Target,
  options: Partial<PlanPullOptions> & { readonly folder?: string; readonly existing?: ExistingFile } = {},
): Promise<Pulled> {
  const { folder = path.join(await temporaryFolder(), 'out'), existing = 'keep', ...choice } = options;
  const plan = await planPull(target, 'v1', { signal, ...choice });
  const outcome = await executePull(plan, target, folder, { existing, signal });
  return { ...outcome, plan, folder, tree: await readTree(folder) };
}

const HOSTILE_TITLES = [
  '../../evil.txt',
  '/abs/evil.txt',
  'ok/../../evil.txt',
  '..\\evil.txt',
  'C:\\evil',
  'con.txt',
  'a\u0000b',
  'x:y',
  '..',
  'a/..',
  'nul',
  'trailing.',
  'a\u202eb',
  '.tallyman-partial/x',
  '.Tallyman-Partial/x',
  'n'.repeat(256),
  'd/'.repeat(70) + 'x',
];

describe('names of a pull', () => {
  it('refuses every title that leads out or that some system cannot write, and takes the others', async () => {
    const place = placeWith((it) => [
      ...HOSTILE_TITLES.map((title, index) => titled(it.blob(`evil ${index}`), title)),
      titled(it.blob('good'), 'good.txt'),
    ]);
    const { tree, plan, folder } = await pull(place.target());
    expect(tree).toEqual({ 'good.txt': digestOf(Buffer.from('good')) });
    expect(plan.refused.map(({ error }) => error.code)).toEqual(HOSTILE_TITLES.map(() => 'INVALID_INPUT'));
    expect(await readdir(path.dirname(folder))).toEqual(['out']);
  });

  it('does the same for folders, whatever their archives hold', async () => {
    const archive = gzipSync(
      Buffer.concat([tarEntry({ name: '../evil' }, 'x'), tarEntry({ name: 'd/../../evil' }, 'x'), TAR_END]),
    );
    const place = placeWith((it) => [
      titled(it.blob(archive), 'd', UNPACK),
      titled(it.blob(gzipSync(TAR_END)), '..', UNPACK),
    ]);
    const { tree, plan, items, folder } = await pull(place.target());
    expect(tree).toEqual({ d: 'folder' });
    expect(plan.refused).toHaveLength(1);
    expect(items[0]!.notes!.map(({ kind }) => kind)).toEqual(['left-out', 'left-out']);
    expect(await readdir(path.dirname(folder))).toEqual(['out']);
  });

  it('gives content without a title a name of digest and type, and leaves the empty layer out', async () => {
    const place = placeWith((it) => [
      EMPTY_DESCRIPTOR,
      it.blob('1', MEDIA_TYPES.layerTarGzip),
      it.blob('2', 'application/spdx+json'),
      it.blob('3', 'Application/vnd.Example.thing; charset=utf-8'),
      it.blob('4', 'no type'),
    ]);
    const { items } = await pull(place.target());
    const name = (text: string): string => digestOf(Buffer.from(text)).replace(':', '-');
    expect(items.map((item) => item.name)).toEqual([
      `${name('1')}.tar.gz`,
      `${name('2')}.json`,
      `${name('3')}.application_vnd.example.thing`,
      `${name('4')}.no_type`,
    ]);
  });

  it('tells names apart that some file system takes for one', async () => {
    const titles = ['Readme', 'README', 'é', 'e\u0301', 'dir/x', 'DIR/X', 'dir'];
    const place = placeWith((it) => titles.map((title, index) => titled(it.blob(String(index)), title)));
    const { tree, plan } = await pull(place.target());
    expect(plan.items.map((item) => item.name)).toEqual([
      'Readme',
      'README (2)',
      'é',
      'é (2)',
      'dir/x',
      'DIR/X (2)',
      'dir (2)',
    ]);
    expect(Object.values(tree).filter((what) => what !== 'folder')).toHaveLength(titles.length);
  });

  it('names charts as helm does, and not when the chart wants out', async () => {
    for (const [name, version, expected] of [
      ['boats', '0.1.0+b', ['boats-0.1.0+b.tgz', 'boats-0.1.0+b.tgz.prov']],
      ['../../evil', '1', []],
      ['boats', '../../1', []],
      ['.', '1', ['.-1.tgz', '.-1.tgz.prov']],
    ] as const) {
      const place = new MemoryPlace();
      const config = place.blob(JSON.stringify({ name, version }), MEDIA_TYPES.helmConfig);
      const layers = [
        place.blob('prov', MEDIA_TYPES.helmProvenance),
        place.blob('chart', MEDIA_TYPES.helmChart),
      ];
      place.manifest({ schemaVersion: 2, config, layers }, { tag: 'v1' });
      const { tree, plan } = await pull(place.target());
      expect(Object.keys(tree).sort()).toEqual([...expected].sort());
      expect(plan.refused).toHaveLength(2 - expected.length);
    }
  });

  it('writes the config when it is wanted, and only of the type that is wanted', async () => {
    const place = new MemoryPlace();
    const config = place.blob('{"c":1}', 'x/config');
    place.manifest(imageManifest({ config, layers: [titled(place.blob('a'), 'a')] }), { tag: 'v1' });
    const names = async (choice: PlanPullOptions['config']): Promise<readonly string[]> =>
      Object.keys((await pull(place.target(), choice === undefined ? {} : { config: choice })).tree);
    expect(await names(undefined)).toEqual(['a']);
    expect(await names({ name: 'c.json' })).toEqual(['a', 'c.json']);
    expect(await names({ name: 'c.json', mediaType: 'x/config' })).toEqual(['a', 'c.json']);
    expect(await names({ name: 'c.json', mediaType: 'x/other' })).toEqual(['a']);
    await expect(names({ name: '../c.json' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('takes everything of an index, or what is for one platform', async () => {
    const place = new MemoryPlace();
    place.blobs.set(EMPTY_DESCRIPTOR.digest, Buffer.from('{}'));
    const child = (architecture: string): Descriptor => ({
      ...place.manifest(
        imageManifest({
          artifactType: 'a/b',
          config: EMPTY_DESCRIPTOR,
          layers: [titled(place.blob(architecture), architecture)],
        }),
      ),
      platform: { os: 'linux', architecture },
    });
    place.index([child('amd64'), child('arm64')], 'v1');
    expect(Object.keys((await pull(place.target())).tree)).toEqual(['amd64', 'arm64']);
    const platform = { os: 'linux', architecture: 'arm64' };
    expect(Object.keys((await pull(place.target(), { platform })).tree)).toEqual(['arm64']);
    await expect(
      pull(place.target(), { platform: { os: 'plan9', architecture: 'mips' } }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it.skipIf(fixtures() === undefined)(
    'leaves nothing outside for the hostile names of the corpus',
    async () => {
      const layout = await openLayout(path.join(fixtures()!, 'oci/hand-hostile-names.oci.tar'), { signal });
      try {
        for await (const page of layout.target.listEntries!({ signal }))
          for (const { descriptor } of page) {
            const folder = path.join(await temporaryFolder(), 'a/b/c/out');
            await mkdir(path.dirname(folder), { recursive: true });
            const plan = await planPull(layout.target, descriptor!, { signal });
            await executePull(plan, layout.target, folder, { existing: 'overwrite', signal });
            expect(await readdir(path.dirname(folder))).toEqual(['out']);
          }
      } finally {
        await layout.close();
      }
    },
  );

  it('are safe whatever text comes in', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('..', '.', '', 'a', 'CON', 'c:', '\u0000', 'x ', 'é', 'e\u0301', 'a\\b'), {
          maxLength: 6,
        })
        .map((parts) => parts.join('/')),
    );
    fc.assert(
      fc.property(text, (name) => {
        const checked = toSafePath(name);
        if ('fault' in checked) return;
        const { path: safe } = checked;
        expect(path.posix.normalize(safe)).toBe(safe);
        expect(path.win32.normalize(safe).replaceAll('\\', '/')).toBe(safe);
        expect(path.posix.join('/root', safe)).toBe(`/root/${safe}`);
        expect(path.win32.isAbsolute(safe)).toBe(false);
        expect(safe.normalize('NFC')).toBe(safe);
        expect(toSafePath(safe)).toEqual(checked);
      }),
      { numRuns: 2_000 },
    );
  });
});

const LARGE = Buffer.alloc(700_000, 'large');

/** A place whose blobs break off where it is told, and which says from where it was asked. */
function breakingTarget(
  place: MemoryPlace,
  breakAt: readonly number[],
): { readonly target: Target; readonly asked: number[] } {
  const asked: number[] = [];
  const breaks = [...breakAt];
  const target: Target = {
    ...place.target(),
    async *readBlob({ digest }: Descriptor, { offset = 0 }: ReadBlobOptions) {
      asked.push(offset);
      const bytes = place.blobs.get(digest)!;
      const end = breaks.shift() ?? bytes.byteLength;
      for (let at = offset; at < end; at += 64_000) {
        await Promise.resolve();
        yield bytes.subarray(at, Math.min(end, at + 64_000));
      }
      if (end < bytes.byteLength) throw new Error('the line broke');
    },
  };
  return { target, asked };
}

describe('a pull that is stopped', () => {
  it('keeps what came of a large file under the name of its digest, and goes on there', async () => {
    const place = placeWith((it) => [titled(it.blob(LARGE), 'large.bin')]);
    const { target, asked } = breakingTarget(place, [300_000]);
    const folder = await temporaryFolder();
    await expect(pull(target, { folder })).rejects.toThrow('the line broke');
    const partial = `.tallyman-partial/${digestOf(LARGE).replace(':', '-')}.partial`;
    expect((await stat(path.join(folder, partial))).size).toBe(300_000);
    const { tree, fetched } = await pull(target, { folder });
    expect(fetched).toBe(400_000);
    expect(asked).toEqual([0, 300_000]);
    expect(tree).toEqual({ 'large.bin': digestOf(LARGE) });
  });

  it.each([
    ['other bytes', Buffer.alloc(300_000, 'wrong')],
    ['the whole, but wrong', Buffer.alloc(700_000, 'wrong')],
    ['more than there should be', Buffer.alloc(800_000, 'large')],
  ])('begins again when what is there is %s', async (_, there) => {
    const place = placeWith((it) => [titled(it.blob(LARGE), 'large.bin')]);
    const { target, asked } = breakingTarget(place, []);
    const folder = await temporaryFolder();
    await writeTree(folder, { [`.tallyman-partial/${digestOf(LARGE).replace(':', '-')}.partial`]: there });
    const { tree } = await pull(target, { folder });
    expect(asked.at(-1)).toBe(0);
    expect(tree).toEqual({ 'large.bin': digestOf(LARGE) });
  });

  it('asks for nothing when the whole is there already', async () => {
    const place = placeWith((it) => [titled(it.blob(LARGE), 'large.bin'), titled(it.blob('s'), 'small.txt')]);
    const { target, asked } = breakingTarget(place, []);
    const folder = await temporaryFolder();
    await writeTree(folder, { [`.tallyman-partial/${digestOf(LARGE).replace(':', '-')}.partial`]: LARGE });
    await pull(target, { folder });
    expect(asked).toEqual([0]);
    const again = await pull(target, { folder });
    expect(asked).toEqual([0]);
    expect(again.items.map(({ outcome }) => outcome)).toEqual(['present', 'present']);
    expect(again.fetched).toBe(0);
  });

  it('writes no name of a file that is not whole, when the signal aborts', async () => {
    const place = placeWith((it) => [titled(it.blob(LARGE), 'large.bin'), titled(it.blob('s'), 'small.txt')]);
    const controller = new AbortController();
    const { target } = breakingTarget(place, []);
    const folder = await temporaryFolder();
    const plan = await planPull(target, 'v1', { signal });
    const items: CarriedItem[] = [];
    const pulling = executePull(plan, target, folder, {
      existing: 'keep',
      signal: controller.signal,
      report: {
        onItem: (item) => {
          items.push(item);
          if (item.name === 'large.bin' && item.done > 100_000) controller.abort();
        },
      },
    });
    await expect(pulling).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(folder)).not.toContain('large.bin');
    expect(items.slice(0, 2).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  });
});

describe('a pull from a place that is wrong', () => {
  it('fails the one file whose bytes are wrong or missing, and takes the others', async () => {
    const place = placeWith((it) => [
      titled(it.blob('right'), 'right.txt'),
      titled(it.blob('wrong'), 'wrong.txt'),
      titled(it.blob('missing'), 'missing.txt'),
      titled(it.blob(LARGE), 'large.bin'),
    ]);
    place.blobs.set(digestOf(Buffer.from('wrong')), Buffer.from('other'));
    place.blobs.set(digestOf(LARGE), Buffer.alloc(700_000, 'other'));
    place.blobs.delete(digestOf(Buffer.from('missing')));
    const { items, tree } = await pull(place.target());
    expect(items.map(({ outcome, error }) => error?.code ?? outcome)).toEqual([
      'written',
      'DIGEST_MISMATCH',
      'MISSING',
      'DIGEST_MISMATCH',
    ]);
    expect(tree).toEqual({ 'right.txt': digestOf(Buffer.from('right')) });
  });

  it('takes content from the descriptor where that holds it, and not where it is wrong', async () => {
    const inline = { mediaType: 'a/b', digest: digestOf(Buffer.from('in')), size: 2, data: 'aW4=' };
    const place = placeWith((it) => [
      titled(inline, 'inline.txt'),
      titled({ ...it.blob('ok'), data: 'aW4=' }, 'false-inline.txt'),
    ]);
    const { tree } = await pull(place.target());
    expect(tree).toEqual({ 'inline.txt': inline.digest, 'false-inline.txt': digestOf(Buffer.from('ok')) });
  });

  it('fetches equal content once, for all of its names', async () => {
    const place = placeWith((it) => ['a', 'b', 'd/c'].map((title) => titled(it.blob(LARGE), title)));
    const { target, asked } = breakingTarget(place, []);
    const { tree } = await pull(target);
    expect(asked).toEqual([0]);
    expect(tree).toEqual({ a: digestOf(LARGE), b: digestOf(LARGE), d: 'folder', 'd/c': digestOf(LARGE) });
  });

  it('leaves nothing of a folder whose content digest does not hold', async () => {
    const archive = gzipSync(Buffer.concat([tarEntry({ name: 'd/x' }, 'x'), TAR_END]));
    const place = placeWith((it) => [
      titled(it.blob(archive), 'd', { ...UNPACK, 'io.deis.oras.content.digest': digestOf(archive) }),
    ]);
    const { items, tree } = await pull(place.target());
    expect(items[0]!.error!.code).toBe('DIGEST_MISMATCH');
    expect(tree).toEqual({});
  });

  it('ends with a full disk, and goes on when there is room', async ({ skip }) => {
    const disk = await mountSmallDisk(400_000);
    if ('reason' in disk) return skip(disk.reason);
    try {
      const place = placeWith((it) => [titled(it.blob(LARGE), 'large.bin')]);
      const { target } = breakingTarget(place, []);
      const folder = path.join(disk.folder, 'out');
      await expect(pull(target, { folder })).rejects.toMatchObject({
        code: 'UNREADABLE',
        message: expect.stringContaining('full') as unknown,
      });
      expect(await readdir(folder)).toEqual(['.tallyman-partial']);
      await disk.resize(2_000_000);
      expect((await pull(target, { folder })).tree).toEqual({ 'large.bin': digestOf(LARGE) });
    } finally {
      await disk.remove();
    }
  });

  it('does not put a file where a folder is, nor a folder where a file is', async () => {
    const place = placeWith((it) => [
      titled(it.blob('a'), 'a'),
      titled(it.blob('b'), 'b/c'),
      titled(it.blob('d'), 'd'),
    ]);
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'a'));
    await writeFile(path.join(folder, 'b'), 'a file');
    const { items } = await pull(place.target(), { folder, existing: 'overwrite' });
    expect(items.map(({ outcome, error }) => error?.code ?? outcome)).toEqual([
      'CONFLICT',
      'CONFLICT',
      'written',
    ]);
    expect(await readFile(path.join(folder, 'b'), 'utf8')).toBe('a file');
    expect(await readdir(folder)).toEqual(['a', 'b', 'd']);
  });

  it('saves one blob under its own name or a given one', async () => {
    const place = new MemoryPlace();
    const descriptor = place.blob('content', 'text/plain');
    for (const [name, expected] of [
      [undefined, `${descriptor.digest.replace(':', '-')}.txt`],
      ['given.txt', 'given.txt'],
    ] as const) {
      const folder = await temporaryFolder();
      await executePull(planBlobPull(descriptor, name), place.target(), folder, { existing: 'keep', signal });
      expect(await readTree(folder)).toEqual({ [expected]: descriptor.digest });
    }
    expect(() => planBlobPull(descriptor, '../x')).toThrow(/cannot be the name/);
  });
});
