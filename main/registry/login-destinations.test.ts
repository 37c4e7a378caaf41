import { describe, expect, it } from 'vitest';
import {
  always,
  openTestRegistry,
  passwordCredentials,
  quietSignal,
  startForTest,
} from '../testing/open-registry.ts';
import { stubLookup } from '../testing/stub-lookup.ts';
import { TEST_AUTHORITY } from '../testing/test-certificates.ts';
import { classifyAddress, type AddressClass } from './http/address-class.ts';

/**
 * Check 2 of the reliability bar, with names. On one machine everything is loopback, so 127.0.0.2 stands for a public
 * address here; 127.0.0.1 and all others are what they are.
 */
function classify(address: string): AddressClass {
  return address === '127.0.0.2' || address === '::ffff:127.0.0.2' ? 'public' : classifyAddress(address);
}

const NAMES = {
  'registry.test': ['127.0.0.2'],
  'auth.registry.test': ['127.0.0.2'],
  'loopback.registry.test': ['127.0.0.1'],
  'private.registry.test': ['10.0.0.1'],
  'metadata.registry.test': ['169.254.169.254'],
  'unspecified.registry.test': ['0.0.0.0'],
  'ula.registry.test': ['fd00::1'],
  'mapped.registry.test': ['::ffff:127.0.0.1'],
  'mixed.registry.test': ['10.0.0.1', '127.0.0.1', '127.0.0.2'],
} as const;

describe('token servers by name', () => {
  it.each(['loopback', 'private', 'metadata', 'unspecified', 'ula', 'mapped'])(
    'a public registry cannot lead to a %s address: no connection, no credential',
    async (name) => {
      const attacker = await startForTest(() => ({ body: '{"token":"x"}' }), { certificate: 'good' });
      const registry = await startForTest(
        () => ({
          status: 401,
          headers: {
            'www-authenticate': `Bearer realm="https://${name}.registry.test:${attacker.port}/token"`,
          },
        }),
        { certificate: 'good', address: '127.0.0.2' },
      );
      const { lookup, asked } = stubLookup(NAMES);
      const { registry: opened } = openTestRegistry(
        {
          host: `registry.test:${registry.port}`,
          certificateAuthorities: [TEST_AUTHORITY],
          credentials: always(passwordCredentials('me', 'canary')),
          trustedTokenHosts: [`${name}.registry.test:${attacker.port}`],
        },
        { lookup, classify },
      );
      await expect(
        opened.repository('a').fetchManifest('1.0', { signal: quietSignal() }),
      ).rejects.toMatchObject({
        code: 'OUTBOUND_REFUSED',
      });
      expect([attacker.connectionsOpened, attacker.requests.length]).toEqual([0, 0]);
      expect(asked).toContain(`${name}.registry.test`);
    },
  );

  it('takes the public ones of several addresses', async () => {
    const tokens = await startForTest(() => ({ body: '{"token":"ok"}' }), {
      certificate: 'good',
      address: '127.0.0.2',
    });
    const registry = await startForTest(
      (request) =>
        request.headers.authorization === 'Bearer ok'
          ? { body: '{}' }
          : {
              status: 401,
              headers: {
                'www-authenticate': `Bearer realm="https://mixed.registry.test:${tokens.port}/token"`,
              },
            },
      { certificate: 'good', address: '127.0.0.2' },
    );
    const { lookup } = stubLookup(NAMES);
    const { registry: opened } = openTestRegistry(
      { host: `registry.test:${registry.port}`, certificateAuthorities: [TEST_AUTHORITY] },
      { lookup, classify },
    );
    expect(await opened.probe({ signal: quietSignal() })).toEqual({ plainHttp: false });
    expect(tokens.requests).toHaveLength(1);
  });

  it('asks another public host as nobody, keeps the password here, and says so when that is not enough', async () => {
    const tokens = await startForTest(() => ({ body: '{"token":"nobody"}' }), {
      certificate: 'good',
      address: '127.0.0.2',
    });
    let enough = true;
    const registry = await startForTest(
      (request) =>
        enough && request.headers.authorization === 'Bearer nobody'
          ? { headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }, body: '{}' }
          : {
              status: 401,
              headers: {
                'www-authenticate': `Bearer realm="https://auth.registry.test:${tokens.port}/token"`,
              },
            },
      { certificate: 'good', address: '127.0.0.2' },
    );
    const { lookup } = stubLookup(NAMES);
    const open = (trustedTokenHosts: readonly string[]): ReturnType<typeof openTestRegistry>['registry'] =>
      openTestRegistry(
        {
          host: `registry.test:${registry.port}`,
          certificateAuthorities: [TEST_AUTHORITY],
          credentials: always(passwordCredentials('me', 'canary')),
          trustedTokenHosts,
        },
        { lookup, classify },
      ).registry;
    const target = open([]).repository('a');
    await target.fetchManifest('1.0', { signal: quietSignal() });
    expect(
      tokens.requests.map(({ headers, target: asked }) => [headers.authorization, asked.includes('me')]),
    ).toEqual([[undefined, false]]);

    enough = false;
    await expect(target.fetchManifest('1.0', { signal: quietSignal() })).rejects.toMatchObject({
      code: 'OUTBOUND_REFUSED',
      message: expect.stringContaining(`auth.registry.test:${tokens.port}`),
    });
    expect(tokens.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);

    enough = true;
    await open([`auth.registry.test:${tokens.port}`])
      .repository('a')
      .fetchManifest('1.0', { signal: quietSignal() });
    expect(tokens.requests.at(-1)?.headers.authorization).toBe(
      `Basic ${Buffer.from('me:canary').toString('base64')}`,
    );
  });

  it('refuses a downgrade to http and forms that are no token server, without a connection', async () => {
    const attacker = await startForTest(() => ({ body: '{"token":"x"}' }), { address: '127.0.0.2' });
    const realms = [
      `http://registry.test:${attacker.port}/token`,
      `http://127.0.0.2:${attacker.port}/token`,
      'file:///etc/passwd',
      `https://me:secret@registry.test:${attacker.port}/token`,
      'https://127.0.0.1/token',
      `https://registry.test/${'x'.repeat(12_000)}`,
      'https://[',
    ];
    for (const realm of realms) {
      const registry = await startForTest(
        () => ({ status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}"` } }),
        {
          certificate: 'good',
          address: '127.0.0.2',
        },
      );
      const { lookup } = stubLookup(NAMES);
      const { registry: opened } = openTestRegistry(
        {
          host: `registry.test:${registry.port}`,
          certificateAuthorities: [TEST_AUTHORITY],
          credentials: always(passwordCredentials('me', 'canary')),
        },
        { lookup, classify },
      );
      const failure: unknown = await opened.probe({ signal: quietSignal() }).catch((error: unknown) => error);
      expect([realm.slice(0, 60), (failure as { code: string }).code]).toEqual([
        realm.slice(0, 60),
        realm.length > 8192 ? 'LIMIT' : realm === 'https://[' ? 'PROTOCOL' : 'OUTBOUND_REFUSED',
      ]);
    }
    expect(attacker.connectionsOpened).toBe(0);
  });
});

describe('where a registry is', () => {
  it('is known from connections that held, so a name cannot open the way by also leading inside', async () => {
    const inside = await startForTest(() => ({ body: 'inside' }), { certificate: 'good' });
    const registry = await startForTest(
      () => ({ status: 302, headers: { location: `https://loopback.registry.test:${inside.port}/` } }),
      { certificate: 'good', address: '127.0.0.2' },
    );
    const { lookup } = stubLookup({ ...NAMES, 'registry.test': ['127.0.0.2', '127.0.0.1'] });
    const { registry: opened } = openTestRegistry(
      { host: `registry.test:${registry.port}`, certificateAuthorities: [TEST_AUTHORITY] },
      { lookup, classify },
    );
    await expect(opened.probe({ signal: quietSignal() })).rejects.toMatchObject({ code: 'OUTBOUND_REFUSED' });
    expect(inside.connectionsOpened).toBe(0);
  });

  it('on loopback may send to loopback', async () => {
    const store = await startForTest(() => ({ body: '{}' }));
    const registry = await startForTest(() => ({
      status: 307,
      headers: { location: `http://localhost:${store.port}/` },
    }));
    const { registry: opened } = openTestRegistry({ host: registry.host });
    await opened.probe({ signal: quietSignal() });
    expect(store.requests).toHaveLength(1);
  });

  it('over plain HTTP elsewhere gets no password out of a file, but one that was typed for it', async () => {
    const registry = await startForTest(
      (request) =>
        request.headers.authorization === undefined
          ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
          : { body: '{}' },
      { address: '127.0.0.2' },
    );
    const { lookup } = stubLookup(NAMES);
    const probe = (from: 'docker-config' | 'session'): Promise<unknown> =>
      openTestRegistry(
        {
          host: `registry.test:${registry.port}`,
          plainHttp: true,
          credentials: always({ ...passwordCredentials('me', 'canary'), from }),
        },
        { lookup, classify },
      ).registry.probe({ signal: quietSignal() });
    await expect(probe('docker-config')).rejects.toMatchObject({
      code: 'OUTBOUND_REFUSED',
      message: expect.stringContaining('plain HTTP'),
    });
    expect(registry.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    expect(await probe('session')).toEqual({ plainHttp: true });
  });
});
