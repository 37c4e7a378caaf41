import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../../shared/contract/source.ts';
import { createSourceList, PINNED_LIMIT, type SourceList, SOURCES_LIMIT } from './source-list.ts';

let folder: string;
let file: string;
let warnings: string[];
let changes: (readonly Source[])[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tallyman-sources-'));
  file = path.join(folder, 'data', 'sources.json');
  warnings = [];
  changes = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function open(): SourceList {
  return createSourceList({
    storePath: '/data/store',
    file,
    onChange: (sources) => changes.push(sources),
    onWarning: (text) => warnings.push(text),
  });
}

const ids = async (list: SourceList): Promise<string[]> => (await list.list()).map(({ id }) => id);

describe('list of sources', () => {
  it('begins with the local store alone and creates nothing on disk', async () => {
    expect(await open().list()).toEqual([
      { id: 'local', kind: 'local', label: 'Local store', location: '/data/store', pinned: [] },
    ]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps registries, layouts and pins over a restart, in their order, readable by their owner only', async () => {
    const list = open();
    await list.addRegistry('localhost:5000', true);
    await list.addLayout('/tmp/release');
    await list.pin('registry:localhost:5000', 'team/b', true);
    await list.pin('registry:localhost:5000', 'team/a', true);
    await list.pin('registry:localhost:5000', 'team/b', true);
    expect((await open().list()).slice(1)).toEqual([
      {
        id: 'registry:localhost:5000',
        kind: 'registry',
        label: 'localhost:5000',
        location: 'localhost:5000',
        pinned: ['team/b', 'team/a'],
        plainHttp: true,
      },
      { id: 'layout:/tmp/release', kind: 'layout', label: 'release', location: '/tmp/release', pinned: [] },
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(path.dirname(file))).toEqual(['sources.json']);
  });

  it('answers the source that is there, tells nobody, and takes over another decision about plain HTTP', async () => {
    const list = open();
    await list.addRegistry('localhost:5000');
    const told = changes.length;
    await list.addRegistry('localhost:5000');
    expect(changes).toHaveLength(told);
    expect(await list.addRegistry('localhost:5000', true)).toMatchObject({
      plainHttp: true,
      source: { plainHttp: true },
    });
    expect(await ids(list)).toEqual(['local', 'registry:localhost:5000']);
  });

  it('forgets what is removed, and never the local store', async () => {
    const list = open();
    await list.addRegistry('a.example');
    await list.addRegistry('b.example');
    await list.remove('registry:a.example');
    expect(await ids(open())).toEqual(['local', 'registry:b.example']);
    await expect(list.remove('local')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(list.remove('registry:a.example')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('keeps nothing of what a run learns', async () => {
    const list = open();
    await list.addRegistry('a.example');
    await list.learn('registry:a.example', {
      plainHttp: false,
      account: { username: 'me', from: 'session' },
    });
    expect(changes.at(-1)?.[1]).toMatchObject({
      plainHttp: false,
      account: { username: 'me', from: 'session' },
    });
    await list.addRegistry('b.example');
    expect(await readFile(file, 'utf8')).not.toContain('me');
    expect((await open().list())[1]).not.toHaveProperty('account');
  });

  it('takes twenty changes at once without losing one', async () => {
    const list = open();
    await Promise.all(Array.from({ length: 20 }, (_, index) => list.addRegistry(`r${index}.example`)));
    expect(await ids(open())).toHaveLength(21);
  });

  it('keeps what another program added meanwhile', async () => {
    const first = open();
    await first.addRegistry('a.example');
    const second = open();
    await second.addRegistry('b.example');
    await first.addRegistry('c.example');
    expect(await ids(open())).toEqual([
      'local',
      'registry:a.example',
      'registry:b.example',
      'registry:c.example',
    ]);
  });

  it.each([
    ['cut', '{"version":1,"sources":[{"kind":"reg'],
    ['empty', ''],
    ['of other content', '[]'],
    ['with a broken entry', '{"version":1,"sources":[{"kind":"registry"}]}'],
  ])('sets a file that is %s aside, says so, and loses none of it', async (_what, text) => {
    await mkdir(path.dirname(file));
    await writeFile(file, text);
    const list = open();
    expect(await ids(list)).toEqual(['local']);
    await list.addRegistry('a.example');
    const names = await readdir(path.dirname(file));
    const aside = names.find((name) => name.startsWith('sources.json.damaged-'));
    expect(await readFile(path.join(path.dirname(file), aside ?? ''), 'utf8')).toBe(text);
    expect(warnings).toEqual([expect.stringContaining(aside ?? 'nothing')]);
    expect(await ids(open())).toEqual(['local', 'registry:a.example']);
  });

  it('never replaces a file of a newer version', async () => {
    await mkdir(path.dirname(file));
    await writeFile(file, '{"version":2,"sources":{"new":"form"}}');
    const list = open();
    expect(await ids(list)).toEqual(['local']);
    expect(warnings).toEqual([expect.stringContaining('newer')]);
    await expect(list.addRegistry('a.example')).rejects.toMatchObject({ code: 'UNREADABLE' });
    expect(await readFile(file, 'utf8')).toBe('{"version":2,"sources":{"new":"form"}}');
  });

  it('never replaces a file that cannot be read', async () => {
    await mkdir(file, { recursive: true }); // a folder in its place: EISDIR, also for root
    const list = open();
    expect(await ids(list)).toEqual(['local']);
    expect(warnings).toEqual([expect.stringContaining('EISDIR')]);
    await expect(list.addRegistry('a.example')).rejects.toMatchObject({
      code: 'UNREADABLE',
      hint: expect.any(String),
    });
  });

  it('says what to do when the list cannot be written, and changes nothing', async () => {
    await writeFile(path.join(folder, 'data'), 'a file where the folder should be');
    const list = open();
    await expect(list.addRegistry('a.example')).rejects.toMatchObject({
      code: 'UNREADABLE',
      hint: expect.stringContaining('TALLYMAN_DATA'),
    });
    expect(await ids(list)).toEqual(['local']);
  });

  it('lasts for one run without a file', async () => {
    const list = createSourceList({
      storePath: '/data/store',
      onChange: () => undefined,
      onWarning: () => undefined,
    });
    await list.addRegistry('a.example');
    expect(await ids(list)).toEqual(['local', 'registry:a.example']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('stops at the limits with their names', async () => {
    await mkdir(path.dirname(file));
    const sources = Array.from({ length: SOURCES_LIMIT }, (_, index) => ({
      kind: 'registry',
      host: `r${index}.example`,
      pinned: index === 0 ? Array.from({ length: PINNED_LIMIT }, (_each, number) => `a/${number}`) : [],
    }));
    await writeFile(file, JSON.stringify({ version: 1, sources }));
    const list = open();
    await expect(list.addRegistry('more.example')).rejects.toMatchObject({
      code: 'LIMIT',
      details: { limit: SOURCES_LIMIT },
    });
    await expect(list.pin('registry:r0.example', 'b', true)).rejects.toMatchObject({
      code: 'LIMIT',
      details: { limit: PINNED_LIMIT },
    });
  });
});
