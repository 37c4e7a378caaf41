import fc from 'fast-check';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { readAll } from '../content/verify-content.ts';
import { paxEntry, TAR_END, tarEntry, tarHeader } from '../testing/tar-blocks.ts';
import type { ByteSource } from './byte-source.ts';
import { TAR_EXTENDED_HEADER_LIMIT, TAR_PATH_LIMIT } from './limits.ts';
import { readTarEntries, type TarEntry } from './tar-entries.ts';

const signal = new AbortController().signal;

function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.byteLength,
    readAt: (position, length) => Promise.resolve(bytes.slice(position, position + length)),
  };
}

async function list(bytes: Uint8Array): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = [];
  for await (const entry of readTarEntries(memorySource(bytes), signal)) entries.push(entry);
  return entries;
}

/** The names with their content, read through what the index says. */
async function contents(bytes: Uint8Array): Promise<readonly (readonly [string, string])[]> {
  return (await list(bytes)).map(({ path, offset, size }) => [
    path,
    Buffer.from(bytes.slice(offset, offset + size)).toString('utf8'),
  ]);
}

async function failure(bytes: Uint8Array): Promise<TallymanError> {
  return list(bytes).then(
    (entries) => {
      throw new Error(`read ${entries.length} entries`);
    },
    (error: unknown) => error as TallymanError,
  );
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const archive = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat([...parts, TAR_END]);

async function packed(
  files: readonly { readonly header: { readonly name: string }; readonly content: Uint8Array }[],
): Promise<Uint8Array> {
  const tar = pack();
  for (const { header, content } of files) tar.entry({ ...header }, Buffer.from(content));
  tar.finalize();
  return readAll(tar as AsyncIterable<Uint8Array>, 64 * 1024 * 1024);
}

const fileName = fc
  .array(fc.stringMatching(/^[A-Za-z0-9._üß-]{1,40}$/), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join('/'));
const files = fc.array(
  fc.record({
    header: fc.record({ name: fileName }),
    content: fc.uint8Array({ maxLength: 1500 }),
  }),
  { maxLength: 8 },
);

describe('readTarEntries', () => {
  it('finds every name and every byte of what tar-stream packs', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (wanted) => {
        const bytes = await packed(wanted);
        const found = await list(bytes);
        expect(
          found.map(({ path, offset, size }) => [path, hex(bytes.slice(offset, offset + size))]),
        ).toEqual(wanted.map(({ header, content }) => [header.name, hex(content)]));
      }),
      { numRuns: 60 },
    );
  });

  it('says that an archive is incomplete wherever it is cut before its end', async () => {
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        async (wanted, where) => {
          const bytes = await packed(wanted);
          const end = bytes.byteLength - TAR_END.byteLength;
          const cut = Math.floor(end * where);
          const error = await failure(bytes.slice(0, cut));
          expect([error.code, error.details?.['incomplete']]).toEqual(['MALFORMED', true]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('ends with entries or a typed error for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        async (wanted, flips) => {
          const bytes = Buffer.from(await packed(wanted));
          for (const [at, value] of flips) bytes[at % bytes.byteLength] = value;
          await list(bytes).catch((error: unknown) => {
            expect((error as TallymanError).code).toMatch(/^(?:MALFORMED|LIMIT)$/);
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('reads ustar prefixes, GNU long names, pax paths and sizes in base 256', async () => {
    const long = `${'d/'.repeat(120)}file`;
    const bytes = archive(
      tarEntry({ name: 'file', prefix: 'some/folder' }, 'one'),
      tarEntry({ name: '././@LongLink', type: 'L', magic: 'ustar  \0' }, `${long}\0`),
      tarEntry({ name: long.slice(0, 100), magic: 'ustar  \0' }, 'two'),
      paxEntry({ path: 'pax/ü', mtime: '1.5' }),
      tarEntry({ name: 'cut' }, 'three'),
      tarEntry({ name: 'big', size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4]) }, 'four'),
      tarEntry({ name: 'v7', magic: '' }, 'five'),
    );
    expect(await contents(bytes)).toEqual([
      ['some/folder/file', 'one'],
      [long, 'two'],
      ['pax/ü', 'three'],
      ['big', 'four'],
      ['v7', 'five'],
    ]);
  });

  it('names links, folders and devices for what they are, and skips no byte for them', async () => {
    const bytes = archive(
      tarEntry({ name: 'folder/', type: '5' }),
      tarEntry({ name: 'old-folder/' }),
      tarEntry({ name: 'link', type: '2', linkName: '../../etc/passwd' }),
      tarEntry({ name: 'hard', type: '1', linkName: 'file', size: 512 }), // its size says nothing of what follows
      tarEntry({ name: 'fifo', type: '6' }),
      tarEntry({ name: 'device', type: '3' }),
      tarEntry({ name: 'file' }, 'content'),
    );
    expect((await list(bytes)).map(({ path, type, linkPath }) => [path, type, linkPath])).toEqual([
      ['folder/', 'folder', ''],
      ['old-folder/', 'folder', ''],
      ['link', 'symbolic-link', '../../etc/passwd'],
      ['hard', 'hard-link', 'file'],
      ['fifo', 'other', ''],
      ['device', 'other', ''],
      ['file', 'file', ''],
    ]);
  });

  it('steps over old GNU and pax sparse files', async () => {
    const map = Buffer.alloc(512);
    map[504] = 0;
    const bytes = archive(
      Buffer.concat([
        tarHeader({
          name: 'old',
          type: 'S',
          size: 5,
          magic: 'ustar  \0',
          patch: [{ at: 482, bytes: Buffer.of(1) }],
        }),
        map,
        Buffer.concat([Buffer.from('hello'), Buffer.alloc(507)]),
      ]),
      paxEntry({
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'new',
        'GNU.sparse.realsize': '1000000',
      }),
      tarEntry({ name: 'GNUSparseFile.0/new' }, '1\n0\n5\n'),
      tarEntry({ name: 'after' }, 'x'),
    );
    expect((await list(bytes)).map(({ path, type }) => [path, type])).toEqual([
      ['old', 'sparse-file'],
      ['GNUSparseFile.0/new', 'sparse-file'],
      ['after', 'file'],
    ]);
  });

  it('passes over global pax headers, however large', async () => {
    const bytes = archive(
      paxEntry({ comment: 'x'.repeat(TAR_EXTENDED_HEADER_LIMIT), path: 'not-this' }, 'g'),
      tarEntry({ name: 'file' }, 'x'),
    );
    expect((await list(bytes)).map(({ path }) => path)).toEqual(['file']);
  });

  it.each([
    ['a wrong checksum', tarHeader({ checksum: false }), 'MALFORMED'],
    ['a size that is no number', tarEntry({ size: '12345678901x' }), 'MALFORMED'],
    ['a negative size', tarEntry({ size: Buffer.alloc(12, 0xff) }), 'MALFORMED'],
    [
      'a size beyond 2^53',
      tarEntry({ size: Buffer.from([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) }),
      'MALFORMED',
    ],
    ['a size beyond the archive', tarEntry({ size: 1024 * 1024 }), 'MALFORMED'],
    ['a pax size that is no number', Buffer.concat([paxEntry({ size: '-1' }), tarEntry({})]), 'MALFORMED'],
    [
      'a pax size beyond 2^53',
      Buffer.concat([paxEntry({ size: '9999999999999999' }), tarEntry({})]),
      'MALFORMED',
    ],
    ['pax records of the wrong length', tarEntry({ type: 'x' }, '99 path=a\n'), 'MALFORMED'],
    ['pax records without a length', tarEntry({ type: 'x' }, 'path=a\n'), 'MALFORMED'],
    [
      'a pax header above the limit',
      tarEntry({ type: 'x' }, Buffer.alloc(TAR_EXTENDED_HEADER_LIMIT + 1)),
      'LIMIT',
    ],
    [
      'a long name above the limit',
      tarEntry({ type: 'L' }, Buffer.alloc(TAR_EXTENDED_HEADER_LIMIT + 1, 0x61)),
      'LIMIT',
    ],
    [
      'a path above the limit',
      Buffer.concat([paxEntry({ path: 'a'.repeat(TAR_PATH_LIMIT + 1) }), tarEntry({})]),
      'LIMIT',
    ],
    [
      'a sparse map without end',
      Buffer.concat([
        tarHeader({ type: 'S', patch: [{ at: 482, bytes: Buffer.of(1) }] }),
        ...Array.from({ length: TAR_EXTENDED_HEADER_LIMIT / 512 + 8 }, () => {
          const block = Buffer.alloc(512);
          block[504] = 1;
          return block;
        }),
      ]),
      'LIMIT',
    ],
  ])('ends with a typed error at %s', async (_what, bytes, code) => {
    const error = await failure(archive(bytes));
    expect([error.name, error.code]).toEqual(['TallymanError', code]);
  });

  it('survives a pax path that is a number, an empty one, and one with NUL', async () => {
    const bytes = archive(
      paxEntry({ path: '12345' }),
      tarEntry({ name: 'a' }),
      paxEntry({ path: '' }),
      tarEntry({ name: 'b' }),
      paxEntry({ path: 'c\0d' }),
      tarEntry({ name: 'c' }),
    );
    expect((await list(bytes)).map(({ path }) => path)).toEqual(['12345', 'b', 'c\0d']);
  });

  it('stops when the signal is given', async () => {
    const controller = new AbortController();
    const entries = readTarEntries(
      memorySource(archive(tarEntry({ name: 'a' }), tarEntry({ name: 'b' }))),
      controller.signal,
    );
    await entries.next();
    controller.abort();
    await expect(entries.next()).rejects.toThrow('aborted');
  });
});
