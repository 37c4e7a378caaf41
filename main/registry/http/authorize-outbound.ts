import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { addressOfHost } from './address-class.ts';
import { describeUrl } from './describe-url.ts';
import { URL_LENGTH_LIMIT } from './network-limits.ts';
import type { RegistryIdentity } from './registry-identity.ts';

/**
 * Why a URL is asked for; each has its own rules.
 *
 * - `registry`: a path of the distribution API, built by us
 * - `page`: the next page a registry named in a `Link` header
 * - `upload`: an upload session a registry named in a `Location` header
 * - `token`: the token server a registry named in a challenge
 * - `blob-redirect`: where a registry sent us with a 3xx
 * - `foreign-url`: a URL in a descriptor's `urls`, which a person agreed to open
 */
export type OutboundPurpose = 'registry' | 'page' | 'upload' | 'token' | 'blob-redirect' | 'foreign-url';

/** A URL that may be asked, and what may go with it. */
export interface AuthorizedUrl {
  readonly url: URL;
  /** The origin is the registry's own: its `Authorization` may be attached. */
  readonly takesRegistryCredentials: boolean;
  /** A token server that may get the password or refresh token of this registry. */
  readonly takesTokenCredentials: boolean;
}

/**
 * Registries whose token server has another name, keyed by registry, never by token server alone (bar, A4). The only
 * common ones: the rest of the big registries answer for themselves.
 */
const TOKEN_SERVER_OF: ReadonlyMap<string, string> = new Map([
  ['https://registry-1.docker.io', 'https://auth.docker.io'],
  ['https://registry.gitlab.com', 'https://gitlab.com'],
]);

/**
 * The one gate every request passes before it is sent (reliability bar, A1–A9): judges a URL by its form, its origin
 * and, where the host is an address, by where that lies. Names are judged when they are connected to
 * (`isAddressAllowed`).
 *
 * @param url - the URL, absolute.
 * @param from - the URL that named this one, for redirects: TLS is never left.
 * @throws TallymanError OUTBOUND_REFUSED with the reason, LIMIT for a URL that is too long.
 */
export function authorizeOutbound(
  url: URL,
  purpose: OutboundPurpose,
  registry: RegistryIdentity,
  from?: URL,
): AuthorizedUrl {
  const refuse = (reason: string, hint: string): never => {
    throw new TallymanError({
      code: 'OUTBOUND_REFUSED',
      message: `${registry.host} named ${describeUrl(url)} (${WHAT[purpose]}), which is not asked: ${reason}.`,
      hint,
      details: { purpose, host: url.host.slice(0, 255) },
    });
  };
  if (url.href.length > URL_LENGTH_LIMIT) {
    throw new TallymanError({
      code: 'LIMIT',
      message: `${registry.host} named a URL of ${url.href.length} characters (${WHAT[purpose]}); at most ${URL_LENGTH_LIMIT} are taken.`,
      hint: 'Report it to whoever runs the registry.',
      details: { limit: URL_LENGTH_LIMIT },
    });
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    refuse(`only http and https are spoken, not ${url.protocol.slice(0, 20)}`, ASK_OPERATOR);
  }
  if (url.username !== '' || url.password !== '')
    refuse('it has a user name or password in it', ASK_OPERATOR);
  const sameOrigin = url.origin === registry.origin;
  switch (purpose) {
    case 'registry':
    case 'page':
    case 'upload':
      if (!sameOrigin) refuse('it is another origin than the registry', ASK_OPERATOR);
      break;
    case 'token':
      if (url.protocol === 'http:' && registry.origin.startsWith('https:')) {
        refuse('the registry speaks TLS, its token server does not', ASK_OPERATOR);
      }
      break;
    case 'blob-redirect':
      if (url.protocol === 'http:' && (from?.protocol ?? 'https:') === 'https:') {
        refuse('it would leave TLS', ASK_OPERATOR);
      }
      break;
    case 'foreign-url':
      if (url.protocol === 'http:') refuse('only https is followed out of a manifest', ASK_OPERATOR);
      break;
  }
  const address = addressOfHost(url.hostname);
  if (address !== undefined && !isAddressAllowed(address, url.hostname, registry)) {
    refuse(`${address} is a ${registry.classify(address)} address, the registry is not`, ASK_OPERATOR);
  }
  return {
    url,
    takesRegistryCredentials: sameOrigin,
    takesTokenCredentials: purpose === 'token' && isOwnTokenServer(url, registry),
  };
}

const WHAT: Readonly<Record<OutboundPurpose, string>> = {
  registry: 'registry API',
  page: 'next page',
  upload: 'upload session',
  token: 'token server',
  'blob-redirect': 'redirect',
  'foreign-url': 'URL in a manifest',
};

const ASK_OPERATOR =
  'Nothing was sent there. If you trust this registry, ask whoever runs it why it names that place.';

/**
 * Whether a socket for `hostname` may go to `address` (bar, A6). The registry a person typed may be anywhere a
 * person's registry can be; everything it names may be public, or in a class in which the registry itself answered.
 */
export function isAddressAllowed(address: string, hostname: string, registry: RegistryIdentity): boolean {
  const addressClass = registry.classify(address);
  if (addressClass === 'public') return true;
  if (hostname === registry.hostname) {
    // Typed as an address: meant. As a name: no name has a reason to lead to a metadata service or to nowhere.
    if (addressOfHost(hostname) !== undefined) return true;
    return addressClass === 'loopback' || addressClass === 'private';
  }
  return registry.addressClasses.has(addressClass);
}

function isOwnTokenServer(url: URL, registry: RegistryIdentity): boolean {
  if (url.hostname === registry.hostname) return true;
  if (TOKEN_SERVER_OF.get(registry.origin) === url.origin) return true;
  return registry.trustedTokenHosts.includes(url.host);
}
