import { execFileSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { LayoutFiles, named } from '../../testing/make-layout.ts';
import { runVerb } from '../../testing/run-verb.ts';
import { mountSmallDisk } from '../../testing/small-disk.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

function sample(): { readonly files: LayoutFiles; readonly digest: string; readonly sbom: string } {
  const files = new LayoutFiles();
  const config = files.blob('{"os":"linux","architecture":"amd64"}', MEDIA_TYPES.imageConfig);
  const layer = files.blob('layer'.repeat(20_000), MEDIA_TYPES.layerTar);
  const image = files.manifest({ config, layers: [layer] });
  const subject = { mediaType: image.mediaType, digest: image.digest, size: image.size };
  const sbom = files.manifest({ artifactType: MEDIA_TYPES.spdxJson, subject });
  files.setEntries([named(image, '1.0'), sbom]);
  return { files, digest: image.digest, sbom: sbom.digest };
}

async function sampleArchive(folder: string): Promise<ReturnType<typeof sample>> {
  const made = sample();
  await writeFile(path.join(folder, 'sample.tar'), made.files.toTar());
  return made;
}

describe('tallyman import', () => {
  it('takes an archive into the local store, and says what it stored and what had its names', async () => {
    const folder = await temporaryFolder();
    const { digest, sbom } = await sampleArchive(folder);
    const { code, out, err } = await runVerb(['import', 'sample.tar'], folder);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`  ${digest}  1.0\n`);
    expect(out).toMatch(/2 manifests; blobs: 3 \(.*\) stored, 0 there already\n$/);
    expect(await readdir(path.join(folder, 'data', 'store', 'blobs', 'sha256'))).toContain(digest.slice(7));

    const again = await runVerb(['import', 'sample.tar', '--into', 'other', '--json'], folder);
    expect(JSON.parse(again.out)).toMatchObject({
      roots: [
        { digest, names: ['1.0'] },
        { digest: sbom, names: [] },
      ],
      moved: [],
      manifests: 2,
      stored: { blobs: 3 },
      present: { blobs: 0 },
    });
    expect(await readdir(path.join(folder, 'other'))).toContain('oci-layout');
  });

  it.each<readonly [readonly string[], number, RegExp]>([
    [['import'], 2, /ARCHIVE is missing/],
    [['import', 'a', 'b'], 2, /too much/],
    [['import', 'absent.tar'], 1, /nothing at/],
    [['import', 'readme'], 1, /no tar archive/],
  ])('answers %j with exit code %i', async (words, expected, message) => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'readme'), 'text '.repeat(300));
    const { code, out, err } = await runVerb(words, folder);
    expect([code, out]).toEqual([expected, '']);
    expect(err).toMatch(message);
    expect(await readdir(folder)).toEqual(['readme']);
  });

  it('lists nothing when it is cancelled', async () => {
    const folder = await temporaryFolder();
    await sampleArchive(folder);
    const { code } = await runVerb(['import', 'sample.tar'], folder, { signal: AbortSignal.abort() });
    expect(code).toBe(130);
  });
});

describe('tallyman export', () => {
  it('writes one archive, packed or not, or a folder', async () => {
    const folder = await temporaryFolder();
    const { digest } = await sampleArchive(folder);
    for (const to of ['one.tar', 'one.tar.gz', 'one.tgz', 'layout']) {
      const { code, out } = await runVerb(['export', './sample.tar:1.0', to, '--json'], folder);
      expect([to, code]).toEqual([to, 0]);
      expect(JSON.parse(out)).toMatchObject({
        digest,
        names: ['1.0'],
        manifests: 1,
        referrers: 0,
        stored: { blobs: 2 },
      });
      const { out: graph } = await runVerb(['graph', `./${to}:1.0`, '--json'], folder);
      expect((JSON.parse(graph) as { readonly root: string }).root).toBe(digest);
    }
    expect(execFileSync('tar', ['-tzf', path.join(folder, 'one.tgz')]).toString()).toContain('manifest.json');
    expect((await readdir(folder)).sort()).toEqual([
      'layout',
      'one.tar',
      'one.tar.gz',
      'one.tgz',
      'sample.tar',
    ]);
  });

  it('takes along what is attached where that is asked for', async () => {
    const folder = await temporaryFolder();
    const { sbom } = await sampleArchive(folder);
    const { code, out } = await runVerb(['export', './sample.tar:1.0', 'all.tar', '--referrers'], folder);
    expect([code, out]).toEqual([0, expect.stringContaining('2 manifests, of which 1 is a referrer')]);
    const { out: graph } = await runVerb(['graph', './all.tar', '--json'], folder);
    expect(graph).toContain(sbom);
  });

  it('replaces an archive only when it is told to', async () => {
    const folder = await temporaryFolder();
    await sampleArchive(folder);
    await writeFile(path.join(folder, 'there.tar'), 'before');
    const refused = await runVerb(['export', './sample.tar:1.0', 'there.tar'], folder);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('already')]);
    expect((await runVerb(['export', './sample.tar:1.0', 'there.tar', '--overwrite'], folder)).code).toBe(0);
  });

  it.each<readonly [readonly string[], number, RegExp]>([
    [['export', './sample.tar:1.0'], 2, /needed/],
    [['export', './sample.tar', 'x.tar'], 2, /Put :TAG or @DIGEST/],
    [['export', './sample.tar:1.0', 'x.tar', '--platform', 'amd64'], 2, /OS\/ARCHITECTURE/],
    [['export', './sample.tar:1.0', 'x.tar', '--platform', 'linux/arm64'], 1, /platform/],
    [['export', './sample.tar:2.0', 'x.tar'], 1, /nothing named/],
    [['export', './sample.tar:1.0', 'absent/x.tar'], 1, /not there/],
  ])('answers %j with exit code %i, and leaves nothing', async (words, expected, message) => {
    const folder = await temporaryFolder();
    await sampleArchive(folder);
    const { code, out, err } = await runVerb(words, folder);
    expect([code, out]).toEqual([expected, '']);
    expect(err).toMatch(message);
    expect(await readdir(folder)).toEqual(['sample.tar']);
  });

  it('leaves nothing on a disk that is too small', async ({ skip }) => {
    const folder = await temporaryFolder();
    await sampleArchive(folder);
    const disk = await mountSmallDisk(65_536);
    if ('reason' in disk) return skip(disk.reason);
    try {
      const to = path.join(disk.folder, 'x.tar');
      const { code, err } = await runVerb(['export', './sample.tar:1.0', to], folder);
      expect([code, err]).toEqual([1, expect.stringContaining('the disk is full')]);
      expect(await readdir(disk.folder)).toEqual([]);
    } finally {
      await disk.remove();
    }
  });
});
