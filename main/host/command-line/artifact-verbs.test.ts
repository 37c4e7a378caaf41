import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { openLayout } from '../../layout/open-layout.ts';
import { readTree, writeTree } from '../../testing/file-tree.ts';
import { hasRealRegistry, startRealRegistry } from '../../testing/real-registries.ts';
import { runPeer } from '../../testing/run-peer.ts';
import { runVerb } from '../../testing/run-verb.ts';
import { peer } from '../../testing/surroundings.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

const oras = peer('oras');
const { signal } = new AbortController();
const TIME = 'org.opencontainers.image.created=2026-01-02T03:04:05Z';

async function workFolder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await temporaryFolder();
  await writeTree(folder, files);
  return folder;
}

async function json(words: readonly string[], folder: string): Promise<Record<string, unknown>> {
  const { code, out, err } = await runVerb([...words, '--json'], folder);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as Record<string, unknown>;
}

describe('push, attach and pull', () => {
  it.skipIf(oras === undefined || !hasRealRegistry('olareg'))(
    'go round through a real registry, with the digests that oras gives',
    async () => {
      const registry = await startRealRegistry('olareg');
      try {
        const folder = await workFolder({ 'app.bin': 'app', 'conf/a.yaml': 'a: 1\n', 'sbom.json': '{}' });
        const repository = `localhost:${registry.port}/team/app`;
        const pushed = await json(
          ['push', `${repository}:v1,latest`, 'app.bin:a/b', 'conf', '--artifact-type', 'x/y', '-a', TIME],
          folder,
        );
        const digestOfOras = (tag: string): Promise<string> =>
          runPeer(oras!, ['resolve', `${repository}:${tag}`], { folder });
        for (const tag of ['v1', 'latest']) expect((await digestOfOras(tag)).trim()).toBe(pushed['digest']);
        expect(pushed).toMatchObject({ tags: ['v1', 'latest'], artifactType: 'x/y', sent: { blobs: 3 } });

        const attach = [
          'sbom.json:application/spdx+json',
          '--artifact-type',
          'application/spdx+json',
          '-a',
          TIME,
        ];
        const attached = await json(['attach', `${repository}:v1`, ...attach], folder);
        const exported = path.join(folder, 'attached.json');
        const words = ['attach', '--export-manifest', exported, '--artifact-type', 'application/spdx+json'];
        await runPeer(oras!, [...words, '-a', TIME, `${repository}:v1`, 'sbom.json:application/spdx+json'], {
          folder,
        });
        const planned = await runVerb(['attach', `${repository}:v1`, ...attach, '--plan', '--json'], folder);
        expect(JSON.parse(planned.out)).toMatchObject({
          digest: attached['digest'],
          manifest: await readFile(exported, 'utf8'),
        });
        const discovered = await runPeer(oras!, ['discover', '--format', 'json', `${repository}:v1`], {
          folder,
        });
        expect(discovered).toContain(attached['digest']);

        const pulled = await json(['pull', `${repository}:v1`, '-o', 'out'], folder);
        expect(pulled['digest']).toBe(pushed['digest']);
        const { 'app.bin': app, 'conf/a.yaml': conf } = await readTree(folder);
        expect(await readTree(path.join(folder, 'out'))).toEqual({
          'app.bin': app,
          conf: 'folder',
          'conf/a.yaml': conf,
        });
      } finally {
        await registry.close();
      }
    },
  );

  it('make a layout where nothing is, and find what is there the second time', async () => {
    const folder = await workFolder({ 'a.txt': 'a', 'b.txt': 'b' });
    const first = await json(['push', './layout:v1', 'a.txt', 'b.txt', '-a', TIME], folder);
    const second = await json(['push', './layout:v2', 'a.txt', 'b.txt', '-a', TIME], folder);
    expect(second['digest']).toBe(first['digest']);
    expect(second).toMatchObject({ sent: { blobs: 0, bytes: 0 }, skipped: { blobs: 3 } });
    const { out } = await runVerb(['pull', './layout:v2', '-o', 'out'], folder);
    expect(out).toBe(
      `Pulled   out/a.txt  1 B\nPulled   out/b.txt  1 B\nDigest ${String(first['digest'])}\n2 B fetched\n`,
    );
  });

  it('attach to an index, to the image of one platform, and to another referrer', async () => {
    const folder = await workFolder({ 'a.txt': 'a', 'sbom.json': '{}' });
    const manifests: object[] = [];
    for (const architecture of ['amd64', 'arm64']) {
      const { digest, size, mediaType } = await json(
        ['push', './layout', 'a.txt', '--artifact-type', `x/${architecture}`],
        folder,
      );
      manifests.push({ mediaType, digest, size, platform: { os: 'linux', architecture } });
    }
    const layout = await openLayout(path.join(folder, 'layout'), { signal });
    const writer = await layout.target.openWriter!({ signal });
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests }));
    const index = { bytes, mediaType: MEDIA_TYPES.index, tags: ['all'] };
    const written = await writer.writeManifests([index], { signal });
    await writer.finish({ signal });
    await writer.close();

    const words = ['sbom.json', '--artifact-type', 'application/spdx+json'];
    const toIndex = await json(['attach', './layout:all', ...words], folder);
    expect(toIndex['subject']).toBe(written.descriptors[0]!.digest);
    const toChild = await json(['attach', './layout:all', ...words, '--platform', 'linux/arm64'], folder);
    expect(manifests[1]).toMatchObject({ digest: toChild['subject'] });
    const toReferrer = await json(
      ['attach', `./layout@${String(toIndex['digest'])}`, 'a.txt', '--artifact-type', 'a/b'],
      folder,
    );
    expect(toReferrer['subject']).toBe(toIndex['digest']);
    for (const { subject, digest } of [toIndex, toChild, toReferrer]) {
      const answer = await layout.target.referrers!.list(subject as Digest, { signal });
      expect(answer).toMatchObject({ outcome: 'listed', referrers: [{ digest }] });
    }
    await layout.close();

    const none = await runVerb(['attach', './layout:all', ...words, '--platform', 'plan9/mips'], folder);
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('nothing for') as string });
    const gone = await runVerb(['attach', './layout:gone', ...words], folder);
    expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('gone') as string });
  });

  it('print the manifest beforehand and write nothing then', async () => {
    const folder = await workFolder({ 'a.txt': 'a' });
    const { code, out } = await runVerb(['push', './layout:v1', 'a.txt', '-a', TIME, '--plan'], folder);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 2, layers: [{ size: 1 }] });
    expect(Object.keys(await readTree(folder))).toEqual(['a.txt']);
  });

  it('take types from the content when they are asked to, and what was said before that', async () => {
    const folder = await workFolder({
      'sbom.json': '{"bomFormat":"CycloneDX"}',
      'a.wasm': Buffer.from('0061736d01000000', 'hex'),
      'layout/oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    });
    const plan = async (...words: readonly string[]): Promise<unknown> => {
      const { out } = await runVerb(['push', './l:v1', ...words, '--by-content', '--plan'], folder);
      return out === '' ? undefined : (JSON.parse(out) as unknown);
    };
    const type = 'application/vnd.cyclonedx+json';
    expect(await plan('sbom.json')).toMatchObject({ artifactType: type, layers: [{ mediaType: type }] });
    expect(await plan('sbom.json:a/b', '--artifact-type', 'c/d')).toMatchObject({
      artifactType: 'c/d',
      layers: [{ mediaType: 'a/b' }],
    });
    expect(await plan('a.wasm')).toMatchObject({
      config: { mediaType: 'application/vnd.wasm.config.v0+json' },
      layers: [{ mediaType: 'application/wasm' }],
    });
    expect(await plan('layout')).toBeUndefined();
  });

  it('keep, overwrite or rename files that are there', async () => {
    const folder = await workFolder({
      'a.txt': 'new',
      'same.txt': 'same',
      'tree/x': 'new x',
      'tree/y': 'new y',
    });
    await json(['push', './layout:v1', 'a.txt', 'same.txt', 'tree'], folder);
    const before = { 'a.txt': 'old', 'same.txt': 'same', 'tree/x': 'old x', 'tree/z': 'z' };
    const text = (place: string): Promise<string> => readFile(path.join(folder, place), 'utf8');

    await writeTree(path.join(folder, 'plain'), before);
    const plain = await runVerb(['pull', './layout:v1', '-o', 'plain'], folder);
    expect(plain.code).toBe(3);
    expect(plain.err).toContain('a.txt was there with other content and stayed');

    for (const choice of ['keep', 'overwrite', 'rename']) {
      await writeTree(path.join(folder, choice), before);
      const { code } = await runVerb(['pull', './layout:v1', '-o', choice, '--existing', choice], folder);
      expect(code).toBe(choice === 'keep' ? 3 : 0);
    }
    expect(await text('keep/a.txt')).toBe('old');
    expect(await text('keep/tree/x')).toBe('old x');
    expect(await text('keep/tree/y')).toBe('new y');
    expect(await text('overwrite/a.txt')).toBe('new');
    expect(await text('overwrite/tree/x')).toBe('new x');
    expect(await text('overwrite/tree/z')).toBe('z');
    expect(await text('rename/a.txt')).toBe('old');
    expect(await text('rename/a (2).txt')).toBe('new');
    expect(await text('rename/tree/x (2)')).toBe('new x');
    expect(Object.keys(await readTree(path.join(folder, 'rename')))).not.toContain('same (2).txt');
  });

  it('write through no link that lies in the folder, and replace the link itself', async () => {
    const folder = await workFolder({
      'sub/a.txt': 'new',
      'b.txt': 'new',
      'outside/a.txt': 'old',
      'outside/b.txt': 'old',
    });
    await json(['push', './layout:v1', 'sub/a.txt', 'b.txt'], folder);
    await mkdir(path.join(folder, 'out'));
    await symlink('../outside', path.join(folder, 'out/sub'));
    await symlink('../outside/b.txt', path.join(folder, 'out/b.txt'));
    const { code, err } = await runVerb(
      ['pull', './layout:v1', '-o', 'out', '--existing', 'overwrite'],
      folder,
    );
    expect(code).toBe(3);
    expect(err).toContain('nothing is written through links');
    expect(await readFile(path.join(folder, 'outside/a.txt'), 'utf8')).toBe('old');
    expect(await readFile(path.join(folder, 'outside/b.txt'), 'utf8')).toBe('old');
    expect(await readFile(path.join(folder, 'out/b.txt'), 'utf8')).toBe('new');
  });

  it.each([
    [['push'], 'PLACE is missing'],
    [['push', './l:v1', 'a.txt', '--annotation', 'x'], 'KEY=VALUE'],
    [['push', './l:v1', 'a.txt', '-a', 'x=1', '--annotation-file', 'f'], 'exclude each other'],
    [['push', './l:v1', ':a/b'], 'names no file'],
    [['push', './l:v1', 'a.txt', '--image-spec', 'v2'], '--image-spec'],
    [['attach', './l:v1', 'a.txt'], '--artifact-type is missing'],
    [['attach', './l:v1', 'a.txt', '--artifact-type', 'a/b', '--platform', 'linux'], '--platform is'],
    [['pull'], 'PLACE is missing'],
    [['pull', './l:v1', '--existing', 'ask'], '--existing is'],
    [['pull', 'localhost:1/a:v1', 'more'], 'too much'],
    [['pull', './l'], 'Pull what?'],
    [['pull', './l:v1', '--bogus'], 'bogus'],
  ])('refuse %j', async (words, reason) => {
    const folder = await workFolder({ 'a.txt': 'a' });
    await json(['push', './l:v1', 'a.txt'], folder);
    const { code, err } = await runVerb(words, folder);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(reason) as string });
  });

  it('say which file is the matter, and tag nothing', async () => {
    const folder = await workFolder({ 'a.txt': 'a', 'f/secret': 's' });
    await chmod(path.join(folder, 'f/secret'), 0);
    const missing = await runVerb(['push', './layout:v1', 'a.txt', 'gone.txt'], folder);
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('gone.txt') as string });
    const type = await runVerb(['push', './layout:v1', 'a.txt:text'], folder);
    expect(type).toMatchObject({ code: 1, err: expect.stringContaining('no media type') as string });
    expect(Object.keys(await readTree(folder))).not.toContain('layout');
  });

  it('stop when they are told to', async () => {
    const folder = await workFolder({ 'a.txt': 'a' });
    await json(['push', './layout:v1', 'a.txt'], folder);
    const signal = AbortSignal.abort();
    for (const words of [
      ['push', './layout:v2', 'a.txt'],
      ['attach', './layout:v1', 'a.txt', '--artifact-type', 'a/b'],
      ['pull', './layout:v1', '-o', 'out'],
    ])
      expect((await runVerb(words, folder, { signal })).code).toBe(130);
    expect((await runVerb(['pull', './layout:v2', '-o', 'out'], folder)).code).toBe(1);
  });
});
