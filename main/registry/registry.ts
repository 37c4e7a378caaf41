import { quoteText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { parseRegistryHost } from '../../shared/oci/registry-host.ts';
import { isRepositoryName } from '../../shared/oci/repository-name.ts';
import type { LookupFunction } from 'node:net';
import type { Target, TargetOptions } from '../content/target.ts';
import { createWarningCollector } from './answers/warning-collector.ts';
import { createAuthenticator } from './auth/authenticator.ts';
import type { CredentialsSource } from './auth/credentials-source.ts';
import { createRedactor } from './auth/redactor.ts';
import { createSingleFlight } from './auth/single-flight.ts';
import { apiHost } from './docker-hub.ts';
import { classifyAddress, isLoopbackHost, type AddressClass } from './http/address-class.ts';
import { chooseLoopbackScheme } from './http/choose-scheme.ts';
import { createGuardedConnector } from './http/guarded-connector.ts';
import { createLanes } from './http/lanes.ts';
import { DEFAULT_TIMINGS, type NetworkTimings } from './http/network-timings.ts';
import type { RegistryIdentity } from './http/registry-identity.ts';
import { createSender, type Sender } from './http/send-request.ts';
import { listRepositories } from './lists/list-repositories.ts';
import { pingLines, probeRegistry } from './probe-registry.ts';
import { createRegistryClient, type RegistryClient } from './registry-client.ts';
import { createRepositoryTarget } from './repository-target.ts';
import { createUploadHabits, type UploadHabits } from './uploads/upload-habits.ts';

/** How a registry is reached and who asks it. */
export interface RegistryOptions {
  /** `host[:port]` as a person typed it; `docker.io` for Docker Hub. */
  readonly host: string;
  /**
   * True: plain HTTP. False: TLS only. Undefined: a loopback host is asked by TLS and, when it does not answer as a
   * TLS server, by plain HTTP; every other host by TLS only.
   */
  readonly plainHttp?: boolean;
  readonly credentials: CredentialsSource;
  /** Called once, with the first answer: how the registry is spoken to from now on. */
  readonly onFirstAnswer?: (connection: { readonly plainHttp: boolean }) => void;
  /** Gets each warning of the registry once, safe to show. */
  readonly onWarning: (text: string) => void;
  /** `tallyman/VERSION`. */
  readonly userAgent?: string;
  /** PEM certificates trusted beside the well-known authorities. */
  readonly certificateAuthorities?: readonly string[];
  /** `host[:port]` of token servers that may get this registry's password although they have another name. */
  readonly trustedTokenHosts?: readonly string[];
}

/** What tests replace: the network as this machine sees it, patience, chance. */
export interface RegistryEnvironment {
  readonly timings?: Partial<NetworkTimings>;
  readonly random?: () => number;
  readonly lookup?: LookupFunction;
  readonly classify?: (address: string) => AddressClass;
  /** Where uploads begin: smaller parts than usual. */
  readonly uploads?: Partial<UploadHabits>;
}

/** A registry that can be read. Connections are made when they are needed and kept until `close`. */
export interface Registry {
  /** Canonical `host[:port]`. */
  readonly host: string;
  /**
   * Asks `GET /v2/`, and logs in where credentials are known.
   *
   * @returns whether the registry is spoken to over plain HTTP.
   * @throws TallymanError UNREACHABLE, TLS, PROTOCOL when it is no registry, UNAUTHORIZED when it takes nobody or not
   * these credentials.
   */
  probe(options: TargetOptions): Promise<{ readonly plainHttp: boolean }>;
  /** The catalog in pages; see `listRepositories`. */
  listRepositories(options: TargetOptions): AsyncIterable<readonly string[]>;
  /**
   * One repository as a target; the same object for the same name as long as the registry remembers it.
   * @throws TallymanError INVALID_REFERENCE for something that is no repository name.
   */
  repository(name: string): Target;
  /** Ends all connections. Requests that are under way fail as CANCELLED. */
  close(): Promise<void>;
}

/** Repositories whose knowledge (has it the referrers API?) is kept. */
const REPOSITORIES_KEPT = 1000;

interface Connected {
  readonly client: RegistryClient;
  readonly sender: Sender;
  readonly identity: RegistryIdentity;
}

/**
 * Makes a registry. Nothing is asked before the first question.
 * @throws TallymanError INVALID_REFERENCE for a host that is none.
 */
export function createRegistry(options: RegistryOptions, environment: RegistryEnvironment = {}): Registry {
  const host = parseRegistryHost(options.host);
  const timings: NetworkTimings = { ...DEFAULT_TIMINGS, ...environment.timings };
  const redactor = createRedactor();
  const lanes = createLanes();
  const warnings = createWarningCollector((text) => options.onWarning(redactor.clean(text)));
  const address = apiHost(host);
  const { hostname } = new URL(`https://${address}`);
  const addressClasses = new Set<AddressClass>();
  const closing = new AbortController();
  const targets = new Map<string, Target>();
  const uploadHabits = { ...createUploadHabits(), ...environment.uploads };
  const connecting = createSingleFlight<Connected>();
  let connected: Connected | undefined;

  const identityFor = (scheme: 'https:' | 'http:'): RegistryIdentity => ({
    host,
    origin: new URL(`${scheme}//${address}`).origin,
    hostname,
    trustedTokenHosts: options.trustedTokenHosts ?? [],
    addressClasses,
    classify: environment.classify ?? classifyAddress,
  });

  const connectorFor = (identity: RegistryIdentity): ReturnType<typeof createGuardedConnector> =>
    createGuardedConnector({
      registry: identity,
      timings,
      certificateAuthorities: options.certificateAuthorities ?? [],
      ...(environment.lookup === undefined ? {} : { lookup: environment.lookup }),
    });

  const chooseScheme = async (signal: AbortSignal): Promise<'https:' | 'http:'> => {
    if (options.plainHttp !== undefined) return options.plainHttp ? 'http:' : 'https:';
    if (!isLoopbackHost(hostname)) return 'https:';
    const connector = connectorFor(identityFor('https:'));
    return chooseLoopbackScheme({
      connector,
      host: address,
      signal,
      handshakeLimit: timings.loopbackHandshake,
    });
  };

  const connect = async (signal: AbortSignal): Promise<Connected> => {
    if (closing.signal.aborted) throw closedError(host);
    if (connected !== undefined) return connected;
    return connecting.run('', signal, async (shared) => {
      const identity = identityFor(await chooseScheme(shared));
      const sender = createSender({
        registry: identity,
        connector: connectorFor(identity),
        timings,
        userAgent: options.userAgent ?? 'tallyman',
      });
      let answered = false;
      const patience = { timings, random: environment.random ?? Math.random, hasAnswered: () => answered };
      const authenticator = createAuthenticator({
        registry: identity,
        source: options.credentials,
        sender,
        patience,
        redactor,
        ping: (pinging) => pingLines(sender, identity, pinging),
      });
      const client = createRegistryClient({
        registry: identity,
        sender,
        authenticator,
        lanes,
        patience,
        redactor,
        warnings,
        onAnswer: () => {
          if (!answered) options.onFirstAnswer?.({ plainHttp: identity.origin.startsWith('http:') });
          answered = true;
        },
      });
      if (closing.signal.aborted) {
        await sender.close();
        throw closedError(host);
      }
      connected = { client, sender, identity };
      return connected;
    });
  };
  const connectClient = async (signal: AbortSignal): Promise<RegistryClient> =>
    (await connect(signal)).client;

  return {
    host,

    async probe({ signal }) {
      const { client, identity } = await connect(signal);
      await probeRegistry(client, signal);
      return { plainHttp: identity.origin.startsWith('http:') };
    },

    async *listRepositories(listOptions) {
      yield* listRepositories(await connectClient(listOptions.signal), listOptions);
    },

    repository(name) {
      if (!isRepositoryName(name)) {
        throw new TallymanError({
          code: 'INVALID_REFERENCE',
          message: `${quoteText(name)} is no repository name.`,
          hint: 'Names are lower-case letters and digits, with “.”, “_”, “-” between them, in parts separated by “/”.',
        });
      }
      const known = targets.get(name);
      if (known !== undefined) return known;
      const target = createRepositoryTarget({
        host,
        repository: name,
        connect: connectClient,
        timings,
        uploadHabits,
      });
      targets.set(name, target);
      const [oldest] = targets.keys();
      if (targets.size > REPOSITORIES_KEPT && oldest !== undefined) targets.delete(oldest);
      return target;
    },

    async close() {
      closing.abort();
      await connected?.sender.close();
    },
  };
}

function closedError(host: string): TallymanError {
  return new TallymanError({ code: 'CANCELLED', message: `${host} was closed.` });
}
