import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contract } from '../../shared/contract/contract.ts';
import type { Place } from '../../shared/contract/source.ts';
import {
  addBlob,
  addManifest,
  emptyContent,
  failure,
  repositoryIn,
  serveContent,
} from '../testing/content-script.ts';
import { type HostClient, startHost } from '../testing/host-client.ts';
import { type Script, type ScriptedRegistry, startScriptedRegistry } from '../testing/scripted-registry.ts';

let host: HostClient;
const registries: ScriptedRegistry[] = [];

beforeEach(async () => {
  host = await startHost();
});
afterEach(async () => {
  await host.close();
  await Promise.all(registries.splice(0).map((registry) => registry.close()));
});

async function serve(script: Script): Promise<ScriptedRegistry> {
  const registry = await startScriptedRegistry(script);
  registries.push(registry);
  return registry;
}

const SPDX = 'application/spdx+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** A registry with an image for one platform under a tag, and an SBOM attached to it. */
async function serveImage(options: { readonly referrersApi?: boolean } = {}) {
  const content = emptyContent(options);
  const repository = repositoryIn(content, 'team/app');
  const blob = (text: string, mediaType: string) => ({
    mediaType,
    digest: addBlob(repository, Buffer.from(text)),
    size: Buffer.byteLength(text),
  });
  const config = blob(
    '{"os":"linux","architecture":"amd64","created":"2026-01-02T03:04:05Z","rootfs":{"type":"layers","diff_ids":[]}}',
    'application/vnd.oci.image.config.v1+json',
  );
  const layer = blob('layer', 'application/vnd.oci.image.layer.v1.tar+gzip');
  const image = addManifest(
    repository,
    { schemaVersion: 2, mediaType: MANIFEST, config, layers: [layer] },
    MANIFEST,
    '1.0',
  );
  const size = repository.manifests.get(image)?.bytes.byteLength ?? 0;
  const empty = blob('{}', 'application/vnd.oci.empty.v1+json');
  const sbom = addManifest(
    repository,
    {
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType: SPDX,
      config: empty,
      layers: [blob('{"spdxVersion":"SPDX-2.3"}', SPDX)],
      subject: { mediaType: MANIFEST, digest: image, size },
    },
    MANIFEST,
  );
  const registry = await serve(serveContent(content));
  const target = { source: `registry:${registry.host}`, repository: 'team/app' };
  return { registry, content, repository, target, image, size, sbom, config, layer };
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
    const { target, image, size, layer } = await serveImage();
    const { place } = await host.call('place.resolve', {
      text: `${target.source.slice('registry:'.length)}/team/app:1.0`,
    });
    const node = { target, digest: image, mediaType: MANIFEST, size, manifest: true };
    const answers = [
      await host.collect('host.info', {}),
      await host.collect('sources.list', {}),
      await host.collect('sources.probe', { source: place.source }),
      await host.collect('repositories.list', { source: place.source }),
      await host.collect('repository.entries', { target }),
      await host.collect('repository.resolve', { target, tags: ['1.0', 'absent'] }),
      await host.collect('repository.describe', { target, digests: [image, layer.digest] }),
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
    const { registry } = await serveImage();
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

  it('are there again after a restart', async () => {
    const { registry } = await serveImage();
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
    const { registry, target, content } = await serveImage();
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

describe('repositories', () => {
  it('come in pages as the registry gives them', async () => {
    const content = emptyContent();
    for (let index = 0; index < 2500; index += 1)
      repositoryIn(content, `r/${String(index).padStart(4, '0')}`);
    const registry = await serve(serveContent(content));
    const { source } = await host.call('sources.add', { kind: 'registry', location: registry.host });
    const { output, steps } = await host.collect('repositories.list', { source: source.id });
    expect(output).toEqual({ total: 2500 });
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.flatMap(({ repositories }) => repositories)).toHaveLength(2500);
  });

  it('that were typed are pinned where the registry lists none, and only there', async () => {
    const withCatalog = await serveImage();
    const answer = serveContent(withCatalog.content);
    const without = await serve((request) =>
      request.path === '/v2/_catalog' ? failure(404, 'UNSUPPORTED', 'no catalog here') : answer(request),
    );
    const pinned = new Promise<readonly string[]>((resolve) => {
      host.on('sources.changed', ({ sources }) => {
        const found = sources.find(({ location }) => location === without.host)?.pinned ?? [];
        if (found.length > 0) resolve(found);
      });
    });
    await host.call('place.resolve', { text: `${withCatalog.registry.host}/team/app` });
    await host.call('place.resolve', { text: `${without.host}/team/app:1.0` });
    expect(await pinned).toEqual(['team/app']);
    await expect(
      host.call('repositories.list', { source: `registry:${without.host}` }),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/UNSUPPORTED|NOT_FOUND|DENIED/),
      hint: expect.any(String),
    });
    await host.call('repositories.list', { source: withCatalog.target.source });
    const { sources } = await host.call('sources.list', {});
    expect(sources.map(({ pinned: names }) => names)).toEqual([[], [], ['team/app']]);
  });

  it('of a layout are not asked for', async () => {
    await expect(host.call('repositories.list', { source: 'local' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});

describe('rows of a repository', () => {
  it('are names first, then digests and details for those asked, each as it comes', async () => {
    const { target, image, size, config, layer, registry } = await serveImage();
    await host.call('place.resolve', { text: `${registry.host}/team/app` });
    const { output, steps } = await host.collect('repository.entries', { target });
    expect({ output, steps }).toEqual({ output: { total: 1 }, steps: [{ entries: [{ tag: '1.0' }] }] });
    const resolved = await host.collect('repository.resolve', { target, tags: ['1.0', 'absent', 'no tag'] });
    expect(new Map(resolved.steps.flatMap(({ rows }) => rows).map((row) => [row.tag, row]))).toMatchObject(
      new Map<string, object>([
        ['1.0', { tag: '1.0', digest: image, mediaType: MANIFEST, size }],
        ['absent', { tag: 'absent', error: { code: 'NOT_FOUND' } }],
        ['no tag', { tag: 'no tag', error: { code: 'INVALID_REFERENCE' } }],
      ]),
    );
    registry.forget();
    const described = await host.collect('repository.describe', { target, digests: [image, 'sha256:no'] });
    expect(
      new Map(described.steps.flatMap(({ rows }) => rows).map((row) => [row.digest, row])),
    ).toMatchObject(
      new Map<string, object>([
        [
          image,
          {
            kind: 'image',
            what: 'linux/amd64',
            created: '2026-01-02T03:04:05Z',
            size: size + config.size + layer.size,
            attached: [{ kind: 'sbom-spdx', count: 1 }],
          },
        ],
        ['sha256:no', { error: { code: 'INVALID_REFERENCE' } }],
      ]),
    );
    // Manifest, config and referrers: the tags of the listing say that there is no fallback tag and no signature.
    expect(registry.requests.map(({ path: asked }) => asked.split('/')[4]).sort()).toEqual([
      'blobs',
      'manifests',
      'referrers',
    ]);
  });

  it('ask nothing twice about a digest, and a tag again after a moment', async () => {
    let time = 0;
    await host.close();
    host = await startHost({ now: () => time });
    const { target, image, registry } = await serveImage();
    await host.call('place.resolve', { text: `${registry.host}/team/app` });
    await host.call('repository.entries', { target });
    await host.call('repository.describe', { target, digests: [image] });
    await host.call('repository.resolve', { target, tags: ['1.0'] });
    registry.forget();
    await host.call('repository.describe', { target, digests: [image] });
    await host.call('repository.resolve', { target, tags: ['1.0'] });
    expect(registry.requests.map(({ path: asked }) => asked.split('/')[4])).toEqual(['referrers']);
    time = 60_000;
    registry.forget();
    await host.call('repository.resolve', { target, tags: ['1.0'] });
    expect(registry.requests).toHaveLength(1);
  });

  it('stop with their caller, and leave no request behind', async () => {
    const { target, registry } = await serveImage();
    await host.call('place.resolve', { text: `${registry.host}/team/app` });
    await host.call('repositories.list', { source: target.source });
    registry.follow(() => ({ silent: true }));
    const controller = new AbortController();
    const call = host.call(
      'repository.resolve',
      { target, tags: ['a', 'b', 'c'] },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 50);
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('content of a node', () => {
  it('is described, read, and saved through an address that works once', async () => {
    const { target, image, size, layer, repository, registry } = await serveImage();
    await host.call('place.resolve', { text: `${registry.host}/team/app` });
    const node = { target, digest: image, mediaType: MANIFEST, size, manifest: true };
    expect(await host.call('content.describe', node)).toMatchObject({
      kind: 'image',
      links: [{ role: 'config' }, { role: 'layer 1' }],
      errors: [],
    });
    const bytes = Buffer.from(repository.manifests.get(image)?.bytes ?? []);
    expect(await host.call('content.read', node)).toMatchObject({
      state: 'ok',
      form: 'json',
      text: bytes.toString(),
    });
    for (const [saved, expected] of [
      [{ ...node, fileName: 'manifest.json' }, bytes.toString()],
      [
        {
          target,
          digest: layer.digest,
          mediaType: layer.mediaType,
          size: layer.size,
          manifest: false,
          fileName: '../layer.tar.gz',
        },
        'layer',
      ],
    ] as const) {
      const { path: address } = await host.call('content.saveAddress', saved);
      const response = await host.services.answerSave(address);
      expect(response.headers.get('content-length')).toBe(String(expected.length));
      expect(await response.text()).toBe(expected);
      expect((await host.services.answerSave(address)).status).toBe(404);
    }
  });

  it('with a wrong digest is damaged when read, and no file looks finished when saved', async () => {
    const { target, layer, repository, registry } = await serveImage();
    await host.call('place.resolve', { text: `${registry.host}/team/app` });
    repository.blobs.set(layer.digest, Buffer.from('LAYER'));
    const node = { target, ...layer, manifest: false };
    expect(await host.call('content.read', node)).toMatchObject({
      state: 'damaged',
      error: { code: 'DIGEST_MISMATCH' },
    });
    const { path: address } = await host.call('content.saveAddress', { ...node, fileName: 'x' });
    const response = await host.services.answerSave(address);
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it.each(['sha256:../../etc/passwd', 'md5:x', '', 'sha256:abc'])(
    'is never asked for by %j',
    async (digest) => {
      const { target, registry } = await serveImage();
      await host.call('place.resolve', { text: `${registry.host}/team/app` });
      await host.call('repositories.list', { source: target.source });
      registry.forget();
      for (const name of ['content.read', 'content.describe'] as const) {
        await expect(
          host.call(name, { target, digest, mediaType: MANIFEST, size: 1, manifest: true }),
        ).rejects.toMatchObject({
          code: digest === 'md5:x' ? 'UNSUPPORTED' : 'INVALID_REFERENCE',
          hint: expect.any(String),
        });
      }
      expect(registry.requests).toEqual([]);
    },
  );
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
      expect.objectContaining({ tag: 'sample', mediaType: INDEX }),
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
