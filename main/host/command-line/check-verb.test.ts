import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { LayoutFiles, named } from '../../testing/make-layout.ts';
import { runVerb } from '../../testing/run-verb.ts';
import { fixtures } from '../../testing/surroundings.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { unpackTar } from '../../testing/unpack-tar.ts';
import { TABLE_LIMIT } from './content-table.ts';

const { signal } = new AbortController();
const place = ({ digest }: Descriptor): string => `blobs/${digest.replace(':', '/')}`;

interface CheckOutput {
  readonly path: string;
  readonly sound: boolean;
  readonly blobs: number;
  readonly problems: readonly { readonly kind: string; readonly digest?: string }[];
  readonly orphans: readonly unknown[];
  readonly quarantine: readonly unknown[];
  readonly repair?: { readonly quarantined: readonly string[]; readonly index: string };
}
const parse = (out: string): CheckOutput => JSON.parse(out) as CheckOutput;

function damagedLayout(): {
  readonly files: LayoutFiles;
  readonly image: Descriptor;
  readonly corrupt: Descriptor;
  readonly missing: Descriptor;
} {
  const files = new LayoutFiles();
  const [corrupt, missing] = [files.blob('will be damaged'), files.blob('will be missing')];
  const image = files.manifest({ layers: [corrupt, missing] });
  files.setEntries([named(image, 'v1')]);
  files.blob('stray');
  files.files.set(place(corrupt), Buffer.from('DAMAGED'));
  files.files.delete(place(missing));
  return { files, image, corrupt, missing };
}

describe('tallyman check', () => {
  it('says that nothing is wrong with a sound layout, and what nothing leads to', async () => {
    const folder = await temporaryFolder();
    const files = new LayoutFiles();
    files.setEntries([named(files.manifest({ layers: [files.blob('a layer')] }), 'v1')]);
    await files.writeTo(path.join(folder, 'layout'));
    const sound = await runVerb(['check', 'layout'], folder);
    expect([sound.code, sound.err]).toEqual([0, '']);
    expect(sound.out).toMatch(/^\S+\/layout: 3 blobs, \d+ B read\n\nNothing is wrong\.\n$/);

    const stray = files.blob('stray');
    await files.writeTo(path.join(folder, 'layout'));
    await writeFile(path.join(folder, 'layout.tar'), files.toTar());
    for (const words of [['layout'], ['layout:layout'], ['layout.tar']]) {
      const checked = await runVerb(['check', ...words], folder);
      expect([checked.code, checked.err]).toEqual([0, '']);
      expect(checked.out).toContain(
        `Not reached from index.json: 1 blob, 5 B. Garbage collection may take it.\n  5 B  ${stray.digest}\n`,
      );
    }
  });

  it('lists what is missing and damaged with sizes and who names it, ends with 3, and changes nothing', async () => {
    const folder = await temporaryFolder();
    const { files, image, corrupt, missing } = damagedLayout();
    const layout = await files.writeTo(path.join(folder, 'layout'));
    const before = (await readdir(layout, { recursive: true })).sort();
    const { code, out, err } = await runVerb(['check', 'layout'], folder);
    expect([code, err]).toEqual([3, '']);
    expect(out).toContain(
      [
        'Problems',
        `  corrupt   7 B  ${corrupt.digest}`,
        `                 named by ${image.digest}`,
        `  missing  15 B  ${missing.digest}`,
        `                 named by ${image.digest}`,
        '',
      ].join('\n'),
    );
    expect(out).toContain('What cannot be read may need some of it.');
    expect(out).toContain('2 problems: 1 corrupt, 1 missing.\n');
    expect(out).toContain('With --repair');
    expect((await readdir(layout, { recursive: true })).sort()).toEqual(before);

    const json = parse((await runVerb(['check', 'layout', '--json'], folder)).out);
    expect(json).toMatchObject({ path: layout, kind: 'folder', sound: false, hasPreviousIndex: false });
    expect(json.problems.map(({ kind, digest }) => [kind, digest]).sort()).toEqual([
      ['corrupt', corrupt.digest],
      ['missing', missing.digest],
    ]);
  });

  it('moves what is damaged aside with --repair and says so; the right content makes the layout sound again', async () => {
    const folder = await temporaryFolder();
    const { files, corrupt, missing } = damagedLayout();
    const layout = await files.writeTo(path.join(folder, 'layout'));
    const repaired = await runVerb(['check', '--repair', 'layout'], folder);
    expect([repaired.code, repaired.err]).toEqual([3, '']);
    expect(repaired.out).toContain('Moved into quarantine: 1 blob.\n2 problems: 2 missing.\n');
    expect(repaired.out).toContain('In quarantine (.tallyman/quarantine): 1 file, 7 B.');

    const writer = await createLayout(layout);
    await writer.ingest(corrupt, Buffer.from('will be damaged'), { signal });
    await writer.ingest(missing, Buffer.from('will be missing'), { signal });
    await writer.close();
    const again = await runVerb(['check', '--repair', '--json', 'layout'], folder);
    expect(again.code).toBe(0);
    expect(parse(again.out)).toMatchObject({ sound: true, repair: { quarantined: [], index: 'kept' } });
    expect(parse(again.out).quarantine).toHaveLength(1);
  });

  it('never takes an unreadable index for an empty one, and replaces it only in the way that was asked for', async () => {
    const folder = await temporaryFolder();
    const writer = await createLayout(path.join(folder, 'layout'));
    const layer = Buffer.from('a layer');
    const files = new LayoutFiles();
    const described = files.blob(layer);
    await writer.ingest(described, layer, { signal });
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, config: described, layers: [described], annotations: {} }),
    );
    await writer.putManifests(
      [{ bytes, mediaType: 'application/vnd.oci.image.manifest.v1+json', name: 'v1' }],
      {
        signal,
      },
    );
    await writer.close();
    const index = path.join(folder, 'layout', 'index.json');
    const good = await readFile(index, 'utf8');
    await writeFile(index, good.slice(0, 30));

    const checked = await runVerb(['check', 'layout'], folder);
    expect(checked.code).toBe(3);
    expect(checked.out).toContain('index.json');
    expect(checked.out).toContain('--repair --index previous');
    expect((await runVerb(['check', 'layout', '--repair'], folder)).code).toBe(3);
    expect(await readFile(index, 'utf8')).toBe(good.slice(0, 30));
    const previous = await runVerb(['check', 'layout', '--repair', '--index', 'previous'], folder);
    expect([previous.code, await readFile(index, 'utf8')]).toEqual([0, good]);
    expect(previous.out).toContain('is back');

    await writeFile(index, '');
    const rebuilt = await runVerb(['check', 'layout', '--repair', '--index', 'rebuild'], folder);
    expect(rebuilt.code).toBe(0);
    expect(rebuilt.out).toContain('without names');
    expect(await readFile(index, 'utf8')).not.toContain('"v1"');
  });

  it('checks the local store without a path', async () => {
    const folder = await temporaryFolder();
    await (await createLayout(path.join(folder, 'data', 'store'))).close();
    const { code, out } = await runVerb(['check', '--json'], folder);
    expect([code, parse(out).path]).toEqual([0, path.join(folder, 'data', 'store')]);
  });

  it('shows controls and other tricks of names as text, and no more lines than can be read', async () => {
    const folder = await temporaryFolder();
    const files = new LayoutFiles();
    files.files.set('blobs/sha256/\u001b[31m\u202ename', Buffer.from('x'));
    for (let number = 0; number <= TABLE_LIMIT; number += 1) files.blob(`stray ${number}`);
    await files.writeTo(path.join(folder, 'layout'));
    const { out } = await runVerb(['check', 'layout'], folder);
    for (const trick of ['\u001b', '\u202e']) expect(out).not.toContain(trick);
    expect(out).toContain('… and 1 more: --json prints all.');
    const json = await runVerb(['check', 'layout', '--json'], folder);
    for (const trick of ['\u001b', '\u202e']) expect(json.out).not.toContain(trick);
    expect(parse(json.out).orphans).toHaveLength(TABLE_LIMIT + 1);
  });

  it.each([
    [['a', 'b'], 2, '“b” is too much'],
    [['layout:'], 2, 'LAYOUT is empty'],
    [['--index', 'previous'], 2, '--index goes with --repair'],
    [['--repair', '--index', 'newest'], 2, '“newest”'],
    [['--nonsense'], 2, 'nonsense'],
    [['absent'], 1, 'nothing at'],
    [[], 1, 'nothing at'],
    [['not-a-layout'], 1, 'no OCI image layout'],
    [['newer'], 1, '2.0.0'],
    [['file.txt'], 1, 'file.txt'],
    [['some.tar', '--repair'], 1, 'is an archive: it can be checked, not repaired'],
    [['empty', '--repair', '--index', 'previous'], 1, 'no earlier index.json'],
  ])('ends %j with %i and says why', async (words, code, reason) => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, 'not-a-layout'));
    await writeFile(path.join(folder, 'not-a-layout', 'notes.txt'), 'of a person');
    const newer = new LayoutFiles();
    newer.files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"2.0.0"}'));
    await newer.writeTo(path.join(folder, 'newer'));
    await writeFile(path.join(folder, 'file.txt'), 'no archive');
    await writeFile(path.join(folder, 'some.tar'), new LayoutFiles().toTar());
    const unreadable = new LayoutFiles();
    unreadable.files.set('index.json', Buffer.alloc(0));
    await unreadable.writeTo(path.join(folder, 'empty'));
    const refused = await runVerb(['check', ...words], folder);
    expect([refused.code, refused.out]).toEqual([code, '']);
    expect(refused.err).toContain(reason);
    expect(await readdir(path.join(folder, 'not-a-layout'))).toEqual(['notes.txt']);
  });

  it('ends with 130 when it is stopped', async () => {
    const folder = await temporaryFolder();
    await damagedLayout().files.writeTo(path.join(folder, 'layout'));
    const stopped = await runVerb(['check', 'layout'], folder, { signal: AbortSignal.abort() });
    expect([stopped.code, stopped.out, stopped.err]).toEqual([130, '', '']);
  });
});

/** How `check` ends on layouts that are damaged on purpose, by what their truth file says is wrong. */
const EXPECTED: Readonly<Record<string, number>> = {
  // Nothing is wrong with how the content is stored: viewers and verifiers have to see it.
  'diffid-wrong': 0,
  'gzip-bomb': 0,
  'layer-oddities': 0,
  'signature-of-another-digest': 0,
  'signature-invalid': 0,
  'signature-unreadable': 0,
  'fallback-is-image': 0,
  'cyclic-fallback': 0,
  'index-null': 0, // as Go programs write an empty layout
  'missing-blob': 3,
  'missing-child': 3,
  'truncated-blob': 3,
  'symlinked-blob': 3,
  'wrong-digest': 3,
  'wrong-types': 3,
  'size-wrong': 3,
  'size-invalid': 3,
  'digest-malformed': 3,
  'duplicate-keys': 3,
  'manifests-and-layers': 3,
  'mediatype-disagrees': 3,
  'manifest-unreadable': 3,
  'hostile-json': 3,
  bom: 3,
  'index-unreadable': 3,
  'index-missing': 3,
  'newer-layout': 1,
  'no-oci-layout': 1,
  'oci-layout-unreadable': 1,
  'tar-cut': 1,
  'layout-in-subfolder': 1,
};

const corpus = fixtures();

describe.skipIf(corpus === undefined)(
  'check and gc on the damaged corpus (skipped without TALLYMAN_FIXTURES)',
  () => {
    const broken = path.join(corpus ?? '', 'oci', 'broken');
    const all = (corpus === undefined ? [] : readdirSync(broken))
      .filter((name) => name.endsWith('.oci.tar'))
      .map((name) => {
        const truth = JSON.parse(
          readFileSync(path.join(broken, name.replace('.oci.tar', '.truth.json')), 'utf8'),
        ) as { readonly wrong: { readonly kind: string } };
        return [name, truth.wrong.kind] as const;
      });

    it.each(all)('%s (%s)', async (name, kind) => {
      const folder = await temporaryFolder();
      expect(Object.keys(EXPECTED)).toContain(kind);
      const archive = await runVerb(['check', path.join(broken, name), '--json'], folder);
      // An archive may hold its layout in one folder; a folder may not.
      expect([kind, archive.code]).toEqual([kind, kind === 'layout-in-subfolder' ? 0 : EXPECTED[kind]]);
      expect(archive.err === '').toBe(archive.code !== 1);
      if (kind === 'tar-cut') return; // nothing to unpack

      const layout = path.join(folder, 'layout');
      await unpackTar(path.join(broken, name), layout);
      const before = await runVerb(['check', 'layout', '--json'], folder);
      expect([kind, before.code]).toEqual([kind, EXPECTED[kind]]);
      const around = (await readdir(folder)).sort();

      // Collecting garbage takes nothing that is whole and reached, or refuses.
      const collected = await runVerb(['gc', 'layout', '--grace', '0s', '--json'], folder);
      expect([0, 1]).toContain(collected.code);
      const after = await runVerb(['check', 'layout', '--json'], folder);
      expect(after.code).toBe(before.code);
      if (before.code === 1) return;
      expect(parse(after.out).problems).toEqual(parse(before.out).problems);

      // A repair leaves nothing damaged in its place, and writes into the layout only.
      const repaired = await runVerb(['check', 'layout', '--repair', '--json'], folder);
      expect(repaired.code).toBe(before.code);
      expect(
        parse(repaired.out).problems.filter(({ kind: each }) => /^(?:corrupt|no-file)$/.test(each)),
      ).toEqual([]);
      expect((await readdir(folder)).sort()).toEqual(around);
    });
  },
);
