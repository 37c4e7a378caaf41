import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { appendFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { readAll } from '../content/verify-content.ts';
import { LayoutFiles, named } from '../testing/make-layout.ts';
import { TAR_END, tarEntry } from '../testing/tar-blocks.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { ARCHIVE_RATIO_LIMIT } from './limits.ts';
import { openLayout } from './open-layout.ts';

const signal = new AbortController().signal;

function sampleFiles(): LayoutFiles {
  const files = new LayoutFiles();
  const image = files.manifest();
  files.setEntries([named(image, 'v1')]);
  return files;
}

async function written(bytes: Uint8Array | string, name = 'some.tar'): Promise<string> {
  const file = path.join(await temporaryFolder(), name);
  await writeFile(file, bytes);
  return file;
}

async function openAndFetch(location: string): Promise<string> {
  const layout = await openLayout(location, { signal });
  try {
    const { descriptor } = await layout.target.fetchManifest('v1', { signal });
    return `${layout.kind} ${descriptor.mediaType}`;
  } finally {
    await layout.close();
  }
}

async function failure(location: string): Promise<Pick<TallymanError, 'code' | 'message' | 'hint'>> {
  return openLayout(location, { signal }).then(
    () => {
      throw new Error('it was opened');
    },
    (error: unknown) => error as TallymanError,
  );
}

const ARCHIVE = 'archive application/vnd.oci.image.manifest.v1+json';

describe('openLayout, archives', () => {
  it('reads plain and gzip-compressed ones, and leaves no temporary file', async () => {
    const tar = sampleFiles().toTar();
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tallyman-archive-'));
    expect(await openAndFetch(await written(tar))).toBe(ARCHIVE);
    expect(await openAndFetch(await written(gzipSync(tar)))).toBe(ARCHIVE);
    expect(
      await openAndFetch(
        await written(Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))])),
      ),
    ).toBe(ARCHIVE);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('tallyman-archive-'))).toEqual(before);
  });

  it('reads what GNU tar makes, with ./ names, folder entries and a folder around it', async () => {
    const folder = await temporaryFolder();
    await sampleFiles().writeTo(path.join(folder, 'release'));
    execFileSync('tar', ['-cf', path.join(folder, 'dot.tar'), '-C', path.join(folder, 'release'), '.']);
    execFileSync('tar', ['-cf', path.join(folder, 'around.tar'), '-C', folder, 'release']);
    expect(await openAndFetch(path.join(folder, 'dot.tar'))).toBe(ARCHIVE);
    expect(await openAndFetch(path.join(folder, 'around.tar'))).toBe(ARCHIVE);
  });

  it('takes the later of two entries with one name, as unpacking would', async () => {
    const files = sampleFiles();
    const tar = files.toTar({ before: [tarEntry({ name: 'index.json' }, '{"manifests":[]}')] });
    expect(await openAndFetch(await written(tar))).toBe(ARCHIVE);
  });

  it('reads a second name of a blob, and no link that leads elsewhere', async () => {
    const files = sampleFiles();
    const blob = files.blob('content');
    const name = `blobs/${blob.digest.replace(':', '/')}`;
    const other = files.blob('other');
    const otherName = `blobs/${other.digest.replace(':', '/')}`;
    files.files.delete(otherName);
    const tar = files.toTar({
      before: [tarEntry({ name: 'blobs/sha256/aa' }, 'content')],
      after: [
        tarEntry({ name, type: '1', linkName: './blobs/sha256/aa' }),
        tarEntry({ name: otherName, type: '1', linkName: '/etc/passwd' }),
      ],
    });
    const layout = await openLayout(await written(tar), { signal });
    expect(Buffer.from(await readAll(layout.target.readBlob(blob, { signal }), 100)).toString()).toBe(
      'content',
    );
    await expect(readAll(layout.target.readBlob(other, { signal }), 100)).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringContaining('hard link') as string,
    });
    await layout.close();
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'NOT_A_LAYOUT', /the file is empty/],
    ['a text', Buffer.from('hello\n'.repeat(200)), 'NOT_A_LAYOUT', /it is no tar archive/],
    [
      'a zstd file',
      Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(600, 1)]),
      'NOT_A_LAYOUT',
      /compressed with zstd/,
    ],
    [
      'an xz file',
      Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), Buffer.alloc(600, 1)]),
      'NOT_A_LAYOUT',
      /compressed with xz/,
    ],
    ['an empty archive', TAR_END, 'NOT_A_LAYOUT', /oci-layout is absent/],
    [
      'an archive of something else',
      Buffer.concat([tarEntry({ name: 'readme' }, 'x'), TAR_END]),
      'NOT_A_LAYOUT',
      /oci-layout is absent/,
    ],
    [
      'an archive of docker save',
      Buffer.concat([tarEntry({ name: 'manifest.json' }, '[]'), TAR_END]),
      'NOT_A_LAYOUT',
      /docker save/,
    ],
    [
      'a layout behind paths that lead upwards',
      sampleFiles().toTar({ prefix: '../' }),
      'NOT_A_LAYOUT',
      /oci-layout is absent/,
    ],
    [
      'a layout at the root of the disk',
      sampleFiles().toTar({ prefix: '/' }),
      'NOT_A_LAYOUT',
      /oci-layout is absent/,
    ],
    [
      'two layouts in folders',
      Buffer.concat([
        sampleFiles().toTar({ prefix: 'a/' }).subarray(0, -1024),
        sampleFiles().toTar({ prefix: 'b/' }),
      ]),
      'NOT_A_LAYOUT',
      /2 of them in folders/,
    ],
    ['cut gzip', gzipSync(sampleFiles().toTar()).subarray(0, -20), 'MALFORMED', /incomplete/],
    [
      'damaged gzip',
      Buffer.concat([gzipSync(sampleFiles().toTar()).subarray(0, 60), Buffer.alloc(300, 7)]),
      'MALFORMED',
      /damaged/,
    ],
    ['gzip around a text', gzipSync('hello\n'.repeat(200)), 'NOT_A_LAYOUT', /it is no tar archive/],
    ['gzip around nothing', gzipSync(''), 'NOT_A_LAYOUT', /the file is empty/],
  ])('refuses %s and says why', async (_what, bytes, code, says) => {
    const error = await failure(await written(bytes));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(says)]);
    expect(error.hint).toBeTruthy();
  });

  it('stops unpacking a bomb at its ratio', async () => {
    const error = await failure(await written(gzipSync(Buffer.alloc(80 * 1024 * 1024), { level: 9 })));
    expect([error.code, error.message]).toEqual([
      'LIMIT',
      expect.stringContaining(`${ARCHIVE_RATIO_LIMIT} times its size`),
    ]);
  });

  it('keeps reading the archive that it opened when another takes its place', async () => {
    const file = await written(sampleFiles().toTar());
    const layout = await openLayout(file, { signal });
    await writeFile(`${file}.new`, 'something else');
    await rename(`${file}.new`, file);
    expect((await layout.target.fetchManifest('v1', { signal })).descriptor.mediaType).toContain('manifest');
    await layout.close();
  });
});

describe('openLayout, folders', () => {
  it('opens one through a link that a person made', async () => {
    const folder = await temporaryFolder();
    await sampleFiles().writeTo(path.join(folder, 'real'));
    await symlink(path.join(folder, 'real'), path.join(folder, 'link'));
    expect(await openAndFetch(path.join(folder, 'link'))).toBe(
      'folder application/vnd.oci.image.manifest.v1+json',
    );
  });

  it('follows no link inside, neither a blob nor the folder of blobs', async () => {
    const folder = await temporaryFolder();
    const files = sampleFiles();
    const blob = files.blob('secret');
    await files.writeTo(path.join(folder, 'elsewhere'));
    const layoutFolder = path.join(folder, 'layout');
    await mkdir(path.join(layoutFolder, 'blobs'), { recursive: true });
    for (const name of ['oci-layout', 'index.json'])
      await writeFile(path.join(layoutFolder, name), files.files.get(name)!);
    await symlink(
      path.join(folder, 'elsewhere', 'blobs', 'sha256'),
      path.join(layoutFolder, 'blobs', 'sha256'),
    );
    const layout = await openLayout(layoutFolder, { signal });
    await expect(readAll(layout.target.readBlob(blob, { signal }), 100)).rejects.toMatchObject({
      code: 'UNREADABLE',
      message: expect.stringContaining('symbolic link') as string,
    });
    await expect(layout.target.inspectBlob!(blob, { signal })).rejects.toMatchObject({ code: 'UNREADABLE' });
    await layout.close();
  });

  it.each([
    ['index.json', 'UNREADABLE'],
    ['oci-layout', 'UNREADABLE'],
  ])('refuses a link in the place of %s', async (name, code) => {
    const folder = await sampleFiles().writeTo(path.join(await temporaryFolder(), 'layout'));
    await rename(path.join(folder, name), path.join(folder, 'kept'));
    await symlink('kept', path.join(folder, name));
    const error = await failure(folder);
    expect([error.code, error.message]).toEqual([code, expect.stringContaining('symbolic link')]);
  });

  it('says what is there instead of a layout', async () => {
    const folder = await temporaryFolder();
    expect(await failure(path.join(folder, 'nothing'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await failure(folder)).toMatchObject({
      code: 'NOT_A_LAYOUT',
      message: expect.stringContaining('empty') as string,
    });
    await writeFile(path.join(folder, 'manifest.json'), '[]');
    expect(await failure(folder)).toMatchObject({
      code: 'NOT_A_LAYOUT',
      message: expect.stringContaining('docker save') as string,
    });
    expect(await failure('/dev/null')).toMatchObject({ code: 'NOT_A_LAYOUT' });
  });

  it('never opens a FIFO or a folder in the place of a blob', async () => {
    const files = sampleFiles();
    const [fifo, inner] = [files.blob('fifo'), files.blob('folder')];
    const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
    const place = (digest: string): string => path.join(folder, 'blobs', ...digest.split(':'));
    execFileSync('rm', [place(fifo.digest), place(inner.digest)]);
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', place(fifo.digest)]);
    await mkdir(place(inner.digest));
    const layout = await openLayout(folder, { signal });
    for (const blob of [fifo, inner]) {
      await expect(readAll(layout.target.readBlob(blob, { signal }), 100)).rejects.toMatchObject({
        code: 'UNREADABLE',
      });
    }
    await layout.close();
  });

  it('waits for a program that writes index.json in place, and gives up on one that stays torn', async () => {
    const files = sampleFiles();
    const folder = await files.writeTo(path.join(await temporaryFolder(), 'layout'));
    const index = path.join(folder, 'index.json');
    const whole = Buffer.from(files.files.get('index.json')!);
    await writeFile(index, whole.subarray(0, 40));
    const finished = new Promise((resolve) => setTimeout(resolve, 10)).then(() =>
      appendFile(index, whole.subarray(40)),
    );
    const layout = await openLayout(folder, { signal });
    await finished;
    expect((await layout.target.resolve('v1', { signal }))?.mediaType).toContain('manifest');
    await writeFile(index, '');
    await expect(layout.target.resolve('v1', { signal })).rejects.toMatchObject({ code: 'MALFORMED' });
    await expect(layout.target.referrers!.list(files.blob('{}').digest, { signal })).rejects.toMatchObject({
      code: 'MALFORMED',
    });
    await writeFile(index, whole);
    expect((await layout.target.resolve('v1', { signal }))?.mediaType).toContain('manifest');
    await layout.close();
  });

  it('can be cancelled', async () => {
    const folder = await sampleFiles().writeTo(path.join(await temporaryFolder(), 'layout'));
    await expect(openLayout(folder, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });
});
