import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyContent, failure, repositoryIn, serveContent } from '../../testing/content-script.ts';
import { type HostClient, startHost } from '../../testing/host-client.ts';
import {
  type Script,
  type ScriptedRegistry,
  startScriptedRegistry,
} from '../../testing/scripted-registry.ts';
import { type ServedImage, serveImage } from '../../testing/serve-image.ts';

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

async function serveScript(script: Script): Promise<ScriptedRegistry> {
  const registry = await startScriptedRegistry(script);
  registries.push(registry);
  return registry;
}

describe('repositories', () => {
  it('come in pages as the registry gives them', async () => {
    const content = emptyContent();
    for (let index = 0; index < 2500; index += 1)
      repositoryIn(content, `r/${String(index).padStart(4, '0')}`);
    const registry = await serveScript(serveContent(content));
    const { source } = await host.call('sources.add', { kind: 'registry', location: registry.host });
    const { output, steps } = await host.collect('repositories.list', { source: source.id });
    expect(output).toEqual({ total: 2500 });
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.flatMap(({ repositories }) => repositories)).toHaveLength(2500);
  });

  it('that were typed are pinned where the registry lists none, and only there', async () => {
    const withCatalog = await serve();
    const answer = serveContent(withCatalog.content);
    const without = await serveScript((request) =>
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
    const { target, image, config, layer, registry } = await serve();
    await host.call('place.resolve', { text: `${registry.host}/team/app` });
    const { output, steps } = await host.collect('repository.entries', { target });
    expect({ output, steps }).toEqual({ output: { total: 1 }, steps: [{ entries: [{ tag: '1.0' }] }] });
    const resolved = await host.collect('repository.resolve', { target, tags: ['1.0', 'absent', 'no tag'] });
    expect(new Map(resolved.steps.flatMap(({ rows }) => rows).map((row) => [row.tag, row]))).toMatchObject(
      new Map<string, object>([
        ['1.0', { tag: '1.0', ...image }],
        ['absent', { tag: 'absent', error: { code: 'NOT_FOUND' } }],
        ['no tag', { tag: 'no tag', error: { code: 'INVALID_REFERENCE' } }],
      ]),
    );
    registry.forget();
    const described = await host.collect('repository.describe', {
      target,
      digests: [image.digest, 'sha256:no'],
    });
    expect(
      new Map(described.steps.flatMap(({ rows }) => rows).map((row) => [row.digest, row])),
    ).toMatchObject(
      new Map<string, object>([
        [
          image.digest,
          {
            kind: 'image',
            what: 'linux/amd64',
            created: '2026-01-02T03:04:05Z',
            size: image.size + config.size + layer.size,
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
    const { target, image, registry } = await serve();
    await host.call('place.resolve', { text: `${registry.host}/team/app` });
    await host.call('repository.entries', { target });
    await host.call('repository.describe', { target, digests: [image.digest] });
    await host.call('repository.resolve', { target, tags: ['1.0'] });
    registry.forget();
    await host.call('repository.describe', { target, digests: [image.digest] });
    await host.call('repository.resolve', { target, tags: ['1.0'] });
    expect(registry.requests.map(({ path: asked }) => asked.split('/')[4])).toEqual(['referrers']);
    time = 60_000;
    registry.forget();
    await host.call('repository.resolve', { target, tags: ['1.0'] });
    expect(registry.requests).toHaveLength(1);
  });

  it('stop with their caller, and leave no request behind', async () => {
    const { target, registry } = await serve();
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
