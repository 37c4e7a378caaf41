import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { parseRegistryHost } from '../../../shared/oci/registry-host.ts';
import { apiHost } from '../docker-hub.ts';
import { classifyAddress, type AddressClass } from './address-class.ts';
import { authorizeOutbound, isAddressAllowed, type OutboundPurpose } from './authorize-outbound.ts';
import type { RegistryIdentity } from './registry-identity.ts';

function identity(origin: string, more: Partial<RegistryIdentity> = {}): RegistryIdentity {
  const { host, hostname } = new URL(origin);
  return {
    host,
    origin: new URL(origin).origin,
    hostname,
    trustedTokenHosts: [],
    addressClasses: new Set<AddressClass>(['public']),
    classify: classifyAddress,
    ...more,
  };
}

function judge(url: string, purpose: OutboundPurpose, registry: RegistryIdentity, from?: string): string {
  try {
    const judged = authorizeOutbound(
      new URL(url),
      purpose,
      registry,
      from === undefined ? undefined : new URL(from),
    );
    if (judged.takesTokenCredentials) return 'token credentials';
    return judged.takesRegistryCredentials && purpose !== 'token' ? 'registry credentials' : 'no credentials';
  } catch (error) {
    if (error instanceof TallymanError) return error.code;
    throw error;
  }
}

const REGISTRY = identity('https://registry.example.com');
const HUB = identity('https://registry-1.docker.io');
const LAB = identity('http://localhost:5000', { addressClasses: new Set(['loopback']) });

describe('registry, page and upload URLs', () => {
  it.each(['registry', 'page', 'upload'] as const)('%s: only the registry’s own origin', (purpose) => {
    const judged = (url: string): string => judge(url, purpose, REGISTRY);
    expect(judged('https://registry.example.com/v2/')).toBe('registry credentials');
    expect(judged('https://REGISTRY.example.com:443/v2/')).toBe('registry credentials');
    for (const foreign of [
      'http://registry.example.com/v2/',
      'https://registry.example.com:8443/v2/',
      'https://registry.example.com./v2/',
      'https://evil.example/v2/',
      'https://sub.registry.example.com/v2/',
      'https://user@registry.example.com/v2/',
      'ftp://registry.example.com/v2/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'https://169.254.169.254/latest',
    ]) {
      expect([foreign, judged(foreign)]).toEqual([foreign, 'OUTBOUND_REFUSED']);
    }
  });

  it('refuses URLs that are longer than any registry needs', () => {
    expect(judge(`https://registry.example.com/${'a'.repeat(64 * 1024)}`, 'registry', REGISTRY)).toBe(
      'LIMIT',
    );
  });
});

// Check 2 of the reliability bar. Names that resolve to such addresses: see login-destinations.test.ts.
describe('token realms', () => {
  it.each([
    ['https://registry.example.com/token', 'token credentials'],
    ['https://registry.example.com:8443/token', 'token credentials'],
    ['https://REGISTRY.EXAMPLE.COM/token', 'token credentials'],
    ['https://auth.example.com/token', 'no credentials'],
    ['https://example.com/token', 'no credentials'],
    ['https://sub.registry.example.com/token', 'no credentials'],
    ['https://registry.example.com.evil.example/token', 'no credentials'],
    ['https://evilregistry.example.com/token', 'no credentials'],
    ['https://registry.example.com./token', 'no credentials'],
    ['https://auth.docker.io/token', 'no credentials'],
    ['https://gitlab.com/jwt/auth', 'no credentials'],
    ['http://registry.example.com/token', 'OUTBOUND_REFUSED'],
    ['http://auth.example.com/token', 'OUTBOUND_REFUSED'],
    ['https://user:password@registry.example.com/token', 'OUTBOUND_REFUSED'],
    ['https://registry.example.com@evil.example/token', 'OUTBOUND_REFUSED'],
    ['file:///etc/passwd', 'OUTBOUND_REFUSED'],
    ['ftp://registry.example.com/token', 'OUTBOUND_REFUSED'],
    ['data:application/json,{}', 'OUTBOUND_REFUSED'],
    ['ws://registry.example.com/token', 'OUTBOUND_REFUSED'],
    ['https://127.0.0.1/token', 'OUTBOUND_REFUSED'],
    ['https://127.1/token', 'OUTBOUND_REFUSED'],
    ['https://2130706433/token', 'OUTBOUND_REFUSED'],
    ['https://0x7f000001/token', 'OUTBOUND_REFUSED'],
    ['https://0177.0.0.1/token', 'OUTBOUND_REFUSED'],
    ['https://017700000001/token', 'OUTBOUND_REFUSED'],
    ['https://[::1]/token', 'OUTBOUND_REFUSED'],
    ['https://[::ffff:127.0.0.1]/token', 'OUTBOUND_REFUSED'],
    ['https://[::ffff:a00:1]/token', 'OUTBOUND_REFUSED'],
    ['https://[64:ff9b::a9fe:a9fe]/token', 'OUTBOUND_REFUSED'],
    ['https://169.254.169.254/token', 'OUTBOUND_REFUSED'],
    ['https://[fe80::1]/token', 'OUTBOUND_REFUSED'],
    ['https://10.0.0.1/token', 'OUTBOUND_REFUSED'],
    ['https://172.16.0.1/token', 'OUTBOUND_REFUSED'],
    ['https://192.168.0.1/token', 'OUTBOUND_REFUSED'],
    ['https://[fc00::1]/token', 'OUTBOUND_REFUSED'],
    ['https://0.0.0.0/token', 'OUTBOUND_REFUSED'],
    ['https://0/token', 'OUTBOUND_REFUSED'],
    ['https://[::]/token', 'OUTBOUND_REFUSED'],
    ['https://224.0.0.1/token', 'OUTBOUND_REFUSED'],
    ['https://8.8.8.8/token', 'no credentials'],
    [`https://registry.example.com/${'t'.repeat(64 * 1024)}`, 'LIMIT'],
  ])('%.80s: %s', (realm, expected) => {
    expect(judge(realm, 'token', REGISTRY)).toBe(expected);
  });

  it('knows the two common pairs, by registry and not by token server alone', () => {
    const gitlab = identity('https://registry.gitlab.com');
    expect(judge('https://auth.docker.io/token', 'token', HUB)).toBe('token credentials');
    expect(judge('https://gitlab.com/jwt/auth', 'token', gitlab)).toBe('token credentials');
    expect(judge('https://auth.docker.io/token', 'token', gitlab)).toBe('no credentials');
    expect(judge('https://gitlab.com/jwt/auth', 'token', HUB)).toBe('no credentials');
    expect(judge('https://auth.docker.io:8443/token', 'token', HUB)).toBe('no credentials');
  });

  it('lets a registry on loopback name a token server there, and one the person named as trusted', () => {
    expect(judge('http://localhost:5001/token', 'token', LAB)).toBe('token credentials');
    expect(judge('http://127.0.0.1:5001/token', 'token', LAB)).toBe('no credentials');
    const trusting = identity('https://registry.example.com', { trustedTokenHosts: ['auth.example.com'] });
    expect(judge('https://auth.example.com/token', 'token', trusting)).toBe('token credentials');
    expect(judge('https://auth.example.com:444/token', 'token', trusting)).toBe('no credentials');
  });
});

describe('redirects', () => {
  it('go anywhere public with TLS, never out of TLS, never into a network the registry is not in', () => {
    const from = 'https://registry.example.com/v2/a/blobs/x';
    expect(judge('https://cdn.example/blob?sig=1', 'blob-redirect', REGISTRY, from)).toBe('no credentials');
    expect(judge('https://registry.example.com/other', 'blob-redirect', REGISTRY, from)).toBe(
      'registry credentials',
    );
    expect(judge('http://cdn.example/blob', 'blob-redirect', REGISTRY, from)).toBe('OUTBOUND_REFUSED');
    expect(judge('https://127.0.0.1/blob', 'blob-redirect', REGISTRY, from)).toBe('OUTBOUND_REFUSED');
    expect(judge('https://a:b@cdn.example/', 'blob-redirect', REGISTRY, from)).toBe('OUTBOUND_REFUSED');
    expect(judge('http://127.0.0.1:9000/', 'blob-redirect', LAB, 'http://localhost:5000/')).toBe(
      'no credentials',
    );
    expect(judge('http://10.0.0.1:9000/', 'blob-redirect', LAB, 'http://localhost:5000/')).toBe(
      'OUTBOUND_REFUSED',
    );
    expect(judge('https://cdn.example/', 'blob-redirect', LAB, 'http://localhost:5000/')).toBe(
      'no credentials',
    );
  });
});

describe('URLs in manifests', () => {
  it('are https or refused, and never get credentials', () => {
    expect(judge('https://elsewhere.example/layer', 'foreign-url', REGISTRY)).toBe('no credentials');
    expect(judge('http://elsewhere.example/layer', 'foreign-url', REGISTRY)).toBe('OUTBOUND_REFUSED');
    expect(judge('https://192.168.0.1/layer', 'foreign-url', REGISTRY)).toBe('OUTBOUND_REFUSED');
  });
});

describe('addresses of the registry itself', () => {
  it('may be inside a private network by name, anywhere by address, and never a metadata service by name', () => {
    const allowed = (address: string): boolean => isAddressAllowed(address, 'registry.example.com', REGISTRY);
    expect(['8.8.8.8', '10.0.0.1', '127.0.0.1'].map(allowed)).toEqual([true, true, true]);
    expect(['169.254.169.254', '0.0.0.0', '224.0.0.1', 'fe80::1'].map(allowed)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    const typed = identity('http://169.254.10.10:5000');
    expect(isAddressAllowed('169.254.10.10', '169.254.10.10', typed)).toBe(true);
  });
});

// Check 5 of the reliability bar: what looks like a known registry is another one, or none.
describe('registry names', () => {
  it.each([
    'evildocker.io', 'docker.io.evil.example', 'adocker.io', 'docker.io-evil.example', 'xdocker.io', 'docker.io.', 'docker.com',
    'dockerio.example', 'docker.io:444', 'docker.io:80', 'auth.docker.io', 'hub.docker.com', 'registry-1.docker.io.evil.example',
    'registry-1-docker.io', 'registry-2.docker.io', 'index.docker.io.evil.example', 'xn--dcker-jua.io', 'docker.io@evil.example',
    'ghcr.io@evil.tld', 'ghcr.io%2eevil', 'ghcr。io', 'ghcr．io', 'ｇhcr.io', 'ghcr.io\u200b', 'ghcr.io\u202e', 'gհcr.io', 'docker。io',
    'dοcker.io', 'docker.ιo', 'dоcker.io', 'ⅾocker.io', 'docker.io/evil', 'docker.io?evil', 'docker.io#evil', 'docker.io\\evil',
    'docker.io evil', 'docker.io\tevil', 'docker.io\nevil', 'docker.io\u0000', '-docker.io', 'docker-.io', 'docker..io', '.docker.io',
    'evil.azurecr.io.attacker.com', 'azurecr.io.attacker.com', 'registry.gitlab.com.evil.example', 'evilregistry.gitlab.com',
    'registry-gitlab.com', 'registry.gitlab.com.', 'gitlab.com', 'registry.gitlab.com:8443', 'user:pass@docker.io', '[::ffff:1.1.1.1',
    '1.1.1', '0x7f.1', '127.1', 'docker.io:99999', 'docker.io:0', 'docker.io:', 'docker.io:port', '%64ocker.io',
  ])('%j is not Docker Hub and gets none of its exceptions', (text) => {
    let host: string;
    try {
      host = parseRegistryHost(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'INVALID_REFERENCE' });
      return;
    }
    expect(apiHost(host)).toBe(host);
    const registry = identity(`https://${host}`);
    if (host !== 'auth.docker.io') expect(judge('https://auth.docker.io/token', 'token', registry)).not.toBe('token credentials');
    if (host !== 'gitlab.com') expect(judge('https://gitlab.com/jwt/auth', 'token', registry)).not.toBe('token credentials');
  }); // prettier-ignore

  it.each(['docker.io', 'DOCKER.io', 'index.docker.io', 'registry-1.docker.io'])(
    '%s is Docker Hub',
    (text) => {
      expect(apiHost(parseRegistryHost(text))).toBe('registry-1.docker.io');
    },
  );
});
