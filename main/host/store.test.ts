import { createServer } from 'node:net';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { type HostClient, startHost } from '../testing/host-client.ts';
import { LayoutFiles, named } from '../testing/make-layout.ts';

let host: HostClient;

beforeEach(async () => {
  host = await startHost();
});
afterEach(() => host.close());

interface OpenedLayout {
  readonly source: string;
  readonly folder: string;
  readonly image: Descriptor;
  readonly layer: Descriptor;
  readonly orphan: Descriptor;
}

/** A layout with one tagged image and a blob that nothing leads to, opened as a source. */
async function openLayout(): Promise<OpenedLayout> {
  const files = new LayoutFiles();
  const layer = files.blob('layer '.repeat(500));
  const image = files.manifest({ layers: [layer] });
  const orphan = files.blob('nobody names this');
  files.setEntries([named(image, '1.0')]);
  const folder = await files.writeTo(path.join(host.folder, 'release layout'));
  const { source } = await host.call('sources.add', { kind: 'layout', location: folder });
  return { source: source.id, folder, image, layer, orphan };
}

function blobPath(folder: string, { digest }: Descriptor): string {
  return path.join(folder, 'blobs', digest.replace(':', '/'));
}

const CHOICES = { grace: 0, keepReferrers: true, sparse: false };

describe('the store service', () => {
  it('measures a layout: rows as steps, totals at the end', async () => {
    const { source, image, layer, orphan } = await openLayout();
    const { output, steps } = await host.collect('store.measure', { source });
    const bytes = image.size + layer.size + 2;
    expect(steps).toEqual([
      { rows: [{ digest: image.digest, names: ['1.0'], logical: bytes, unique: bytes }] },
    ]);
    expect(output).toEqual({
      logical: bytes,
      unique: bytes,
      stored: { blobs: 4, bytes: bytes + orphan.size },
      missing: 0,
      unreadable: 0,
      rows: 1,
    });
  });

  it('checks a sound layout, finds what is damaged, and repairs it by putting that aside', async () => {
    const { source, folder, layer, orphan } = await openLayout();
    expect(await host.call('store.check', { source })).toMatchObject({
      kind: 'folder',
      problems: [],
      orphans: { count: 1, bytes: orphan.size, largest: [{ digest: orphan.digest, size: orphan.size }] },
    });

    await writeFile(blobPath(folder, layer), 'other bytes');
    const { problems, problemCounts } = await host.call('store.check', { source });
    expect(problems).toMatchObject([{ kind: 'corrupt', digest: layer.digest }]);
    expect(problemCounts).toEqual([{ kind: 'corrupt', count: 1 }]);

    const repaired = await host.call('store.repair', { source });
    expect(repaired).toMatchObject({
      quarantined: [layer.digest],
      index: 'kept',
      report: { problems: [{ kind: 'missing', digest: layer.digest }], quarantine: { count: 1 } },
    });
  });

  it('checks and repairs a layout whose index.json cannot be read any more', async () => {
    const { source, folder, image } = await openLayout();
    await writeFile(path.join(folder, 'index.json'), '{"schemaVersion":2,"manifests":[');
    expect(await host.call('store.check', { source })).toMatchObject({
      problemCounts: [{ kind: 'index', count: 1 }],
      hasPreviousIndex: false,
    });
    expect(await host.call('store.repair', { source, index: 'rebuild' })).toMatchObject({
      index: 'rebuilt',
      report: { problems: [] },
    });
    const { steps } = await host.collect('repository.entries', { target: { source } });
    expect(steps).toEqual([{ entries: [expect.objectContaining({ digest: image.digest })] }]);
  });

  it('says what a clean-up would take, takes nothing before, and then exactly that', async () => {
    const { source, folder, orphan } = await openLayout();
    const young = await host.call('store.findGarbage', { ...CHOICES, source, grace: 60_000 });
    expect(young).toMatchObject({ garbageBlobs: 0, youngBlobs: 1, youngBytes: orphan.size });
    const found = await host.call('store.findGarbage', { ...CHOICES, source });
    expect(found).toMatchObject({
      garbage: [{ digest: orphan.digest, size: orphan.size }],
      garbageBlobs: 1,
      garbageBytes: orphan.size,
      liveBlobs: 3,
    });
    expect(await readdir(path.join(folder, 'blobs', 'sha256'))).toHaveLength(4);
    expect(await host.call('store.collectGarbage', { ...CHOICES, source })).toEqual(found);
    expect(await readdir(path.join(folder, 'blobs', 'sha256'))).toHaveLength(3);
  });

  it('takes nothing where something cannot be read, and says what', async () => {
    const { source, folder, image } = await openLayout();
    await rm(blobPath(folder, image));
    await expect(host.call('store.collectGarbage', { ...CHOICES, source })).rejects.toMatchObject({
      code: 'CONFLICT',
      details: { cause: 'MISSING' },
    });
    expect(await readdir(path.join(folder, 'blobs', 'sha256'))).toHaveLength(3);
  });

  it('makes the local store when it is asked about, and refuses a registry', async () => {
    expect(await host.call('store.check', { source: 'local' })).toMatchObject({ blobs: 0, problems: [] });
    expect(await host.call('store.measure', { source: 'local' })).toMatchObject({ logical: 0 });
    const { source } = await host.call('sources.add', { kind: 'registry', location: 'localhost:1' });
    for (const name of ['store.check', 'store.measure'] as const)
      await expect(host.call(name, { source: source.id })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('the serving service', () => {
  const ANY = { port: 0, readOnly: true, token: false };

  it('serves a layout on loopback until it is stopped, and tells every window', async () => {
    const { source, image } = await openLayout();
    const told: string[][] = [];
    host.on('serving.changed', ({ served }) => told.push(served.map(({ address }) => address)));
    const { served } = await host.call('serving.start', { ...ANY, source });
    expect(served).toMatchObject({
      source,
      readOnly: true,
      example: { repository: 'release-layout', tag: '1.0' },
    });
    expect(await host.call('serving.list', {})).toEqual({ served: [served] });
    expect(await host.call('serving.start', { ...ANY, source })).toEqual({ served });

    const answer = await fetch(`http://${served.address}/v2/release-layout/manifests/1.0`);
    expect(answer.headers.get('docker-content-digest')).toBe(image.digest);

    await host.call('serving.stop', { source });
    await host.call('serving.stop', { source });
    expect(told).toEqual([[served.address], []]);
    await expect(fetch(`http://${served.address}/v2/`)).rejects.toThrow();
  });

  it('lets only clients in that know the token, where one was wanted', async () => {
    const { source } = await openLayout();
    const { served } = await host.call('serving.start', { ...ANY, source, token: true });
    const url = `http://${served.address}/v2/`;
    expect((await fetch(url)).status).toBe(401);
    const known = Buffer.from(`anybody:${served.token!}`).toString('base64');
    expect((await fetch(url, { headers: { authorization: `Basic ${known}` } })).status).toBe(200);
  });

  it('says so when the port is taken, and serves on another one then', async () => {
    const { source } = await openLayout();
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    );
    await expect(host.call('serving.start', { ...ANY, source, port })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect((await host.call('serving.start', { ...ANY, source })).served.port).not.toBe(port);
    other.close();
  });

  it('stops serving what is taken off the list, and everything when the program ends', async () => {
    const { source } = await openLayout();
    const first = await host.call('serving.start', { ...ANY, source });
    await host.call('sources.remove', { source });
    await expect(fetch(`http://${first.served.address}/v2/`)).rejects.toThrow();
    const store = await host.call('serving.start', { ...ANY, source: 'local', readOnly: false });
    expect(store.served).toMatchObject({ readOnly: false });
    expect(store.served.example).toBeUndefined();
    await host.stop();
    await expect(fetch(`http://${store.served.address}/v2/`)).rejects.toThrow();
  });
});
