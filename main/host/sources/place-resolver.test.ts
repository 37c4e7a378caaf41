import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSampleGraph } from '../../artifacts/sample-graph.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { createOpenTargets, type OpenTargets } from './open-targets.ts';
import { createPlaceResolver, type PlaceResolver } from './place-resolver.ts';
import { createSourceList, type SourceList } from './source-list.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const signal = new AbortController().signal;

let folder: string;
let sources: SourceList;
let targets: OpenTargets;
let places: PlaceResolver;
let typed: string[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tallyman-places-'));
  await (await createLayout(path.join(folder, 'release'))).close();
  typed = [];
  const storePath = path.join(folder, 'data', 'store');
  sources = createSourceList({ storePath, onChange: () => undefined, onWarning: () => undefined });
  targets = createOpenTargets({
    sources,
    storePath,
    credentials: { find: () => Promise.resolve(undefined) },
    userAgent: 'tallyman/test',
    onWarning: () => undefined,
  });
  places = createPlaceResolver({
    sources,
    targets,
    storePath,
    workingDirectory: folder,
    homeFolder: path.join(folder, 'home'),
    onTypedRepository: (source, repository) => typed.push(`${source} ${repository}`),
  });
});
afterEach(async () => {
  await targets.close();
  await rm(folder, { recursive: true, force: true });
});

const ids = async (): Promise<string[]> => (await sources.list()).map(({ id }) => id);

describe('what a typed text means', () => {
  it.each([
    ['localhost:5000', { kind: 'source', source: 'registry:localhost:5000' }],
    ['  ghcr.io ', { kind: 'source', source: 'registry:ghcr.io' }],
    ['alpine', { kind: 'repository', source: 'registry:docker.io', repository: 'library/alpine' }],
    ['alpine:3', { kind: 'artifact', source: 'registry:docker.io', repository: 'library/alpine', tag: '3' }],
    [
      'localhost:5000/team/app',
      { kind: 'repository', source: 'registry:localhost:5000', repository: 'team/app' },
    ],
    [
      'localhost:5000/team/app:1.2',
      { kind: 'artifact', source: 'registry:localhost:5000', repository: 'team/app', tag: '1.2' },
    ],
    [
      `ghcr.io/org/app@${DIGEST}`,
      { kind: 'artifact', source: 'registry:ghcr.io', repository: 'org/app', digest: DIGEST },
    ],
    [
      `[::1]:5000/a:b@${DIGEST}`,
      { kind: 'artifact', source: 'registry:[::1]:5000', repository: 'a', tag: 'b', digest: DIGEST },
    ],
    [
      'oci://ghcr.io/charts/boats:1.0.0',
      { kind: 'artifact', source: 'registry:ghcr.io', repository: 'charts/boats', tag: '1.0.0' },
    ],
  ])('%j is %j, and its source is in the list afterwards', async (text, place) => {
    expect(await places.resolve(text, signal)).toEqual(place);
    expect(await ids()).toEqual(['local', place.source]);
  });

  it('tells of every repository that was typed', async () => {
    await places.resolve('localhost:5000', signal);
    await places.resolve('localhost:5000/team/app:1.2', signal);
    expect(typed).toEqual(['registry:localhost:5000 team/app']);
  });

  it('opens layouts by every form of their path', async () => {
    const id = `layout:${path.join(folder, 'release')}`;
    expect(await places.resolve('./release', signal)).toEqual({ kind: 'source', source: id });
    expect(await places.resolve(path.join(folder, 'release'), signal)).toEqual({
      kind: 'source',
      source: id,
    });
    expect(await places.resolve('~/../release:1.2', signal)).toEqual({
      kind: 'artifact',
      source: id,
      tag: '1.2',
    });
    expect(await places.resolve(`layout:release@${DIGEST}`, signal)).toEqual({
      kind: 'artifact',
      source: id,
      digest: DIGEST,
    });
    expect(await places.resolve(id, signal)).toEqual({ kind: 'source', source: id });
    expect(await ids()).toEqual(['local', id]);
  });

  it('knows the local store by its path', async () => {
    expect(await places.resolve('./data/store:sample', signal)).toEqual({
      kind: 'artifact',
      source: 'local',
      tag: 'sample',
    });
  });

  it.each([
    ['', 'INVALID_REFERENCE'],
    ['   ', 'INVALID_REFERENCE'],
    [DIGEST, 'INVALID_REFERENCE'],
    [`@${DIGEST}`, 'INVALID_REFERENCE'],
    ['sha256:0123456789ab', 'INVALID_REFERENCE'],
    ['a'.repeat(64), 'INVALID_REFERENCE'],
    ['UPPER/case', 'INVALID_REFERENCE'],
    ['user:password@host/x', 'INVALID_REFERENCE'],
    ['layout:', 'INVALID_REFERENCE'],
    ['./a\0b', 'INVALID_REFERENCE'],
    ['./absent', 'NOT_FOUND'],
    ['./absent:1.2', 'NOT_FOUND'],
    ['~someone', 'NOT_FOUND'],
    ['./home', 'NOT_A_LAYOUT'],
    ['./text.tar', 'NOT_A_LAYOUT'],
  ])('%j answers %s with a next step, and adds nothing', async (text, code) => {
    await mkdir(path.join(folder, 'home'));
    await writeFile(path.join(folder, 'text.tar'), 'no tar');
    await expect(places.resolve(text, signal)).rejects.toMatchObject({
      code,
      message: expect.any(String),
      hint: expect.any(String),
    });
    expect(await ids()).toEqual(['local']);
  });

  it('says of a bare digest that it needs a place', async () => {
    await expect(places.resolve(DIGEST, signal)).rejects.toMatchObject({
      message: 'A digest alone does not say where to look.',
      hint: expect.stringContaining('HOST/REPOSITORY@DIGEST'),
    });
  });

  it('still names a layout that is in the list when its disk is away', async () => {
    const place = await places.resolve('./release', signal);
    await rm(path.join(folder, 'release'), { recursive: true });
    expect(await places.resolve('./release', signal)).toEqual(place);
    await targets.forget(place.source);
    await expect(targets.target({ source: place.source }, signal)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await (await createLayout(path.join(folder, 'other'))).close();
    await cp(path.join(folder, 'other'), path.join(folder, 'release'), { recursive: true });
    expect(await targets.target({ source: place.source }, signal)).toHaveProperty('label');
  });
});

describe('open targets', () => {
  it('opens only what is in the list', async () => {
    for (const source of ['registry:localhost:5000', `layout:${path.join(folder, 'release')}`, '/etc', '']) {
      await expect(targets.target({ source, repository: 'a' }, signal)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        hint: expect.any(String),
      });
    }
  });

  it('refuses addresses that fit no place of their kind', async () => {
    await places.resolve('localhost:5000', signal);
    const source = 'registry:localhost:5000';
    await expect(targets.target({ source }, signal)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(targets.target({ source, repository: '../../etc' }, signal)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(targets.target({ source: 'local', repository: 'a' }, signal)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(targets.registry('local')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('reads another archive that was put in the place of an open one, while the old one can still be read', async () => {
    const archive = path.join(folder, 'app.tar');
    const pack = async (name: string): Promise<void> => {
      await promisify(execFile)('tar', ['cf', `${archive}.new`, '-C', path.join(folder, name), '.']);
      await rename(`${archive}.new`, archive);
    };
    const second = await createLayout(path.join(folder, 'second'));
    await createSampleGraph(second);
    await second.close();
    await pack('release');
    const { source } = await places.resolve('./app.tar', signal);
    const before = await targets.target({ source }, signal);
    await pack('second');
    const after = await targets.target({ source }, signal);
    expect(await targets.target({ source }, signal)).toBe(after);
    expect([await before.resolve('sample', { signal }), await after.resolve('sample', { signal })]).toEqual([
      undefined,
      expect.objectContaining({ size: expect.any(Number) }),
    ]);
    await rm(archive);
    await expect(targets.target({ source }, signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('makes the local store when something looks at it for the first time, once', async () => {
    const both = await Promise.all([
      targets.target({ source: 'local' }, signal),
      targets.target({ source: 'local' }, signal),
    ]);
    expect(both[0]).toBe(both[1]);
    expect(await both[0].resolve('sample', { signal })).toBeUndefined();
  });
});
