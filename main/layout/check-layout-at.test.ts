import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LayoutFiles, named } from '../testing/make-layout.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { checkLayoutAt } from './check-layout-at.ts';
import { isSound } from './check-layout.ts';
import { repairLayout } from './repair-layout.ts';
import { createLayout, openLayoutForWriting } from './write-layout.ts';

const { signal } = new AbortController();

async function layout(files: LayoutFiles): Promise<string> {
  return files.writeTo(path.join(await temporaryFolder(), 'layout'));
}

describe('checkLayoutAt', () => {
  it('says what an index that cannot be read is, and checks the blobs all the same', async () => {
    for (const index of ['', '{"manifests":[', '\0'.repeat(40), undefined]) {
      const files = new LayoutFiles();
      const damaged = files.manifest();
      files.files.set(`blobs/${damaged.digest.replace(':', '/')}`, Buffer.from('other bytes'));
      if (index === undefined) files.files.delete('index.json');
      else files.files.set('index.json', Buffer.from(index));
      const folder = await layout(files);
      await writeFile(`${folder}.tar`, files.toTar());
      for (const location of [folder, `${folder}.tar`]) {
        const { check, hasPreviousIndex } = await checkLayoutAt(location, { signal });
        expect(check.problems.map(({ kind }) => kind).sort()).toEqual(['corrupt', 'index']);
        expect([check.problems.find(({ kind }) => kind === 'corrupt')?.size, hasPreviousIndex]).toEqual([
          'other bytes'.length,
          false,
        ]);
        expect(isSound(check)).toBe(false);
      }
    }
  });

  it('says how large what is missing should be, what lies in quarantine, and whether there is an earlier index', async () => {
    const files = new LayoutFiles();
    const layer = files.blob('a layer of some size');
    files.setEntries([named(files.manifest({ layers: [layer] }), 'v1')]);
    const folder = await layout(files);
    await (await createLayout(folder)).tag('v2', files.manifest({ layers: [layer] }).digest, { signal });
    const file = path.join(folder, 'blobs', ...layer.digest.split(':'));
    await writeFile(file, 'wrong');
    const { condition, quarantined } = await repairLayout(folder, { signal });
    expect(quarantined).toEqual([layer.digest]);
    expect(await checkLayoutAt(folder, { signal })).toEqual(condition);
    expect(condition).toMatchObject({
      path: folder,
      kind: 'folder',
      hasPreviousIndex: true,
      quarantine: [{ digest: layer.digest, size: 'wrong'.length }],
      check: { problems: [{ kind: 'missing', digest: layer.digest, size: layer.size }] },
    });
    await writeFile(path.join(folder, '.tallyman', 'quarantine', 'notes.txt'), 'of a person');
    const names = (await checkLayoutAt(folder, { signal })).quarantine.map(({ name, digest }) => [
      name.slice(0, 9),
      digest,
    ]);
    expect(names).toEqual([
      ['notes.txt', undefined],
      [`sha256-${layer.digest.slice(7, 9)}`, layer.digest],
    ]);
  });

  it('fails where there is no layout, or a newer one, as opening does', async () => {
    const folder = await temporaryFolder();
    await expect(checkLayoutAt(path.join(folder, 'absent'), { signal })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(checkLayoutAt(folder, { signal })).rejects.toMatchObject({ code: 'NOT_A_LAYOUT' });
    const files = new LayoutFiles();
    files.files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"2.0.0"}'));
    await expect(checkLayoutAt(await layout(files), { signal })).rejects.toMatchObject({
      code: 'LAYOUT_VERSION',
    });
  });

  it('leaves an archive alone', async () => {
    const file = path.join(await temporaryFolder(), 'some.tar');
    await writeFile(file, new LayoutFiles().toTar());
    await expect(repairLayout(file, { signal })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('links in the place of folders (check 37: nothing is written outside)', () => {
  const links = [
    '.tallyman',
    '.tallyman/ingest',
    '.tallyman/ingest/one',
    '.tallyman/leases',
    '.tallyman/trash',
    '.tallyman/trash/one',
    '.tallyman/quarantine',
    '.tallyman/repositories',
    '.tallyman/repositories/+team',
    'blobs',
    'blobs/sha256',
  ];
  it.each(links)('%s: nothing is written, repaired, collected or removed through it', async (link) => {
    const files = new LayoutFiles();
    const damaged = files.manifest();
    files.files.set(`blobs/${damaged.digest.replace(':', '/')}`, Buffer.from('other bytes'));
    const folder = await layout(files);
    const outside = await temporaryFolder();
    const inLayout = path.join(folder, link);
    await mkdir(path.dirname(inLayout), { recursive: true });
    if (link.startsWith('blobs')) await rename(inLayout, path.join(outside, 'kept'));
    else {
      await rm(inLayout, { recursive: true, force: true });
      // What would be taken for something of its own that may be removed.
      await mkdir(path.join(outside, 'kept', 'empty'), { recursive: true });
      await writeFile(path.join(outside, 'kept', 'lease.json'), '{"digests":[]}');
      await writeFile(path.join(outside, 'kept', `sha256-${'a'.repeat(64)}`), 'of a person');
      await writeFile(path.join(outside, 'kept', 'index.new-1'), 'of a person');
    }
    await symlink(path.join(outside, 'kept'), inLayout);
    const before = (await readdir(outside, { recursive: true })).sort();
    for (const work of [
      () => repairLayout(folder, { signal, index: 'rebuild' }),
      () => openLayoutForWriting(folder),
      () => createLayout(folder),
    ]) {
      await expect(work()).rejects.toMatchObject({
        code: 'UNREADABLE',
        message: expect.stringContaining(link) as string,
      });
    }
    expect((await readdir(outside, { recursive: true })).sort()).toEqual(before);
  });
});
