import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates, type TLSSocket } from 'node:tls';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { addressOfHost } from './address-class.ts';
import { isAddressAllowed } from './authorize-outbound.ts';
import type { NetworkTimings } from './network-timings.ts';
import type { RegistryIdentity } from './registry-identity.ts';

/** What a connection needs from its registry and from the machine. */
export interface ConnectorOptions {
  readonly registry: RegistryIdentity;
  readonly timings: Pick<NetworkTimings, 'connect'>;
  /** PEM certificates trusted beside the well-known authorities. */
  readonly certificateAuthorities: readonly string[];
  /** Name resolution, `dns.lookup` when absent. */
  readonly lookup?: LookupFunction;
}

/** Where a connection goes, as a URL says it. */
export interface Destination {
  /** `http:` or `https:`. */
  readonly protocol: string;
  /** Name or address; IPv6 with or without brackets. */
  readonly hostname: string;
  /** Empty for the scheme's own port. */
  readonly port: string;
}

/** An open socket, or why there is none. */
export type ConnectResult = [null, Socket | TLSSocket] | [Error, null];

/** Opens the sockets of one registry; the only place where one is opened. */
export interface GuardedConnector {
  /**
   * Connects, with TLS for `https:`, and calls back once with an open socket or an error. Addresses are checked after
   * name resolution, and once more on the open socket (bar, A6).
   *
   * @param handshakeLimit - milliseconds for TCP and for TLS, each.
   * @returns the socket, still opening, so that it can be given up early.
   */
  open(
    destination: Destination,
    callback: (...result: ConnectResult) => void,
    handshakeLimit?: number,
  ): Socket;
}

/** Lowest TLS version spoken (bar, section 4). */
const OLDEST_TLS = 'TLSv1.2';

/** Makes the connector of one registry. TLS sessions are resumed within it and never shared with another registry. */
export function createGuardedConnector(options: ConnectorOptions): GuardedConnector {
  const { registry, timings } = options;
  const lookup = guardLookup(registry, options.lookup ?? systemLookup);
  const authorities =
    options.certificateAuthorities.length === 0
      ? undefined
      : [...rootCertificates, ...options.certificateAuthorities];
  const sessions = new Map<string, Buffer>();

  return {
    open(destination, callback, handshakeLimit = timings.connect) {
      const secure = destination.protocol === 'https:';
      const host = destination.hostname.replace(/^\[(.*)\]$/, '$1');
      const port = destination.port === '' ? (secure ? 443 : 80) : Number(destination.port);
      const common = { host, port, lookup, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
      const key = `${host}:${port}`;
      const session = sessions.get(key);
      const socket = secure
        ? connectTls({
            ...common,
            minVersion: OLDEST_TLS,
            ALPNProtocols: ['http/1.1'],
            // An address is no server name (RFC 6066); the certificate is still checked against it.
            ...(addressOfHost(host) === undefined ? { servername: host } : {}),
            ...(authorities === undefined ? {} : { ca: authorities }),
            ...(session === undefined ? {} : { session }),
          })
        : connectTcp(common);
      let settled = false;
      const settle = (error: Error | null): void => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        if (error === null) {
          callback(null, socket);
        } else {
          socket.destroy();
          callback(error, null);
        }
      };
      const fail = (code: string) => () => settle(Object.assign(new Error('It took too long.'), { code }));
      let timer = setTimeout(fail('TALLYMAN_CONNECT_TIMEOUT'), handshakeLimit);
      socket.on('error', settle);
      socket.once('close', () =>
        settle(Object.assign(new Error('The connection was given up.'), { code: 'ECONNRESET' })),
      );
      if (secure) {
        socket.on('session', (fresh: Buffer) => sessions.set(key, fresh));
        socket.once('connect', () => {
          clearTimeout(timer);
          timer = setTimeout(fail('TALLYMAN_HANDSHAKE_TIMEOUT'), handshakeLimit);
        });
      }
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        const address = socket.remoteAddress ?? '';
        if (!isAddressAllowed(address, destination.hostname, registry)) {
          settle(refusedAddress(destination.hostname, [address], registry));
          return;
        }
        // Only a place that proved itself (TLS, when it is spoken) says in which network the registry lives.
        if (destination.hostname === registry.hostname)
          registry.addressClasses.add(registry.classify(address));
        settle(null);
      });
      return socket;
    },
  };
}

/** Name resolution that only answers addresses to which `registry` may lead. */
function guardLookup(registry: RegistryIdentity, lookup: LookupFunction): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const all: LookupAddress[] =
        typeof found === 'string' ? [{ address: found, family: found.includes(':') ? 6 : 4 }] : found;
      const allowed = all.filter(({ address }) => isAddressAllowed(address, bracketed(hostname), registry));
      const [first] = allowed;
      if (first === undefined) {
        callback(
          refusedAddress(
            hostname,
            all.map(({ address }) => address),
            registry,
          ),
          '',
        );
      } else if (options.all === true) {
        callback(null, allowed);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

function bracketed(hostname: string): string {
  return hostname.includes(':') ? `[${hostname}]` : hostname;
}

function refusedAddress(
  hostname: string,
  addresses: readonly string[],
  registry: RegistryIdentity,
): TallymanError {
  const [address = 'no address'] = addresses;
  return new TallymanError({
    code: 'OUTBOUND_REFUSED',
    message: `${hostname} leads to ${address}, a ${registry.classify(address)} address; ${registry.host} has no business there.`,
    hint: 'Nothing was sent. If the registry is inside your own network, open it by a name or address that lies there too.',
    details: { host: hostname.slice(0, 255) },
  });
}
