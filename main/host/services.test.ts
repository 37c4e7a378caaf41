import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contract } from '../../shared/contract/contract.ts';
import type { Place } from '../../shared/contract/source.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { serveContent } from '../testing/content-script.ts';
import { type HostClient, startHost } from '../testing/host-client.ts';
import type { ScriptedRegistry } from '../testing/scripted-registry.ts';
import { type ServedImage, serveImage } from '../testing/serve-image.ts';

let host: HostClient;
const registries: ScriptedRegistry[] = [];

beforeEach(async () => {
  host = await startHost();
});
afterEach(async () => {
  await host.close();
  await Promise.all(registries.splice(0).map((registry) => registry.close()));
});

async function serve(): Promise<ServedImage> {
  const served = await serveImage();
  registries.push(served.registry);
  return served;
}

describe('services', () => {
  it('have a handler of their own for every procedure of the contract', () => {
    expect(Object.keys(host.services.handlers).sort()).toEqual(Object.keys(contract).sort());
  });

  it('tell which host they serve and what it can do', async () => {
    expect(await host.call('host.info', {})).toMatchObject({
      host: 'web',
      version: '0.0.0-test',
      canPickFolder: false,
    });
    const other = await startHost({
      hostKind: 'electron',
      ports: { pickPath: () => Promise.resolve(undefined) },
      open: 'alpine',
    });
    expect(await other.call('host.info', {})).toMatchObject({
      host: 'electron',
      canPickFolder: true,
      open: 'alpine',
    });
    await other.close();
  });

  it('write what the window reports to the log of the host', async () => {
    await host.call('log.write', { level: 'error', message: 'it broke', stack: 'at x' });
    expect(host.log).toEqual([{ level: 'error', from: 'window', message: 'it broke', stack: 'at x' }]);
  });

  it('create nothing on disk until something is kept', async () => {
    await host.call('sources.list', {});
    expect(await readdir(host.folder)).toEqual([]);
  });

  it('give only answers that survive a structured clone and JSON', async () => {
    const { target, image, layer } = await serve();
    const { place } = await host.call('place.resolve', {
      text: `${target.source.slice('registry:'.length)}/team/app:1.0`,
    });
    const node = { target, ...image, manifest: true };
    const answers = [
      await host.collect('host.info', {}),
      await host.collect('sources.list', {}),
      await host.collect('sources.probe', { source: place.source }),
      await host.collect('repositories.list', { source: place.source }),
      await host.collect('repository.entries', { target }),
      await host.collect('repository.resolve', { target, tags: ['1.0', 'absent'] }),
      await host.collect('repository.describe', { target, digests: [image.digest, layer.digest] }),
      await host.collect('graph.walk', { target, reference: '1.0' }),
      await host.collect('content.describe', node),
      await host.collect('content.read', node),
      await host.collect('content.saveAddress', { ...node, fileName: 'x' }),
      await host.collect('sample.create', {}),
    ];
    for (const answer of answers) {
      expect(structuredClone(answer)).toEqual(answer);
      expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
    }
  });
});

describe('sources', () => {
  it('are added, told to every window, probed and removed', async () => {
    const { registry } = await serve();
    const told: string[][] = [];
    host.on('sources.changed', ({ sources }) => told.push(sources.map(({ id }) => id)));
    const { source } = await host.call('sources.add', { kind: 'registry', location: registry.host });
    expect(source).toEqual({
      id: `registry:${registry.host}`,
      kind: 'registry',
      label: registry.host,
      location: registry.host,
      pinned: [],
    });
    expect((await host.call('sources.probe', { source: source.id })).source).toMatchObject({
      plainHttp: true,
    });
    await host.call('sources.pin', { source: source.id, repository: 'team/app', pinned: true });
    await host.call('sources.remove', { source: source.id });
    expect(told).toEqual([['local', source.id], ['local', source.id], ['local', source.id], ['local']]);
    await expect(host.call('repositories.list', { source: source.id })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('say how a registry is spoken to as soon as it answered anything', async () => {
    const { registry } = await serve();
    const told: (boolean | undefined)[] = [];
    host.on('sources.changed', ({ sources }) => told.push(sources[1]?.plainHttp));
    const { source } = await host.call('sources.add', { kind: 'registry', location: registry.host });
    await host.call('repositories.list', { source: source.id });
    expect(told).toEqual([undefined, true]);
    await host.call('repositories.list', { source: source.id });
    expect(told).toHaveLength(2);
  });

  it('are there again after a restart', async () => {
    const { registry } = await serve();
    await host.call('sources.add', { kind: 'registry', location: `http://${registry.host}/` });
    await host.stop();
    host = await startHost({ folder: host.folder });
    expect((await host.call('sources.list', {})).sources[1]).toMatchObject({
      location: registry.host,
      plainHttp: true,
    });
  });

  it.each([
    ['team/app', 'no host'],
    ['myhost', 'a name that a reference would read as a repository'],
    ['localhost:5000/team/app', 'a repository'],
    ['https://user:canary@localhost:5000', 'a password'],
    ['', 'empty'],
  ])('refuse %j as a registry: it is %s', async (location) => {
    const error: unknown = await host
      .call('sources.add', { kind: 'registry', location })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_REFERENCE', hint: expect.any(String) });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  it('are picked with the dialog of the host, where it has one', async () => {
    await expect(host.call('sources.pick', { what: 'folder' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      hint: expect.any(String),
    });
    await host.call('sample.create', {});
    const store = path.join(host.dataFolder, 'store');
    const answers: (string | undefined)[] = [undefined, store];
    const other = await startHost({ ports: { pickPath: () => Promise.resolve(answers.shift()) } });
    expect(await other.call('sources.pick', { what: 'folder' })).toEqual({});
    expect(await other.call('sources.pick', { what: 'folder' })).toMatchObject({
      source: { id: `layout:${store}`, kind: 'layout' },
    });
    await other.close();
  });

  it('pass on a warning of a registry once', async () => {
    const { registry, target, content } = await serve();
    const serving = serveContent(content);
    registry.follow(async (request) => {
      const answer = await serving(request);
      return {
        ...answer,
        headers: { ...answer?.headers, warning: '299 - "This registry closes on Friday."' },
      };
    });
    const warnings: unknown[] = [];
    host.on('registry.warning', (warning) => warnings.push(warning));
    await host.call('sources.add', { kind: 'registry', location: registry.host });
    await host.call('repository.entries', { target });
    await host.call('repository.entries', { target });
    expect(warnings).toEqual([{ source: target.source, text: 'This registry closes on Friday.' }]);
  });
});

describe('sample graph', () => {
  it('is in the local store, in one graph from image to signature of the report, and the same when asked for again', async () => {
    const [first, second] = await Promise.all([
      host.call('sample.create', {}),
      host.call('sample.create', {}),
    ]);
    expect(second).toEqual(first);
    const place = first.place as Extract<Place, { kind: 'artifact' }>;
    expect(place).toEqual({ kind: 'artifact', source: 'local', tag: 'sample' });
    const { output, steps } = await host.collect('graph.walk', {
      target: { source: 'local' },
      reference: 'sample',
    });
    expect(output).toMatchObject({ complete: true, problems: 0 });
    const kinds = new Set(steps.flatMap(({ nodes }) => nodes).map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(['index', 'image', 'sbom-spdx', 'sarif']));
    const rows = await host.collect('repository.entries', { target: { source: 'local' } });
    expect(rows.steps.flatMap(({ entries }) => entries)).toContainEqual(
      expect.objectContaining({ tag: 'sample', mediaType: MEDIA_TYPES.index }),
    );
    const described = await host.collect('repository.describe', {
      target: { source: 'local' },
      digests: [output.root],
    });
    expect(described.steps[0]?.rows[0]).toMatchObject({
      kind: 'index',
      what: '2 platforms',
      created: expect.any(String),
    });
    expect(described.steps[0]?.rows[0]?.attached).toContainEqual({ kind: 'sbom-spdx', count: 1 });
  });
});
