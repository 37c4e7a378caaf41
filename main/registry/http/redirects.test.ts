import { describe, expect, it, onTestFinished } from 'vitest';
import {
  addBlob,
  addManifest,
  emptyContent,
  repositoryIn,
  serveContent,
} from '../../testing/content-script.ts';
import {
  always,
  collect,
  openTestRegistry,
  passwordCredentials,
  QUICK_TIMINGS,
  quietSignal,
  startForTest,
} from '../../testing/open-registry.ts';
import type { ScriptedAnswer, ScriptedRequest } from '../../testing/scripted-registry.ts';
import { stubLookup } from '../../testing/stub-lookup.ts';
import { TEST_AUTHORITY } from '../../testing/test-certificates.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { classifyAddress } from './address-class.ts';
import { sendFollowingRedirects } from './follow-redirects.ts';
import { createGuardedConnector } from './guarded-connector.ts';
import type { RegistryIdentity } from './registry-identity.ts';
import { createSender, type OutboundRequest, type Sender } from './send-request.ts';

const { lookup } = stubLookup({
  'registry.test': ['127.0.0.1'],
  'registry.test.': ['127.0.0.1'],
  'other.registry.test': ['127.0.0.1'],
});
const CANARY = 'Bearer canary-credential';

function senderFor(origin: string): { readonly sender: Sender; readonly registry: RegistryIdentity } {
  const { host, hostname } = new URL(origin);
  const registry: RegistryIdentity = {
    host,
    origin,
    hostname,
    trustedTokenHosts: [],
    addressClasses: new Set(),
    classify: classifyAddress,
  };
  const connector = createGuardedConnector({
    registry,
    timings: QUICK_TIMINGS,
    certificateAuthorities: [TEST_AUTHORITY],
    lookup,
  });
  const sender = createSender({ registry, connector, timings: QUICK_TIMINGS, userAgent: 'tallyman/test' });
  onTestFinished(() => sender.close());
  return { sender, registry };
}

const OPERATIONS: readonly Pick<OutboundRequest, 'method' | 'body'>[] = [
  { method: 'GET' },
  { method: 'HEAD' },
  { method: 'GET' }, // a blob, below with its content
  { method: 'POST', body: new Uint8Array() },
  { method: 'PUT', body: Buffer.from('{}') },
  { method: 'PATCH', body: Buffer.from('chunk') },
  { method: 'DELETE' },
];
const STATUSES = [301, 302, 303, 307, 308];
const WAYS = [
  'other host',
  'other port',
  'other scheme',
  'userinfo',
  'trailing dot',
  'upper case',
  'there and back',
] as const;

// Check 1 of the reliability bar.
describe('redirect matrix', () => {
  it.each(WAYS)('%s: the credential reaches nobody but the registry', async (way) => {
    const reached: string[] = [];
    const serve =
      (name: string) =>
      (request: ScriptedRequest): ScriptedAnswer => {
        reached.push(`${name} ${request.headers.authorization ?? 'nobody'}`);
        return request.path === '/back'
          ? { status: 307, headers: { location: `${registryOrigin}/arrived` } }
          : { body: 'ok' };
      };
    const attacker = await startForTest(serve('attacker'));
    const secure = await startForTest(serve('attacker'), { certificate: 'good' });
    const registry = await startForTest((request) => {
      const own = request.host === `registry.test:${registry.port}`;
      const carried = request.headers.authorization ?? 'nobody';
      reached.push(`${own ? 'registry' : 'attacker'}${request.path === '/asked' ? '' : ' again'} ${carried}`);
      const status = Number(request.query.get('status'));
      return request.path === '/asked'
        ? { status, headers: { location: targets[way] }, body: 'moved' }
        : { body: 'ok' };
    });
    const registryOrigin = `http://registry.test:${registry.port}`;
    const targets: Record<(typeof WAYS)[number], string> = {
      'other host': `http://other.registry.test:${attacker.port}/x`,
      'other port': `http://registry.test:${attacker.port}/x`,
      'other scheme': `https://registry.test:${secure.port}/x`,
      userinfo: `http://canary:password@registry.test:${registry.port}/x`,
      'trailing dot': `http://registry.test.:${registry.port}/x`,
      'upper case': `HTTP://REGISTRY.TEST:${registry.port}/x`,
      'there and back': `http://other.registry.test:${attacker.port}/back`,
    };
    const { sender } = senderFor(registryOrigin);
    const outcomes = new Map<string, number>();
    for (const status of STATUSES) {
      for (const operation of OPERATIONS) {
        const url = new URL(`${registryOrigin}/asked?status=${status}`);
        const request: OutboundRequest = {
          ...operation,
          url,
          purpose: 'registry',
          headers: {},
          credentials: CANARY,
          signal: quietSignal(),
        };
        const outcome = await sendFollowingRedirects(sender, request).then(
          async (answer) => {
            await collect(answer.body);
            return String(answer.status);
          },
          (error: unknown) => (error as { code: string }).code,
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    expect(reached.filter((line) => line.startsWith('attacker') && line.includes('canary'))).toEqual([]);
    expect(reached.filter((line) => line === `registry ${CANARY}`)).toHaveLength(35);
    // Writing is repeated elsewhere for 307 and 308 only: 4 operations × 3 statuses are refused.
    const expected = way === 'userinfo' ? { OUTBOUND_REFUSED: 23, PROTOCOL: 12 } : { 200: 23, PROTOCOL: 12 };
    expect(Object.fromEntries(outcomes)).toEqual(expected);
    const returned = reached.filter((line) => line.startsWith('registry again'));
    if (way === 'upper case') expect(new Set(returned)).toEqual(new Set([`registry again ${CANARY}`]));
    if (way === 'there and back') expect(new Set(returned)).toEqual(new Set(['registry again nobody']));
  });

  it('does not depend on the caller: the gate itself keeps credentials and secret bodies from other origins', async () => {
    const attacker = await startForTest(() => ({ body: 'ok' }));
    const { sender } = senderFor('http://registry.test:1');
    const request: OutboundRequest = {
      method: 'GET',
      url: new URL(`http://other.registry.test:${attacker.port}/`),
      from: new URL('http://registry.test:1/'),
      purpose: 'blob-redirect',
      headers: {},
      credentials: CANARY,
      signal: quietSignal(),
    };
    // The attacker is on loopback: a registry that never answered leads nowhere but to public places.
    await expect(sender.send(request)).rejects.toMatchObject({ code: 'OUTBOUND_REFUSED' });
    const { sender: local } = senderFor(`http://127.0.0.1:${attacker.port}`);
    await local.send({
      ...request,
      purpose: 'registry',
      url: new URL(`http://127.0.0.1:${attacker.port}/own`),
    });
    await local.send({ ...request, url: new URL(`http://other.registry.test:${attacker.port}/foreign`) });
    await local.send({
      ...request,
      purpose: 'token',
      url: new URL(`http://other.registry.test:${attacker.port}/foreign`),
    });
    expect(attacker.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/own', CANARY],
      ['/foreign', undefined],
      ['/foreign', undefined],
    ]);
    const secret = local.send({
      ...request,
      method: 'POST',
      purpose: 'token',
      carriesSecret: true,
      body: Buffer.from('refresh_token=canary'),
      url: new URL(`http://other.registry.test:${attacker.port}/token`),
    });
    await expect(secret).rejects.toMatchObject({ code: 'OUTBOUND_REFUSED' });
    expect(attacker.requests).toHaveLength(3);
  });

  it('leaves TLS for nobody', async () => {
    const plain = await startForTest(() => ({ body: 'ok' }));
    const secure = await startForTest(
      () => ({ status: 302, headers: { location: `http://registry.test:${plain.port}/` } }),
      {
        certificate: 'good',
      },
    );
    const origin = `https://registry.test:${secure.port}`;
    const { sender } = senderFor(origin);
    const request: OutboundRequest = {
      method: 'GET',
      url: new URL(`${origin}/v2/`),
      purpose: 'registry',
      headers: {},
      credentials: CANARY,
      signal: quietSignal(),
    };
    await expect(sendFollowingRedirects(sender, request)).rejects.toMatchObject({ code: 'OUTBOUND_REFUSED' });
    expect(plain.connectionsOpened).toBe(0);
  });

  it.each([
    ['a redirect to itself', (origin: string) => `${origin}/asked`, 'LIMIT'],
    ['no Location', () => undefined, 'PROTOCOL'],
    ['a Location that is no URL', () => 'http://[', 'PROTOCOL'],
    ['another scheme', () => 'file:///etc/passwd', 'OUTBOUND_REFUSED'],
  ])('ends with an error at %s', async (_name, location, code) => {
    const registry = await startForTest(() => {
      const value = location(registry.origin);
      return { status: 302, headers: value === undefined ? {} : { location: value } };
    });
    const { sender } = senderFor(registry.origin);
    const request: OutboundRequest = {
      method: 'GET',
      url: new URL(`${registry.origin}/asked`),
      purpose: 'registry',
      headers: {},
      signal: quietSignal(),
    };
    await expect(sendFollowingRedirects(sender, request)).rejects.toMatchObject({ code });
    expect(registry.requests.length).toBeLessThanOrEqual(6);
  });
});

describe('content behind redirects', () => {
  it('is read without credentials from the blob store and verified, and relative Locations work', async () => {
    const content = emptyContent();
    const repository = repositoryIn(content, 'team/app');
    const bytes = Buffer.from('a layer from elsewhere');
    const blob = addBlob(repository, bytes) as Digest;
    const manifest = addManifest(
      repository,
      { schemaVersion: 2 },
      'application/vnd.oci.image.manifest.v1+json',
      '1.0',
    );
    const store = await startForTest((request) => ({
      body: request.path === '/good' ? bytes : 'a layer from elsewherE',
    }));
    let path = '/good';
    const registry = await startForTest((request) => {
      if (request.headers.authorization === undefined) {
        return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
      }
      if (request.path.includes('/blobs/'))
        return { status: 307, headers: { location: `${store.origin}${path}?sig=canary-signature` } };
      if (request.path.endsWith('/manifests/1.0'))
        return { status: 301, headers: { location: `../manifests/${manifest}` } };
      return serveContent(content)(request);
    });
    const { registry: opened } = openTestRegistry({
      host: registry.host,
      credentials: always(passwordCredentials('me', 'canary-password')),
    });
    const target = opened.repository('team/app');
    expect((await target.fetchManifest('1.0', { signal: quietSignal() })).descriptor.digest).toBe(manifest);
    const descriptor = { mediaType: 'x', digest: blob, size: bytes.byteLength };
    expect((await collect(target.readBlob(descriptor, { signal: quietSignal() }))).toString()).toBe(
      bytes.toString(),
    );
    expect(store.requests.map((request) => [request.headers.authorization, request.headers.cookie])).toEqual([
      [undefined, undefined],
    ]);

    path = '/bad';
    const failure = await collect(target.readBlob(descriptor, { signal: quietSignal() })).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(JSON.stringify(failure)).not.toContain('canary');
  });

  it('never answers a 401 of a place it was redirected to', async () => {
    const attacker = await startForTest(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="give"' },
    }));
    const registry = await startForTest(() => ({
      status: 302,
      headers: { location: `${attacker.origin}/blob` },
    }));
    const { registry: opened } = openTestRegistry({
      host: registry.host,
      credentials: always(passwordCredentials('me', 'canary-password')),
    });
    await expect(
      opened.repository('a').fetchManifest('1.0', { signal: quietSignal() }),
    ).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(attacker.requests.map((request) => request.headers.authorization)).toEqual([undefined]);
    expect(registry.requests.map((request) => request.headers.authorization)).toEqual([undefined]);
  });
});
