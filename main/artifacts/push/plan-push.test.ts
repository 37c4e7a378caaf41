import { execFile } from 'node:child_process';
import {
  chmod,
  mkdir,
  readFile,
  rename,
  symlink,
  truncate,
  utimes,
  writeFile,
  appendFile,
} from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Annotations } from '../../../shared/oci/annotations.ts';
import { field, isJsonObject } from '../../../shared/oci/json-object.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { digestOf } from '../../content/digest-of.ts';
import { readAll } from '../../content/verify-content.ts';
import { runPeer } from '../../testing/run-peer.ts';
import { peer } from '../../testing/surroundings.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { planPush, type FileToPush, type PushPlan, type PushRequest } from './plan-push.ts';

const run = promisify(execFile);
const oras = peer('oras');
const { signal } = new AbortController();
const CREATED = 'org.opencontainers.image.created';
const TIME = '2026-01-02T03:04:05Z';

async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}

async function plan(request: PushRequest): Promise<PushPlan> {
  const planned = await planPush(request, { signal });
  await planned.close();
  return planned;
}

const file = (folder: string, title: string, more: Partial<FileToPush> = {}): FileToPush => ({
  path: path.join(folder, title),
  title,
  ...more,
});

const manifestText = (planned: PushPlan): string => new TextDecoder().decode(planned.manifest.bytes);

/** The manifest that the real oras writes into a layout beside. */
async function orasManifest(folder: string, ...words: readonly string[]): Promise<string> {
  const exported = path.join(folder, 'manifest-of-oras.json');
  await runPeer(oras!, ['push', '--oci-layout', '--export-manifest', exported, 'layout:v1', ...words], {
    folder,
  });
  return readFile(exported, 'utf8');
}

const created: Annotations = { [CREATED]: TIME };
const ORAS_CREATED = ['--annotation', `${CREATED}=${TIME}`];

describe.skipIf(oras === undefined)('the manifest of a push, beside the one of oras', () => {
  it('is the same for files with types and without', async () => {
    const folder = await folderWith({
      'a.txt': 'a',
      'docs/b & c.md': '<b>',
      'ä.bin': new Uint8Array(70_000),
    });
    const ours = await plan({
      files: [
        file(folder, 'a.txt'),
        file(folder, 'docs/b & c.md', { mediaType: 'text/markdown' }),
        file(folder, 'ä.bin', { mediaType: 'application/octet-stream' }),
      ],
      artifactType: 'application/vnd.example.thing',
      annotations: { manifest: created },
    });
    expect(manifestText(ours)).toBe(
      await orasManifest(
        folder,
        ...ORAS_CREATED,
        '--artifact-type',
        'application/vnd.example.thing',
        'a.txt',
        'docs/b & c.md:text/markdown',
        'ä.bin:application/octet-stream',
      ),
    );
  });

  it('is the same without a type, without files, and with a config', async () => {
    const folder = await folderWith({ 'a.txt': 'a', 'config.json': '{"x":1}' });
    const annotations = { manifest: created };
    const config = { path: path.join(folder, 'config.json') };
    const files = [file(folder, 'a.txt')];
    const cases: readonly (readonly [PushRequest, readonly string[]])[] = [
      [{ files, annotations }, ['a.txt']],
      [{ files: [], annotations }, []],
      [{ files: [], annotations, config }, ['--config', 'config.json']],
      [
        { files, annotations, config: { ...config, mediaType: 'a/b' } },
        ['--config', 'config.json:a/b', 'a.txt'],
      ],
      [
        { files: [], annotations, config: { ...config, mediaType: 'a/b' }, artifactType: 'c/d' },
        ['--config', 'config.json:a/b', '--artifact-type', 'c/d'],
      ],
      [{ files, annotations, imageSpec: '1.0' }, ['--image-spec', 'v1.0', 'a.txt']],
      [
        { files: [], annotations, imageSpec: '1.0', artifactType: 'c/d' },
        ['--image-spec', 'v1.0', '--artifact-type', 'c/d'],
      ],
    ];
    for (const [request, words] of cases)
      expect(manifestText(await plan(request))).toBe(await orasManifest(folder, ...ORAS_CREATED, ...words));
  });

  it('is the same with annotations of manifest, config and files, whatever characters they hold', async () => {
    const odd = {
      '10': 'ten',
      '2': 'two',
      '𝒳': 'astral',
      ﬀ: 'late in UTF-16',
      'a<b>&c': '\u2028"\\\u0007\b\f\n\t\u007f',
    };
    const about = {
      $manifest: { ...odd, [CREATED]: TIME },
      $config: { k: 'v' },
      'a.txt': { 'org.opencontainers.image.title': 'other name.txt', z: '1', '!': '2' },
    };
    const folder = await folderWith({ 'a.txt': 'a', 'about.json': JSON.stringify(about) });
    const ours = await plan({
      files: [file(folder, 'a.txt', { annotations: about['a.txt'] })],
      annotations: { manifest: about.$manifest, config: about.$config },
    });
    expect(manifestText(ours)).toBe(await orasManifest(folder, '--annotation-file', 'about.json', 'a.txt'));
  });

  it('is the same for what is attached', async () => {
    const folder = await folderWith({ 'a.txt': 'a', 'sbom.json': '{}', 'about.json': '{}' });
    await orasManifest(folder, ...ORAS_CREATED, 'a.txt');
    const subject = (await plan({ files: [file(folder, 'a.txt')], annotations: { manifest: created } }))
      .manifest.descriptor;
    const exported = path.join(folder, 'attached.json');
    const words = [
      'attach',
      '--oci-layout',
      '--export-manifest',
      exported,
      '--artifact-type',
      'x/y',
      ...ORAS_CREATED,
    ];
    await runPeer(oras!, [...words, `layout@${subject.digest}`, 'sbom.json:application/spdx+json'], {
      folder,
    });
    const annotations = { manifest: created };
    const files = [file(folder, 'sbom.json', { mediaType: 'application/spdx+json' })];
    expect(manifestText(await plan({ files, annotations, artifactType: 'x/y', subject }))).toBe(
      await readFile(exported, 'utf8'),
    );
    await runPeer(oras!, [...words, `layout@${subject.digest}`], { folder });
    expect(manifestText(await plan({ files: [], annotations, artifactType: 'x/y', subject }))).toBe(
      await readFile(exported, 'utf8'),
    );
  });

  it('has the same content digest for a folder whose files are as old as ours claim to be', async () => {
    const long = 'l'.repeat(90);
    const folder = await folderWith({
      'tree/z/file': 'z',
      'tree/z.txt': 'sorted between',
      'tree/z-other': '',
      [`tree/${long}/${long}/deep.txt`]: 'prefix',
      [`tree/${'n'.repeat(120)}`]: 'pax',
      'tree/ümläut/ﬀ.txt': 'pax as well',
      'tree/script': '#!/bin/sh',
    });
    await mkdir(path.join(folder, 'tree/empty'));
    await chmod(path.join(folder, 'tree/script'), 0o4755);
    await symlink('../script', path.join(folder, 'tree/z/link'));
    await symlink('t'.repeat(130), path.join(folder, 'tree/long-link'));
    await run('find', [path.join(folder, 'tree'), '-exec', 'touch', '-h', '-d', '@0', '{}', '+']);
    const ours = await plan({ files: [file(folder, 'tree')], annotations: { manifest: created } });
    const theirs = await orasManifest(folder, ...ORAS_CREATED, 'tree');
    expect(layerAnnotations(manifestText(ours))).toEqual(layerAnnotations(theirs));
    expect(layerAnnotations(theirs)['io.deis.oras.content.unpack']).toBe('true');
  });
});

function layerAnnotations(manifest: string): Annotations {
  const parsed = parseManifest(Buffer.from(manifest));
  return parsed.form === 'manifest' ? (parsed.layers[0]?.annotations ?? {}) : {};
}

describe('a push that is planned', () => {
  it('packs equal folders to equal bytes, whenever their files were written', async () => {
    const plans: PushPlan[] = [];
    for (const time of [1, 2_000_000_000]) {
      const folder = await folderWith({ 'f/a': 'a', 'f/b/c': 'c' });
      await utimes(path.join(folder, 'f/a'), time, time);
      plans.push(await plan({ files: [file(folder, 'f')], annotations: { manifest: created } }));
    }
    expect(manifestText(plans[1]!)).toBe(manifestText(plans[0]!));
  });

  it('offers the bytes of every blob from any place, and tells the content digest of the tar', async () => {
    const folder = await folderWith({ 'f/a': 'a'.repeat(100_000), 'b.bin': Buffer.alloc(600_000, 7) });
    const planned = await planPush({ files: [file(folder, 'f'), file(folder, 'b.bin')] }, { signal });
    try {
      for (const { descriptor, source } of planned.blobs) {
        const whole = await readAll(source.open(0, { signal }), 10_000_000);
        expect(digestOf(whole)).toBe(descriptor.digest);
        expect(whole.byteLength).toBe(descriptor.size);
        const rest = await readAll(source.open(1, { signal }), 10_000_000);
        expect(Buffer.from(rest).equals(whole.subarray(1))).toBe(true);
        const content = descriptor.annotations?.['io.deis.oras.content.digest'];
        if (content !== undefined) expect(digestOf(gunzipSync(whole))).toBe(content);
      }
      expect(planned.totalBytes).toBe(
        planned.blobs.reduce(
          (sum, { descriptor }) => sum + descriptor.size,
          planned.manifest.bytes.byteLength,
        ),
      );
    } finally {
      await planned.close();
    }
  });

  it('sends equal files once and names both', async () => {
    const folder = await folderWith({ a: 'same', b: 'same' });
    const planned = await plan({ files: [file(folder, 'a'), file(folder, 'b')] });
    expect(planned.blobs.map(({ titles }) => titles)).toEqual([[], ['a', 'b']]);
    const document = JSON.parse(manifestText(planned)) as unknown;
    expect(isJsonObject(document) && field(document, 'layers')).toHaveLength(2);
  });

  it.each([
    ['longer', (place: string) => appendFile(place, 'more')],
    ['shorter', (place: string) => truncate(place, 10)],
    ['other', async (place: string) => writeFile(place, Buffer.alloc(600_000, 8))],
    [
      'another',
      async (place: string) => {
        await writeFile(`${place}.new`, Buffer.alloc(600_000, 9));
        await rename(`${place}.new`, place);
      },
    ],
  ])('refuses a file that became %s after it was hashed', async (_, change) => {
    const folder = await folderWith({ 'a.bin': Buffer.alloc(600_000, 7) });
    const planned = await plan({ files: [file(folder, 'a.bin')] });
    await change(path.join(folder, 'a.bin'));
    const source = planned.blobs[1]!.source;
    await expect(readAll(source.open(0, { signal }), 10_000_000)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('a.bin') as unknown,
    });
  });

  it('notices a file that changes while it is being sent, before its last bytes are out', async () => {
    const folder = await folderWith({ 'a.bin': Buffer.alloc(600_000, 7) });
    const planned = await plan({ files: [file(folder, 'a.bin')] });
    let read = 0;
    await expect(async () => {
      for await (const chunk of planned.blobs[1]!.source.open(0, { signal })) {
        if (read === 0) await writeFile(path.join(folder, 'a.bin'), Buffer.alloc(600_000, 8));
        read += chunk.byteLength;
      }
    }).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(read).toBeLessThan(600_000);
  });

  it('names the file that is missing or cannot be read', async () => {
    const folder = await folderWith({ 'f/a': 'a' });
    await symlink('nowhere', path.join(folder, 'dangling'));
    for (const name of ['absent', 'dangling'])
      await expect(plan({ files: [file(folder, name)] })).rejects.toMatchObject({
        code: 'UNREADABLE',
        message: expect.stringMatching(new RegExp(`${name}.*ENOENT`)) as unknown,
      });
    await run('mkfifo', [path.join(folder, 'pipe'), path.join(folder, 'f/pipe')]);
    for (const name of ['pipe', 'f'])
      await expect(plan({ files: [file(folder, name)] })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('pipe') as unknown,
      });
  });

  it.each([
    '../up',
    '/abs',
    'a/../../b',
    '',
    'a//b',
    'C:\\x',
    'con',
    'a/NUL.txt',
    'a\u202eb',
    'x\n',
    'end.',
    'a:b',
  ])('refuses the title %j', async (title) => {
    const folder = await folderWith({ a: 'a' });
    await expect(plan({ files: [{ path: path.join(folder, 'a'), title }] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('refuses titles that repeat, types that are none, times that are none, and forms that exclude each other', async () => {
    const folder = await folderWith({ a: 'a', b: 'b' });
    const a = file(folder, 'a');
    const config = { path: a.path };
    const subject = (await plan({ files: [a] })).manifest.descriptor;
    const wrong: readonly PushRequest[] = [
      { files: [a, a] },
      { files: [a, file(folder, 'b', { annotations: { 'org.opencontainers.image.title': 'a' } })] },
      { files: [{ ...a, mediaType: 'text' }] },
      { files: [a], artifactType: 'no type' },
      { files: [a], annotations: { manifest: { [CREATED]: 'yesterday' } } },
      { files: [a], config, imageSpec: '1.1' },
      { files: [a], config, imageSpec: '1.0', artifactType: 'a/b' },
      { files: [a], subject },
      { files: [], subject, artifactType: 'a/b' },
      { files: [a], subject, artifactType: 'a/b', imageSpec: '1.0' },
    ];
    for (const request of wrong) await expect(plan(request)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('stops when it is told to', async () => {
    const folder = await folderWith({ 'f/a': Buffer.alloc(1_000_000) });
    const aborted = AbortSignal.abort();
    for (const name of ['f', 'f/a'])
      await expect(planPush({ files: [file(folder, name)] }, { signal: aborted })).rejects.toSatisfy(
        (error: Error) => error.name === 'AbortError' || error.message === 'Cancelled.',
      );
  });
});
