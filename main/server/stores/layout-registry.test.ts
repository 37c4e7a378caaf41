import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { referrersTag } from '../../../shared/oci/referrers-tag.ts';
import { nodeFileSystem } from '../../layout/node-file-system.ts';
import { createLayout } from '../../layout/write-layout.ts';
import { ConformanceData, digestOfBytes, type DataDescriptor } from '../../testing/conformance-data.ts';
import { LayoutFiles, named } from '../../testing/make-layout.ts';
import { pushBlob, pushData } from '../../testing/push-data.ts';
import { serveLayout, type ServedLayout, type ServeLayoutOptions } from '../../testing/serve-layout.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

async function serve(options: ServeLayoutOptions = {}): Promise<ServedLayout> {
  const served = await serveLayout(options);
  onTestFinished(() => served.close());
  return served;
}

async function serveFiles(files: LayoutFiles, name = 'Release Layout'): Promise<ServedLayout> {
  const folder = path.join(await temporaryFolder(), name);
  await mkdir(folder);
  return serve({ folder: await files.writeTo(folder) });
}

const statusOf = async (served: ServedLayout, place: string): Promise<number> =>
  (await served.send(place, { method: 'HEAD' })).status;

async function listed(served: ServedLayout, place: string, field: string): Promise<unknown> {
  const { json } = await served.send(place);
  return (json() as Record<string, unknown>)[field];
}

const catalog = (served: ServedLayout): Promise<unknown> => listed(served, '/v2/_catalog', 'repositories');
const tagsOf = (served: ServedLayout, repository: string): Promise<unknown> =>
  listed(served, `/v2/${repository}/tags/list`, 'tags');
const referrersOf = async (
  served: ServedLayout,
  repository: string,
  digest: string,
): Promise<readonly string[]> =>
  (
    (await listed(served, `/v2/${repository}/referrers/${digest}`, 'manifests')) as readonly DataDescriptor[]
  ).map((each) => each.digest);

function image(options: Parameters<ConformanceData['image']>[0] = {}): ConformanceData {
  const data = new ConformanceData();
  data.image(options);
  return data;
}

describe('a plain layout', () => {
  it('is one repository, named after its folder, with everything that its index leads to', async () => {
    const files = new LayoutFiles();
    const child = files.manifest();
    const index = files.index([child]);
    const [untagged, orphan] = [files.manifest({ annotations: { a: 'b' } }), files.blob('nobody names it')];
    files.setEntries([
      named(index, 'v1'),
      untagged,
      named(files.manifest({ annotations: { c: 'd' } }), 'a name'),
    ]);
    const served = await serveFiles(files);
    expect(await catalog(served)).toEqual(['release-layout']);
    expect(await tagsOf(served, 'release-layout')).toEqual(['v1']);
    for (const reference of ['v1', index.digest, child.digest, untagged.digest])
      expect([reference, await statusOf(served, `/v2/release-layout/manifests/${reference}`)]).toEqual([
        reference,
        200,
      ]);
    const read = await served.send(`/v2/release-layout/manifests/${child.digest}`);
    expect([read.headers['content-type'], digestOfBytes(read.body, 'sha256')]).toEqual([
      MEDIA_TYPES.manifest,
      child.digest,
    ]);
    const config = digestOfBytes(Buffer.from('{}'), 'sha256');
    expect(await statusOf(served, `/v2/release-layout/blobs/${config}`)).toBe(200);
    for (const elsewhere of [
      `/v2/release-layout/blobs/${orphan.digest}`,
      `/v2/release-layout/manifests/${orphan.digest}`,
      `/v2/release-layout/manifests/${config}`,
      `/v2/release-layout/manifests/v2`,
      `/v2/other/manifests/v1`,
      `/v2/other/manifests/${child.digest}`,
      `/v2/other/blobs/${config}`,
    ])
      expect([elsewhere, await statusOf(served, elsewhere)]).toEqual([elsewhere, 404]);
  });

  it('has full references, as podman writes them, as repositories of their own', async () => {
    const files = new LayoutFiles();
    const [one, two] = [
      files.manifest({ annotations: { n: '1' } }),
      files.manifest({ annotations: { n: '2' } }),
    ];
    files.setEntries([
      named(one, 'docker.io/library/app:1.0'),
      named(two, 'localhost:5000/app:1.0'),
      named(two, 'team/tool:v1'),
    ]);
    const served = await serveFiles(files);
    expect(await catalog(served)).toEqual(['docker.io/library/app', 'release-layout', 'team/tool']);
    expect(await tagsOf(served, 'docker.io/library/app')).toEqual(['1.0']);
    expect(await statusOf(served, `/v2/docker.io/library/app/manifests/${one.digest}`)).toBe(200);
    expect(await statusOf(served, `/v2/docker.io/library/app/manifests/${two.digest}`)).toBe(404);
    // A name with a port is no repository: what it names is there by its digest.
    expect(await statusOf(served, `/v2/release-layout/manifests/${two.digest}`)).toBe(200);
    expect(await tagsOf(served, 'release-layout')).toEqual([]);
  });

  it('lists referrers that only the index under their tag leads to, as regctl writes them', async () => {
    const files = new LayoutFiles();
    const subject = files.manifest();
    const referrer = files.manifest({ subject, artifactType: 'text/x-note' });
    const fallback = files.index([referrer]);
    files.setEntries([named(subject, 'v1'), named(fallback, referrersTag(subject.digest))]);
    const served = await serveFiles(files);
    expect(await referrersOf(served, 'release-layout', subject.digest)).toEqual([referrer.digest]);
    expect(await statusOf(served, `/v2/release-layout/manifests/${referrer.digest}`)).toBe(200);
    expect(await tagsOf(served, 'release-layout')).toEqual([referrersTag(subject.digest), 'v1']);
  });

  it('sees what other programs change while it is served', async () => {
    const served = await serve({ ownName: 'store' });
    expect(await catalog(served)).toEqual([]);
    const writer = await createLayout(served.folder);
    const { manifests } = image();
    const { signal } = new AbortController();
    await writer.putManifests([{ bytes: manifests[0]!.bytes, mediaType: MEDIA_TYPES.manifest, name: 'v1' }], {
      signal,
    });
    expect(await tagsOf(served, 'store')).toEqual(['v1']);
    await writer.untag('v1', { signal });
    await writer.close();
    expect(await tagsOf(served, 'store')).toEqual([]);
    expect(await statusOf(served, `/v2/store/manifests/${manifests[0]!.digest}`)).toBe(200);
  });
});

describe('several repositories in one layout', () => {
  it('are apart: tags, manifests, blobs and referrers, also after a restart', async () => {
    const first = await serve({ ownName: 'own' });
    const data = new ConformanceData();
    const subject = data.image({ tag: 'v1' });
    const [note] = [data.artifact({ subject, artifactType: 'text/x-note' })];
    await pushData(first, 'team/app', data);
    const plain = new ConformanceData();
    plain.image({ tag: 'v1' });
    await pushData(first, 'own', plain);
    const [blob] = [...data.blobs.keys()];
    // The same image without what refers to it.
    const copy = new ConformanceData();
    for (const [digest, bytes] of data.blobs) copy.blobs.set(digest, bytes);
    copy.manifests.push(data.manifests[0]!);
    await pushData(first, 'other/app', copy);

    await first.stop();
    const second = await serve({ folder: first.folder, ownName: 'own' });
    for (const served of [second]) {
      expect(await catalog(served)).toEqual(['other/app', 'own', 'team/app']);
      expect(await tagsOf(served, 'team/app')).toEqual(['v1']);
      expect(await tagsOf(served, 'other/app')).toEqual([]);
      expect(await tagsOf(served, 'own')).toEqual(['v1']);
      expect(await referrersOf(served, 'team/app', subject.digest)).toEqual([note.digest]);
      expect(await referrersOf(served, 'other/app', subject.digest)).toEqual([]);
      expect(await referrersOf(served, 'own', subject.digest)).toEqual([]);
      expect(await statusOf(served, `/v2/other/app/manifests/${note.digest}`)).toBe(404);
      expect(await statusOf(served, `/v2/own/manifests/${subject.digest}`)).toBe(404);
      expect(await statusOf(served, `/v2/own/blobs/${blob!}`)).toBe(404);
      // The index of referrers that is kept for programs which read the folder is nobody's tag.
      expect(
        await statusOf(served, `/v2/own/manifests/${referrersTag(subject.digest as Descriptor['digest'])}`),
      ).toBe(404);
    }
  });

  it('keep a blob that was uploaded and that no manifest names, each for itself, over a restart', async () => {
    const first = await serve();
    const bytes = Buffer.from('uploaded, never named');
    const digest = digestOfBytes(bytes, 'sha256');
    await pushBlob(first, 'team/app', digest, bytes);
    await first.stop();
    const served = await serve({ folder: first.folder });
    expect((await served.send(`/v2/team/app/blobs/${digest}`)).body).toEqual(bytes);
    expect(await statusOf(served, `/v2/team/other/blobs/${digest}`)).toBe(404);
    expect(await statusOf(served, `/v2/team/blobs/${digest}`)).toBe(404);
  });

  it('move a tag, and keep what it named before by its digest', async () => {
    const served = await serve();
    const [one, two] = [image({ tag: 'v1' }), image({ tag: 'v1' })];
    await pushData(served, 'team/app', one);
    await pushData(served, 'team/app', two);
    const read = await served.send('/v2/team/app/manifests/v1', { method: 'HEAD' });
    expect(read.headers['docker-content-digest']).toBe(two.manifests[0]!.digest);
    expect(await statusOf(served, `/v2/team/app/manifests/${one.manifests[0]!.digest}`)).toBe(200);
  });

  it('hide a deleted child of an index that stays, until it is pushed again', async () => {
    const served = await serve();
    const data = new ConformanceData();
    const child = data.image();
    const index = data.index([child], { tag: 'v1' });
    await pushData(served, 'team/app', data);
    const [manifest, config] = [
      `/v2/team/app/manifests/${child.digest}`,
      `/v2/team/app/blobs/${[...data.blobs.keys()][0]!}`,
    ];
    for (const place of [manifest, config]) {
      expect((await served.send(place, { method: 'DELETE' })).status).toBe(202);
      expect((await served.send(place)).status).toBe(404);
      expect((await served.send(place, { method: 'DELETE' })).status).toBe(404);
    }
    expect(await statusOf(served, `/v2/team/app/manifests/${index.digest}`)).toBe(200);
    await served.stop();
    const again = await serve({ folder: served.folder });
    expect([await statusOf(again, manifest), await statusOf(again, config)]).toEqual([404, 404]);
    await pushData(again, 'team/app', data);
    expect([await statusOf(again, manifest), await statusOf(again, config)]).toEqual([200, 200]);
  });

  it('let go of content one by one: the last one takes it out of the layout’s index', async () => {
    const served = await serve({ ownName: 'own' });
    const data = new ConformanceData();
    const subject = data.image({ tag: 'v1' });
    data.artifact({ subject, artifactType: 'text/x-note' });
    for (const repository of ['own', 'a', 'b']) await pushData(served, repository, data);
    const entries = async (): Promise<number> =>
      (JSON.parse(await readFile(path.join(served.folder, 'index.json'), 'utf8')) as { manifests: unknown[] })
        .manifests.length;
    for (const repository of ['own', 'a', 'b']) {
      expect(await entries()).toBeGreaterThan(0);
      for (const { digest } of data.manifests.toReversed()) {
        const { status } = await served.send(`/v2/${repository}/manifests/${digest}`, { method: 'DELETE' });
        expect(status).toBe(202);
      }
      expect(await catalog(served)).toEqual(
        ['a', 'b', 'own'].slice(repository === 'own' ? 0 : repository === 'a' ? 1 : 2, 2),
      );
    }
    expect(await entries()).toBe(0);
  });
});

describe('what is wrong in a layout', () => {
  it('is told in a warning where it may hide something, and breaks nothing else', async () => {
    const files = new LayoutFiles();
    const subject = files.manifest();
    const [good, bad] = [files.manifest({ subject, n: 1 }), files.manifest({ subject, n: 2 })];
    files.files.set(`blobs/${bad.digest.replace(':', '/')}`, Buffer.from('damaged'));
    files.setEntries([named(subject, 'v1'), good, bad]);
    const served = await serveFiles(files);
    const answer = await served.send(`/v2/release-layout/referrers/${subject.digest}`);
    expect(
      (answer.json() as { manifests: readonly DataDescriptor[] }).manifests.map(({ digest }) => digest),
    ).toEqual([good.digest]);
    expect(answer.all('warning')).toEqual([
      expect.stringMatching(/^299 - "Something in this repository cannot be read/),
    ]);
    expect((await served.send('/v2/release-layout/manifests/v1')).status).toBe(200);
    const damaged = await served.send(`/v2/release-layout/manifests/${bad.digest}`);
    expect([damaged.status, damaged.json()]).toMatchObject([500, { errors: [{ code: 'UNKNOWN' }] }]);
    expect(served.faults).toHaveLength(1);
  });

  it('breaks off a damaged blob before its end, so that nobody takes it for whole', async () => {
    const files = new LayoutFiles();
    const content = Buffer.alloc(1024 * 1024, 'content');
    const layer = files.blob(content);
    files.files.set(`blobs/${layer.digest.replace(':', '/')}`, Buffer.alloc(content.byteLength, 'other!!'));
    files.setEntries([named(files.manifest({ layers: [layer] }), 'v1')]);
    const served = await serveFiles(files);
    await expect(served.send(`/v2/release-layout/blobs/${layer.digest}`)).rejects.toThrow();
    expect(served.faults).toMatchObject([{ code: 'DIGEST_MISMATCH' }]);
  });

  it('is no longer found where a file is gone', async () => {
    const served = await serve();
    const data = image({ tag: 'v1' });
    await pushData(served, 'team/app', data);
    const { digest } = data.manifests[0]!;
    await rm(path.join(served.folder, 'blobs', ...digest.split(':')));
    const answer = await served.send('/v2/team/app/manifests/v1');
    expect(answer.status).toBe(404);
    expect(answer.all('warning')).toEqual([expect.stringContaining('its content is missing')]);
  });

  it('is never read as an empty layout: an index that cannot be read is an error', async () => {
    const served = await serve();
    await pushData(served, 'team/app', image({ tag: 'v1' }));
    await writeFile(path.join(served.folder, 'index.json'), '{"manifests": [');
    for (const place of ['/v2/_catalog', '/v2/team/app/tags/list', '/v2/team/app/manifests/v1']) {
      const { status, json } = await served.send(place);
      expect([place, status, json()]).toMatchObject([place, 500, { errors: [{ code: 'UNKNOWN' }] }]);
    }
    const pushed = await served.send('/v2/team/app/manifests/v2', {
      method: 'PUT',
      body: image().manifests[0]!.bytes,
    });
    expect(pushed.status).toBeGreaterThanOrEqual(400);
    expect(await readFile(path.join(served.folder, 'index.json'), 'utf8')).toBe('{"manifests": [');
  });

  it.each(['ENOSPC', 'EROFS'])(
    'refuses pushes when the disk says %s, loses nothing, and goes on serving',
    async (code) => {
      let refuses = false;
      const served = await serve({
        fileSystem: {
          ...nodeFileSystem,
          open: (file, mode, permissions) =>
            refuses && mode === 'create'
              ? Promise.reject(Object.assign(new Error(code), { code }))
              : nodeFileSystem.open(file, mode, permissions),
        },
      });
      const data = image({ tag: 'v1' });
      await pushData(served, 'team/app', data);
      refuses = true;
      const [manifest] = image().manifests;
      const large = Buffer.alloc(3 * 1024 * 1024, 'large');
      for (const [method, place, body] of [
        [
          'POST',
          `/v2/team/app/blobs/uploads/?digest=${digestOfBytes(Buffer.from('small'), 'sha256')}`,
          Buffer.from('small'),
        ],
        ['POST', `/v2/team/app/blobs/uploads/?digest=${digestOfBytes(large, 'sha256')}`, large],
        ['PUT', '/v2/team/app/manifests/v1', manifest!.bytes],
      ] as const) {
        const { status, json } = await served.send(place, { method, body });
        expect([status, json()]).toMatchObject([
          500,
          { errors: [{ code: 'UNKNOWN', message: expect.stringContaining(code) }] },
        ]);
      }
      refuses = false;
      const read = await served.send('/v2/team/app/manifests/v1', { method: 'HEAD' });
      expect([read.status, read.headers['docker-content-digest']]).toEqual([200, data.manifests[0]!.digest]);
      await pushData(served, 'team/app', image({ tag: 'v2' }));
      expect(await tagsOf(served, 'team/app')).toEqual(['v1', 'v2']);
    },
  );
});

describe('garbage collection beside a server', () => {
  it('takes only what no repository’s manifests name, and what it takes is gone from every repository', async () => {
    const served = await serve();
    const data = image({ tag: 'v1' });
    const bytes = Buffer.from('never named');
    const digest = digestOfBytes(bytes, 'sha256');
    await pushData(served, 'team/app', data);
    await pushBlob(served, 'team/app', digest, bytes);
    const writer = await createLayout(served.folder);
    const { garbage } = await writer.collectGarbage({ grace: -1, signal: new AbortController().signal });
    await writer.close();
    expect(garbage.map((each) => each.digest)).toEqual([digest]);
    expect(await statusOf(served, `/v2/team/app/blobs/${digest}`)).toBe(404);
    for (const each of data.blobs.keys())
      expect(await statusOf(served, `/v2/team/app/blobs/${each}`)).toBe(200);

    await served.stop();
    const again = await serve({ folder: served.folder });
    await pushBlob(again, 'team/other', digest, bytes);
    await expect.poll(() => statusOf(again, `/v2/team/app/blobs/${digest}`)).toBe(404);
  });
});
