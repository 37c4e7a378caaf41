import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode, ErrorData } from '../../shared/errors/tallyman-error.ts';
import { toErrorData } from '../../shared/errors/tallyman-error.ts';
import {
  addBlob,
  addManifest,
  emptyContent,
  failure,
  repositoryIn,
  serveContent,
  sha256,
} from '../testing/content-script.ts';
import { type HostClient, startHost } from '../testing/host-client.ts';
import {
  type Script,
  type ScriptedRegistry,
  type ScriptedRegistryOptions,
  startScriptedRegistry,
} from '../testing/scripted-registry.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

let host: HostClient;
const registries: ScriptedRegistry[] = [];

beforeEach(async () => {
  host = await startHost();
});
afterEach(async () => {
  await host.close();
  await Promise.all(registries.splice(0).map((registry) => registry.close()));
});

async function serve(script: Script, options: ScriptedRegistryOptions = {}): Promise<ScriptedRegistry> {
  const registry = await startScriptedRegistry(script, options);
  registries.push(registry);
  return registry;
}

/** What a window shows when it opens `HOST/team/app:1.0`. */
async function openArtifact(address: string): Promise<ErrorData> {
  try {
    const { place } = await host.call('place.resolve', { text: `${address}/team/app:1.0` });
    await host.call('graph.walk', {
      target: { source: place.source, repository: 'team/app' },
      reference: '1.0',
    });
  } catch (error) {
    return toErrorData(error);
  }
  throw new Error('It opened.');
}

/** A registry with one manifest under the tag 1.0. */
function serving(
  manifest: object,
  mediaType = MANIFEST,
): {
  readonly script: Script;
  readonly digest: string;
  readonly repository: ReturnType<typeof repositoryIn>;
} {
  const content = emptyContent();
  const repository = repositoryIn(content, 'team/app');
  const digest = addManifest(repository, manifest, mediaType, '1.0');
  return { script: serveContent(content), digest, repository };
}

async function walk(registry: ScriptedRegistry) {
  await host.call('place.resolve', { text: `${registry.host}/team/app:1.0` });
  const target = { source: `registry:${registry.host}`, repository: 'team/app' };
  const { output, steps } = await host.collect('graph.walk', { target, reference: '1.0' });
  return {
    target,
    output,
    nodes: new Map(steps.flatMap(({ nodes }) => nodes).map((node) => [node.digest, node])),
  };
}

describe('a place that cannot be opened', () => {
  const seen = new Map<string, string>();

  it.each<[string, ErrorCode, () => Promise<string>]>([
    [
      'an unreachable host',
      'UNREACHABLE',
      async () => {
        const registry = await startScriptedRegistry(() => undefined);
        await registry.close();
        return registry.host;
      },
    ],
    [
      'a certificate that nobody trusts',
      'TLS',
      async () => (await serve(() => ({ body: '{}' }), { certificate: 'self-signed' })).host,
    ],
    [
      'a 401',
      'UNAUTHORIZED',
      async () =>
        (
          await serve(() => ({
            ...failure(401, 'UNAUTHORIZED', 'authentication required'),
            headers: { 'www-authenticate': 'Basic realm="here"' },
          }))
        ).host,
    ],
    [
      'a 403',
      'DENIED',
      async () =>
        (await serve(() => failure(403, 'DENIED', 'requested access to the resource is denied'))).host,
    ],
    ['a 404', 'NOT_FOUND', async () => (await serve(serveContent(emptyContent()))).host],
    [
      'HTML instead of JSON',
      'PROTOCOL',
      async () =>
        (
          await serve(() => ({
            headers: { 'content-type': 'text/html' },
            body: '<html><title>Welcome</title></html>',
          }))
        ).host,
    ],
    ['a 418', 'REGISTRY_ERROR', async () => (await serve(() => ({ status: 418, body: 'teapot' }))).host],
    [
      'a 501',
      'UNSUPPORTED',
      async () => (await serve(() => ({ status: 501, body: 'not implemented' }))).host,
    ],
  ])('because of %s answers %s in words of its own, with a next step', async (_what, code, start) => {
    const address = await start();
    const error = await openArtifact(address);
    expect(error).toMatchObject({ code, message: expect.any(String), hint: expect.any(String) });
    expect(error.message).toMatch(/\S+ \S+ \S+/);
    const words = error.message.replaceAll(address, 'HOST');
    expect([...seen].filter(([, other]) => other === words)).toEqual([]);
    seen.set(code, words);
    // The rest stays usable.
    expect((await host.call('sources.list', {})).sources.map(({ id }) => id)).toEqual([
      'local',
      `registry:${address}`,
    ]);
  });

  it('does not keep the catalog of another registry from being listed', async () => {
    const content = emptyContent();
    repositoryIn(content, 'team/app');
    const good = await serve(serveContent(content));
    const bad = await serve(() => ({ headers: { 'content-type': 'text/html' }, body: '<html></html>' }));
    for (const { host: location } of [good, bad])
      await host.call('sources.add', { kind: 'registry', location });
    await expect(host.call('repositories.list', { source: `registry:${bad.host}` })).rejects.toMatchObject({
      code: 'PROTOCOL',
      hint: expect.any(String),
    });
    expect(await host.call('repositories.list', { source: `registry:${good.host}` })).toEqual({ total: 1 });
  });
});

describe('a bad manifest', () => {
  it('of 4.1 MB is no bad one: it is read, shown and described', async () => {
    const { script, digest, repository } = serving({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(Buffer.from('{}')), size: 2 },
      layers: [],
      annotations: { padding: 'x'.repeat(4_100_000) },
    });
    const size = repository.manifests.get(digest)?.bytes.byteLength ?? 0;
    expect(size).toBeGreaterThan(4_100_000);
    const { target, nodes } = await walk(await serve(script));
    expect(nodes.get(digest)).toMatchObject({ state: 'ok', size });
    const node = { target, digest, mediaType: MANIFEST, size, manifest: true };
    expect(await host.call('content.read', node)).toMatchObject({ state: 'ok', form: 'json', size });
    expect(await host.call('content.describe', node)).toMatchObject({ size, errors: [] });
  });

  it('above the limit is refused by the name of the limit', async () => {
    const { script } = serving({
      schemaVersion: 2,
      mediaType: MANIFEST,
      layers: [],
      annotations: { padding: 'x'.repeat(8 * 1024 * 1024) },
    });
    const { output, nodes } = await walk(await serve(script));
    expect(nodes.get(output.root)).toMatchObject({
      state: 'limited',
      error: { code: 'LIMIT', hint: expect.any(String) },
    });
    expect(output).toMatchObject({ complete: false, limits: [{ limit: 8 * 1024 * 1024 }] });
  });

  it('whose bytes do not match its digest is not shown as if they did', async () => {
    const child = serving({ schemaVersion: 2, mediaType: MANIFEST, layers: [] });
    const bytes = child.repository.manifests.get(child.digest)?.bytes ?? new Uint8Array();
    addManifest(
      child.repository,
      {
        schemaVersion: 2,
        mediaType: INDEX,
        manifests: [{ mediaType: MANIFEST, digest: child.digest, size: bytes.byteLength }],
      },
      INDEX,
      '1.0',
    );
    const changed = Buffer.from(Buffer.from(bytes).toString().replace('[]', '{}'));
    child.repository.manifests.set(child.digest, { mediaType: MANIFEST, bytes: changed });
    const registry = await serve(child.script);
    const { target, output, nodes } = await walk(registry);
    expect(output.complete).toBe(false);
    expect(nodes.get(child.digest)).toMatchObject({
      state: 'damaged',
      error: { code: 'DIGEST_MISMATCH', hint: expect.any(String) },
    });
    expect(nodes.get(output.root)).toMatchObject({ kind: 'index', state: 'ok' });
    const node = {
      target,
      digest: child.digest,
      mediaType: MANIFEST,
      size: bytes.byteLength,
      manifest: true,
    };
    expect(await host.call('content.read', node)).toMatchObject({
      state: 'damaged',
      error: { code: 'DIGEST_MISMATCH' },
    });
    expect(await host.call('content.describe', node)).toMatchObject({
      errors: [{ code: 'DIGEST_MISMATCH' }],
      links: [],
    });
    const { steps } = await host.collect('repository.describe', {
      target,
      digests: [child.digest, output.root],
    });
    expect(
      new Map(steps.flatMap(({ rows }) => rows).map(({ digest, error }) => [digest, error?.code])),
    ).toEqual(
      new Map([
        [child.digest, 'DIGEST_MISMATCH'],
        [output.root, undefined],
      ]),
    );
  });

  it('that is missing is one node with its reason, and everything else is there', async () => {
    const content = emptyContent();
    const repository = repositoryIn(content, 'team/app');
    const layer = { mediaType: LAYER, digest: addBlob(repository, Buffer.from('layer')), size: 5 };
    const present = addManifest(
      repository,
      { schemaVersion: 2, mediaType: MANIFEST, config: layer, layers: [layer] },
      MANIFEST,
    );
    const absent = sha256(Buffer.from('absent'));
    const child = (digest: string): object => ({
      mediaType: MANIFEST,
      digest,
      size: repository.manifests.get(digest)?.bytes.byteLength ?? 7,
    });
    addManifest(
      repository,
      { schemaVersion: 2, mediaType: INDEX, manifests: [child(present), child(absent)] },
      INDEX,
      '1.0',
    );
    const { output, nodes } = await walk(await serve(serveContent(content)));
    expect(output).toMatchObject({ complete: false, problems: 1 });
    expect(nodes.get(absent)).toMatchObject({
      state: 'missing',
      error: { code: 'MISSING', message: expect.any(String), hint: expect.any(String) },
    });
    expect(nodes.get(present)).toMatchObject({ state: 'ok' });
    expect(nodes.has(layer.digest)).toBe(true);
  });
});
