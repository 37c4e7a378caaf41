import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { digestOf } from '../../content/digest-of.ts';
import { readTree, writeTree } from '../../testing/file-tree.ts';
import { paxEntry, TAR_END, tarEntry, tarHeader, type TarBlockFields } from '../../testing/tar-blocks.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { unpackFolder, type UnpackedFolder } from './unpack-folder.ts';

const { signal } = new AbortController();

async function* pieces(bytes: Uint8Array, size = 100_000): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.byteLength; at += size)
    yield await Promise.resolve(bytes.subarray(at, at + size));
}

interface Result {
  readonly outcome: UnpackedFolder | TallymanError;
  /** What lies in the folder. */
  readonly tree: Readonly<Record<string, string>>;
  /** What lies around it, which nothing may change. */
  readonly around: Readonly<Record<string, string>>;
}

/** Unpacks an archive into a folder within a folder of sentinels. */
async function unpack(
  archive: Uint8Array,
  { prefix = '', contentDigest }: { readonly prefix?: string; readonly contentDigest?: string } = {},
): Promise<Result> {
  const outer = await temporaryFolder();
  await writeTree(outer, { 'sentinel.txt': 'untouched', 'etc/passwd': 'untouched', 'a/b/x': 'untouched' });
  const into = path.join(outer, 'a/b/into');
  await mkdir(into);
  const options = { prefix, into, contentDigest, packedSize: archive.byteLength, signal };
  let outcome: UnpackedFolder | TallymanError;
  try {
    outcome = await unpackFolder(pieces(archive), options);
  } catch (error) {
    if (!(error instanceof TallymanError)) throw error;
    outcome = error;
  }
  const around = Object.entries(await readTree(outer)).filter(([name]) => !name.startsWith('a/b/into/'));
  return { outcome, tree: await readTree(into), around: Object.fromEntries(around) };
}

const AROUND = {
  a: 'folder',
  'a/b': 'folder',
  'a/b/into': 'folder',
  'a/b/x': digestOf(Buffer.from('untouched')),
  etc: 'folder',
  'etc/passwd': digestOf(Buffer.from('untouched')),
  'sentinel.txt': digestOf(Buffer.from('untouched')),
};

const link = (name: string, linkName: string, type = '2'): Uint8Array => tarHeader({ name, linkName, type });
const tar = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat([...parts, TAR_END]);

const HOSTILE_NAMES = [
  '../up.txt',
  '../../sentinel.txt',
  'a/../../up',
  'a/../b',
  '..',
  '/abs.txt',
  '//abs',
  '/etc/passwd',
  'C:\\x',
  'C:/x',
  'c:x',
  '\\\\server\\share\\x',
  '\\x',
  'a\\..\\..\\x',
  'file:stream',
  'con',
  'CON',
  'aux.txt',
  'nul',
  'sub/PRN.tar.gz',
  'com1',
  'COM¹',
  'lpt9.log',
  'conin$',
  'end.',
  'end ',
  'sub./x',
  'a\u0001b',
  'a\u007fb',
  'a\nb',
  'a\u202egpj.exe',
  'a\u200bb',
  'q?',
  'star*',
  'pipe|',
  'less<',
  'more>',
  '"',
  'n'.repeat(90) + '/' + 'd/'.repeat(2) + '..',
];

describe('an archive that wants out of its folder', () => {
  it.each(HOSTILE_NAMES)('does not with the name %j', async (name) => {
    const { outcome, tree, around } = await unpack(
      tar(tarEntry({ name }, 'evil'), tarEntry({ name: 'good.txt' }, 'good')),
    );
    expect(around).toEqual(AROUND);
    expect(Object.keys(tree)).toEqual(['good.txt']);
    expect(outcome).toMatchObject({ files: 1, noteCount: 1, notes: [{ path: name, kind: 'left-out' }] });
  });

  const LINKS: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['a link out and a file through it', [link('l', '../..'), tarEntry({ name: 'l/sentinel.txt' }, 'evil')]],
    ['an absolute link and a file through it', [link('l', '/tmp'), tarEntry({ name: 'l/x' }, 'evil')]],
    [
      'a chain of links',
      [link('a', 'b'), link('b', 'c'), link('c', '..'), tarEntry({ name: 'a/x' }, 'evil')],
    ],
    ['a link replaced by a file', [link('x', '../x'), tarEntry({ name: 'x' }, 'evil')]],
    [
      'a folder replaced by a link',
      [tarHeader({ name: 'd', type: '5' }), link('d', '..'), tarEntry({ name: 'd/x' }, 'evil')],
    ],
    ['a hard link to a file outside', [link('p', '/etc/passwd', '1'), tarEntry({ name: 'p' }, 'evil')]],
    ['a hard link out', [link('p', '../../../etc/passwd', '1')]],
    ['a hard link to where the program stands', [link('p', 'package.json', '1')]],
    ['links in a circle', [link('a', 'b'), link('b', 'a')]],
    ['a link to itself', [link('a', 'a')]],
    ['5,000 links in a row', Array.from({ length: 5_000 }, (_, index) => link(`l${index}`, `l${index + 1}`))],
  ];
  it.each(LINKS)('does not with %s', async (_, parts) => {
    const { tree, around, outcome } = await unpack(tar(...parts));
    expect(outcome).not.toBeInstanceOf(TallymanError);
    expect(around).toEqual(AROUND);
    expect(Object.values(tree).filter((what) => what.startsWith('link') || what === 'other')).toEqual([]);
  });

  it('makes no devices, pipes, sparse files or setuid programs', async () => {
    const { outcome, tree } = await unpack(
      tar(
        ...['3', '4', '6', 'S', 'V'].map((type, index) => tarHeader({ name: `t${index}`, type })),
        paxEntry({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' }),
        tarEntry({ name: 'sparse' }, 'x'),
        tarEntry({ name: 'suid', patch: [{ at: 100, bytes: Buffer.from('0006777\0') }] }, 'x'),
      ),
    );
    expect(tree).toEqual({ suid: digestOf(Buffer.from('x')) });
    expect(outcome).toMatchObject({ noteCount: 6 });
  });

  const BROKEN: readonly (readonly [string, Uint8Array])[] = [
    ['a wrong checksum', tar(tarHeader({ name: 'x', checksum: false }))],
    ['a negative size', tar(tarHeader({ name: 'x', size: Buffer.alloc(12, 0xff) }))],
    ['a size that is no number', tar(tarHeader({ name: 'x', size: 'zzzzzzzzzzz' }))],
    ['an end in the middle of a file', tarEntry({ name: 'x', size: 5_000 }, 'short')],
    ['an end in the middle of a header', Buffer.from(tarHeader({ name: 'x' })).subarray(0, 300)],
    ['an extended header of 100 MiB', tar(tarHeader({ name: 'x', type: 'x', size: 100 * 1024 * 1024 }))],
    [
      'an extended header that does not hold',
      tar(tarEntry({ name: 'x', type: 'x' }, '99 path=short\n'), tarEntry({ name: 'y' }, 'y')),
    ],
    [
      'a size in an extended header that no file has',
      tar(paxEntry({ size: '99999999999999999999' }), tarEntry({ name: 'y' }, 'y')),
    ],
    [
      'a path of 5,000 folders',
      tar(paxEntry({ path: 'd/'.repeat(5_000) + 'x' }), tarEntry({ name: 'y' }, 'y')),
    ],
  ];
  it.each(BROKEN)('ends with an error for %s', async (_, archive) => {
    for (const bytes of [archive, gzipSync(archive)]) {
      const { outcome, around } = await unpack(bytes);
      expect(outcome).toBeInstanceOf(TallymanError);
      expect(['MALFORMED', 'LIMIT']).toContain((outcome as TallymanError).code);
      expect(around).toEqual(AROUND);
    }
  });

  it('refuses damaged compression, and what a claimed content digest does not fit', async () => {
    const archive = tar(tarEntry({ name: 'x' }, 'x'.repeat(2_000)));
    const packed = gzipSync(archive);
    expect((await unpack(packed.subarray(0, 60))).outcome).toMatchObject({ code: 'MALFORMED' });
    expect(
      (await unpack(Buffer.concat([packed.subarray(0, 30), Buffer.alloc(100, 7)]))).outcome,
    ).toMatchObject({ code: 'MALFORMED' });
    const contentDigest = digestOf(archive);
    expect((await unpack(packed, { contentDigest })).outcome).toMatchObject({ files: 1 });
    expect((await unpack(packed, { contentDigest: digestOf(packed) })).outcome).toMatchObject({
      code: 'DIGEST_MISMATCH',
    });
    expect((await unpack(packed, { contentDigest: 'md5:whatever' })).outcome).toMatchObject({ files: 1 });
  });

  it('takes names as one that some file system does, and none of them gets lost', async () => {
    const { outcome, tree } = await unpack(
      tar(
        ...['Readme', 'README', 'readme', 'é', 'e\u0301', 'ﬁ', 'fi', 'D/x', 'd/y'].map((name) =>
          tarEntry({ name }, name),
        ),
        ...['./dots', 'dots', './/dots'].map((name, index) => tarEntry({ name }, String(index))),
        tarEntry({ name: 'D' }, 'a file like a folder'),
      ),
    );
    expect(Object.keys(tree).sort()).toEqual(
      ['D', 'D/x', 'D/y', 'D (2)', 'README (2)', 'Readme', 'dots', 'fi (2)', 'readme (3)', 'é', 'ﬁ'].sort(),
    );
    expect(tree['dots']).toBe(digestOf(Buffer.from('2')));
    expect(outcome).toMatchObject({ files: 10 });
  });

  it('takes away the title before each path, and nothing that lies beside it', async () => {
    const archive = tar(
      tarHeader({ name: 'my/tree', type: '5' }),
      ...['my/tree/a', './my/tree/b', 'my/treetop', 'my/c', 'a'].map((name) => tarEntry({ name }, name)),
    );
    const { outcome, tree } = await unpack(archive, { prefix: 'my/tree' });
    expect(Object.keys(tree)).toEqual(['a', 'b']);
    expect(outcome).toMatchObject({ noteCount: 3 });
  });

  it('keeps whether a file can be run, and sane times', async () => {
    const field = (seconds: number): NonNullable<TarBlockFields['patch']> => [
      { at: 136, bytes: Buffer.from(`${seconds.toString(8).padStart(11, '0')}\0`) },
    ];
    const outer = await temporaryFolder();
    const archive = tar(
      tarEntry({ name: 'old', patch: field(1_000_000_000) }, 'x'),
      tarEntry({ name: 'ancient', patch: field(0) }, 'x'),
      tarEntry({ name: 'future', patch: field(8_000_000_000) }, 'x'),
      tarEntry({ name: 'run', patch: [{ at: 100, bytes: Buffer.from('0000755\0') }] }, 'x'),
    );
    await unpackFolder(pieces(archive), { prefix: '', into: outer, packedSize: archive.byteLength, signal });
    expect((await stat(path.join(outer, 'old'))).mtimeMs).toBe(1_000_000_000_000);
    for (const name of ['ancient', 'future'])
      expect(Math.abs((await stat(path.join(outer, name))).mtimeMs - Date.now())).toBeLessThan(600_000);
    expect((await stat(path.join(outer, 'run'))).mode & 0o7700).toBe(0o700);
    expect((await stat(path.join(outer, 'old'))).mode & 0o7100).toBe(0);
  });

  it('survives any bytes, and never writes beside its folder', { timeout: 30_000 }, async () => {
    const part = fc.oneof(
      fc
        .record({
          name: fc.oneof(
            fc.constantFrom(...HOSTILE_NAMES, 'a', 'a/b', 'A', 'l', 'l/x'),
            fc.string({ maxLength: 20 }),
          ),
          type: fc.constantFrom('0', '1', '2', '5', 'L', 'x', '3', 'S', '7', 'Z'),
          linkName: fc.constantFrom('', '..', '/tmp', 'a', 'l', '../../sentinel.txt'),
          content: fc.string({ maxLength: 600 }),
        })
        .map(({ content, ...fields }) => tarEntry(fields, content)),
      fc
        .dictionary(fc.constantFrom('path', 'linkpath', 'size'), fc.constantFrom('../x', 'a', '5', '/x'))
        .map((records) => paxEntry(records)),
      fc.uint8Array({ maxLength: 700 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), fc.boolean(), async (parts, packed) => {
        const archive = tar(...parts);
        const { around, tree } = await unpack(packed ? gzipSync(archive) : archive);
        expect(around).toEqual(AROUND);
        expect(Object.values(tree).filter((what) => what.startsWith('link') || what === 'other')).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('reads archives in pieces of any size', async () => {
    const content = 'x'.repeat(1_500);
    const archive = gzipSync(tar(tarEntry({ name: 'a' }, content), tarEntry({ name: 'b/c' }, content)));
    for (const size of [1, 7, 511, 513]) {
      const outer = await temporaryFolder();
      await unpackFolder(pieces(archive, size), {
        prefix: '',
        into: outer,
        packedSize: archive.byteLength,
        signal,
      });
      expect(await readFile(path.join(outer, 'b/c'), 'utf8')).toBe(content);
    }
  });
});
