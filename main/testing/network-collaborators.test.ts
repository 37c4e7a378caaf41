import { Agent, get } from 'node:http';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { addBlob, addManifest, emptyContent, repositoryIn, serveContent } from './content-script.ts';
import { startLatencyProxy } from './latency-proxy.ts';
import { hasRealRegistry, REAL_REGISTRIES, startRealRegistry, TEST_ACCOUNT } from './real-registries.ts';
import { startScriptedRegistry } from './scripted-registry.ts';

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of ended.splice(0)) await close();
});

function closing<T extends { close(): Promise<void> }>(started: T): T {
  ended.push(() => started.close());
  return started;
}

describe('scripted registry', () => {
  it('serves content, remembers requests, cuts a body where it is told, and ends cleanly', async () => {
    const content = emptyContent();
    const repository = repositoryIn(content, 'team/app');
    const blob = addBlob(repository, Buffer.from('0123456789'));
    const digest = addManifest(
      repository,
      { schemaVersion: 2 },
      'application/vnd.oci.image.manifest.v1+json',
      '1.0',
    );
    const registry = closing(await startScriptedRegistry(serveContent(content)));

    const manifest = await fetch(`${registry.origin}/v2/team/app/manifests/1.0`);
    expect([manifest.status, manifest.headers.get('docker-content-digest'), await manifest.text()]).toEqual([
      200,
      digest,
      '{"schemaVersion":2}',
    ]);
    const part = await fetch(`${registry.origin}/v2/team/app/blobs/${blob}`, {
      headers: { range: 'bytes=4-' },
    });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      'bytes 4-9/10',
      '456789',
    ]);
    expect(registry.requests.map((request) => request.path)).toEqual([
      '/v2/team/app/manifests/1.0',
      `/v2/team/app/blobs/${blob}`,
    ]);

    registry.follow(() => ({ body: 'abcdef', cutAfter: 3 }));
    const cut = await fetch(`${registry.origin}/v2/`);
    await expect(cut.text()).rejects.toThrow();
  });
});

describe('latency proxy', () => {
  it('costs one round trip to connect and one for each request', async () => {
    const registry = closing(await startScriptedRegistry(() => ({ body: 'ok' })));
    const proxy = closing(await startLatencyProxy(registry.host, 60));
    // One connection for both: fetch may open another one while the first is not yet free.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ask = async (): Promise<number> => {
      const start = performance.now();
      await new Promise<void>((resolve, reject) => {
        get(`http://${proxy.host}/`, { agent }, (response) => response.resume().once('end', resolve)).once(
          'error',
          reject,
        );
      });
      return performance.now() - start;
    };
    expect(await ask()).toBeGreaterThanOrEqual(115);
    expect(await ask()).toBeGreaterThanOrEqual(55);
    expect(proxy.connectionsOpened).toBe(1);
  });
});

describe.each(REAL_REGISTRIES)('real registry %s', (kind) => {
  it.skipIf(!hasRealRegistry(kind))('starts on a free port, answers, and is gone after its end', async () => {
    const registry = await startRealRegistry(kind);
    const response = await fetch(`http://${registry.host}/v2/`);
    expect(response.status).toBe(200);
    await registry.close();
    await expect(fetch(`http://${registry.host}/v2/`)).rejects.toThrow();
  });
});

it.skipIf(!hasRealRegistry('distribution-3'))('distribution with an account wants its password', async () => {
  const registry = closing(await startRealRegistry('distribution-3', { account: true }));
  const basic = Buffer.from(`${TEST_ACCOUNT.username}:${TEST_ACCOUNT.password}`).toString('base64');
  const statuses = [
    (await fetch(`http://${registry.host}/v2/`)).status,
    (await fetch(`http://${registry.host}/v2/`, { headers: { authorization: `Basic ${basic}` } })).status,
  ];
  expect(statuses).toEqual([401, 200]);
});
