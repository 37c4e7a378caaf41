import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitLayoutPath } from './split-layout-path.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tallyman-paths-'));
  await mkdir(path.join(folder, 'work', 'release'), { recursive: true });
  await mkdir(path.join(folder, 'work', 'with:colon'));
  await mkdir(path.join(folder, 'work', 'with'));
  await mkdir(path.join(folder, 'work', `odd@${DIGEST}`));
  await writeFile(path.join(folder, 'app.tar'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const split = (text: string): Promise<unknown> =>
  splitLayoutPath(text, { workingDirectory: path.join(folder, 'work'), homeFolder: folder });

describe('path of a layout', () => {
  it.each([
    ['./release', 'work/release', {}],
    ['release', 'work/release', {}],
    ['./release/', 'work/release', {}],
    ['./release:1.2', 'work/release', { tag: '1.2' }],
    [`./release@${DIGEST}`, 'work/release', { digest: DIGEST }],
    [`./release:1.2@${DIGEST}`, 'work/release', { tag: '1.2', digest: DIGEST }],
    ['../app.tar:docker.io/library/alpine:latest', 'app.tar', { tag: 'docker.io/library/alpine:latest' }],
    ['~/app.tar:v1', 'app.tar', { tag: 'v1' }],
    ['./with:colon', 'work/with:colon', {}],
    ['./with:colon:v1', 'work/with:colon', { tag: 'v1' }],
    ['./with:other', 'work/with', { tag: 'other' }],
    [`./odd@${DIGEST}`, `work/odd@${DIGEST}`, {}],
    ['./absent:1.2', 'work/absent', { tag: '1.2' }],
    [`./absent@${DIGEST}`, 'work/absent', { digest: DIGEST }],
    ['./absent:not a tag', 'work/absent:not a tag', {}],
    ['./release:', 'work/release:', {}],
    ['.', 'work', {}],
    ['.:v1', 'work', { tag: 'v1' }],
  ])('%j is %j with %j', async (text, expected, asked) => {
    expect(await split(text)).toEqual({ path: path.join(folder, expected), ...asked });
  });

  it('takes ~ alone as the home folder, and a name that begins with ~ as a name', async () => {
    expect(await split('~')).toEqual({ path: folder });
    expect(await split('~someone/x')).toEqual({ path: path.join(folder, 'work', '~someone/x') });
  });
});
