import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { LayoutFiles, named } from '../../testing/make-layout.ts';
import { runVerb } from '../../testing/run-verb.ts';
import { mountSmallDisk } from '../../testing/small-disk.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { parseDuration } from './parse-duration.ts';

interface GcOutput {
  readonly path: string;
  readonly dryRun: boolean;
  readonly graceSeconds: number;
  readonly garbage: readonly { readonly digest: string; readonly size: number }[];
  readonly garbageBytes: number;
}
const parse = (out: string): GcOutput => JSON.parse(out) as GcOutput;
const blobs = async (layout: string): Promise<readonly string[]> =>
  (await readdir(path.join(layout, 'blobs', 'sha256'))).sort();

/** A layout with an image, something that refers to it without being listed, and something that nothing needs. */
async function littered(folder: string): Promise<{
  readonly layout: string;
  readonly image: Descriptor;
  readonly referrer: Descriptor;
  readonly stray: Descriptor;
}> {
  const files = new LayoutFiles();
  const image = files.manifest({ layers: [files.blob('a layer')] });
  const referrer = files.manifest({ subject: image });
  const stray = files.blob('stray');
  files.setEntries([named(image, 'v1')]);
  return { layout: await files.writeTo(path.join(folder, 'layout')), image, referrer, stray };
}

describe('tallyman gc', () => {
  it('says with --dry-run what it then removes', async () => {
    const folder = await temporaryFolder();
    const { layout, stray } = await littered(folder);
    const before = await blobs(layout);
    const dry = await runVerb(['gc', 'layout', '--grace', '0s', '--dry-run'], folder);
    expect([dry.code, dry.err]).toEqual([0, '']);
    expect(dry.out).toContain(`: 1 blob, 5 B would be removed:\n  5 B  ${stray.digest}\n`);
    expect(dry.out).toContain('Kept because index.json or running work needs it: 4 blobs');
    expect(await blobs(layout)).toEqual(before);

    const real = await runVerb(['gc', 'layout', '--grace', '0s'], folder);
    expect([real.code, real.err]).toEqual([0, '']);
    expect(real.out).toBe(dry.out.replace('would be removed', 'removed'));
    expect(await blobs(layout)).toEqual(before.filter((name) => !stray.digest.endsWith(name)));
    expect((await runVerb(['gc', 'layout', '--grace', '0s'], folder)).out).toContain(
      'there was nothing to remove',
    );
    expect((await runVerb(['check', 'layout'], folder)).code).toBe(0);
  });

  it('prints the whole result as JSON, and leaves young content alone without --grace', async () => {
    const folder = await temporaryFolder();
    const { layout, stray } = await littered(folder);
    const young = await runVerb(['gc', 'layout'], folder);
    expect(young.out).toContain('nothing to remove');
    expect(young.out).toContain('less than 24 hours ago: 1 blob, 5 B.');
    const { code, out } = await runVerb(['gc', '--json', '--grace', '0s', '--dry-run', 'layout'], folder);
    expect([code, parse(out)]).toMatchObject([
      0,
      {
        path: layout,
        dryRun: true,
        graceSeconds: 0,
        garbage: [{ digest: stray.digest, size: 5 }],
        garbageBytes: 5,
      },
    ]);
  });

  it('takes what is attached without being listed only with --drop-referrers', async () => {
    const folder = await temporaryFolder();
    const { referrer, stray } = await littered(folder);
    const words = ['gc', 'layout', '--grace', '0s', '--json', '--dry-run'];
    const kept = parse((await runVerb(words, folder)).out);
    expect(kept.garbage.map(({ digest }) => digest)).toEqual([stray.digest]);
    const dropped = parse((await runVerb([...words, '--drop-referrers'], folder)).out);
    expect(dropped.garbage.map(({ digest }) => digest).sort()).toEqual(
      [stray.digest, referrer.digest].sort(),
    );
  });

  it('refuses where something that counts cannot be read, and goes on in a part of a layout with --sparse', async () => {
    const folder = await temporaryFolder();
    const files = new LayoutFiles();
    const [there, missing] = [files.manifest(), files.manifest({ annotations: { is: 'elsewhere' } })];
    files.setEntries([named(files.index([there, missing]), 'v1')]);
    files.files.delete(`blobs/${missing.digest.replace(':', '/')}`);
    const stray = files.blob('stray');
    const layout = await files.writeTo(path.join(folder, 'layout'));
    const before = await blobs(layout);
    for (const words of [[], ['--dry-run']]) {
      const refused = await runVerb(['gc', 'layout', '--grace', '0s', ...words], folder);
      expect([refused.code, refused.out]).toEqual([1, '']);
      expect(refused.err).toContain(missing.digest);
      expect(refused.err).toContain('Nothing is removed');
    }
    expect(await blobs(layout)).toEqual(before);
    const sparse = await runVerb(['gc', 'layout', '--grace', '0s', '--sparse', '--json'], folder);
    expect(parse(sparse.out).garbage.map(({ digest }) => digest)).toEqual([stray.digest]);
  });

  it('collects in the local store without a path', async () => {
    const folder = await temporaryFolder();
    await (await createLayout(path.join(folder, 'data', 'store'))).close();
    const { code, out } = await runVerb(['gc', '--json'], folder);
    expect([code, parse(out).path]).toEqual([0, path.join(folder, 'data', 'store')]);
  });

  it.each([
    [['a', 'b'], 2, '“b” is too much'],
    [['--grace', 'soon'], 2, '“soon”'],
    [['--nonsense'], 2, 'nonsense'],
    [['absent'], 1, 'nothing at'],
    [['not-a-layout'], 1, 'no OCI image layout'],
    [['newer'], 1, '2.0.0'],
    [['some.tar'], 1, 'is an archive'],
    [['some.tar', '--dry-run'], 1, 'is an archive'],
    [['torn'], 1, 'index.json'],
  ])('ends %j with %i and says why', async (words, code, reason) => {
    const folder = await temporaryFolder();
    const torn = new LayoutFiles();
    torn.blob('stray');
    torn.files.set('index.json', Buffer.from('{"manifests":['));
    await torn.writeTo(path.join(folder, 'torn'));
    const newer = new LayoutFiles();
    newer.files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"2.0.0"}'));
    await newer.writeTo(path.join(folder, 'newer'));
    await writeFile(path.join(folder, 'some.tar'), new LayoutFiles().toTar());
    await (await createLayout(path.join(folder, 'not-a-layout'))).close();
    await rm(path.join(folder, 'not-a-layout', 'oci-layout'));
    const refused = await runVerb(['gc', ...words], folder);
    expect([refused.code, refused.out]).toEqual([code, '']);
    expect(refused.err).toContain(reason);
    expect(await blobs(path.join(folder, 'torn'))).toHaveLength(1);
  });

  it('ends with 130 when it is stopped, everything in its place, and says how to go on', async () => {
    const folder = await temporaryFolder();
    const { layout } = await littered(folder);
    const before = await blobs(layout);
    const interrupt = new AbortController();
    const running = runVerb(['gc', 'layout', '--grace', '0s'], folder, { signal: interrupt.signal });
    interrupt.abort();
    const stopped = await running;
    expect([stopped.code, stopped.out]).toEqual([130, '']);
    expect(await blobs(layout)).toEqual(before);
  });
});

describe('gc and check on a real disk', async () => {
  const disk = await mountSmallDisk(1024 * 1024);
  afterAll(async () => {
    if ('folder' in disk) await disk.remove();
  });

  it.skipIf('reason' in disk)(
    'work on a full disk, and say what is wrong with a read-only one (skipped: not root)',
    async () => {
      if ('reason' in disk) return;
      const { layout, stray } = await littered(disk.folder);
      const file = path.join(layout, 'blobs', 'sha256', stray.digest.slice('sha256:'.length));
      // Everything that is left of the disk, page by page.
      await expect(writeFile(path.join(disk.folder, 'large'), Buffer.alloc(2 * 1024 * 1024))).rejects.toThrow(
        'ENOSPC',
      );
      const full = await runVerb(['check', 'layout', '--repair'], disk.folder);
      expect([full.code, full.err]).toEqual([1, expect.stringContaining('the disk is full (ENOSPC)')]);
      expect((await runVerb(['check', 'layout'], disk.folder)).code).toBe(0);
      const refused = await runVerb(['gc', 'layout', '--grace', '0s'], disk.folder);
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('the disk is full (ENOSPC)')]);
      await rm(path.join(disk.folder, 'large'));

      await disk.makeReadOnly();
      for (const words of [
        ['gc', 'layout', '--grace', '0s'],
        ['check', 'layout', '--repair'],
      ]) {
        const readOnly = await runVerb(words, disk.folder);
        expect([readOnly.code, readOnly.out]).toEqual([1, '']);
        expect(readOnly.err).toContain('the file system is read-only (EROFS)');
      }
      const dry = await runVerb(['gc', 'layout', '--grace', '0s', '--dry-run', '--json'], disk.folder);
      expect([dry.code, parse(dry.out).garbage.length]).toEqual([0, 1]);
      expect((await runVerb(['check', 'layout'], disk.folder)).code).toBe(0);
      expect((await stat(file)).size).toBe(5);
    },
  );
});

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['999999999s', 999_999_999_000],
  ])('reads %s', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it.each(['', '5', 'h', '-1h', '1.5h', '1 h', '1w', '9999999999s', '999999999d'])('refuses “%s”', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});
