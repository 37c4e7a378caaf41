import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HostClient, startHost } from '../../testing/host-client.ts';
import type { ScriptedRegistry } from '../../testing/scripted-registry.ts';
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

describe('content of a node', () => {
  it('is described, read, and saved through an address that works once', async () => {
    const { target, image, layer, repository, registry } = await serve();
    await host.call('place.resolve', { text: `${registry.host}/team/app` });
    const node = { target, ...image, manifest: true };
    expect(await host.call('content.describe', node)).toMatchObject({
      kind: 'image',
      links: [{ role: 'config' }, { role: 'layer 1' }],
      errors: [],
    });
    const bytes = Buffer.from(repository.manifests.get(image.digest)?.bytes ?? []);
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
    const { target, layer, repository, registry } = await serve();
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
      const { target, registry } = await serve();
      await host.call('place.resolve', { text: `${registry.host}/team/app` });
      await host.call('repositories.list', { source: target.source });
      registry.forget();
      for (const name of ['content.read', 'content.describe'] as const) {
        await expect(
          host.call(name, { target, digest, mediaType: 'a/b', size: 1, manifest: true }),
        ).rejects.toMatchObject({
          code: digest === 'md5:x' ? 'UNSUPPORTED' : 'INVALID_REFERENCE',
          hint: expect.any(String),
        });
      }
      expect(registry.requests).toEqual([]);
    },
  );
});
