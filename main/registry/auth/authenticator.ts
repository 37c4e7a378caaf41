import { isCancellation, TallymanError, type ErrorCode } from '../../../shared/errors/tallyman-error.ts';
import { describeFailedAnswer } from '../answers/failed-answer.ts';
import { authorizeOutbound } from '../http/authorize-outbound.ts';
import { isLoopbackHost } from '../http/address-class.ts';
import type { Patience } from '../http/repeat-transient.ts';
import type { RegistryIdentity } from '../http/registry-identity.ts';
import type { Sender } from '../http/send-request.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import type { Credentials, CredentialsSource } from './credentials-source.ts';
import { parseChallenges } from './parse-challenge.ts';
import type { Redactor } from './redactor.ts';
import { basicAuthorization, ORIGIN_NAMES, requestToken } from './request-token.ts';
import type { Secret } from './secret.ts';
import { createTokenCache, type TokenKey } from './token-cache.ts';
import { splitScopes, unionScopes } from './token-scope.ts';

/** What a request wants to reach. */
export interface AccessNeed {
  /** Undefined for the registry itself. */
  readonly repository?: string;
  readonly scopes: readonly string[];
}

interface Withheld {
  readonly code: ErrorCode;
  /** Ends the sentence "… wants a sign-in, but". */
  readonly reason: string;
  readonly hint: string;
}

/** What a request carried, and where it came from. */
export interface Authorization {
  /** Value of the `Authorization` header. */
  readonly header: string;
  readonly scheme: 'basic' | 'bearer';
  /** Undefined for an anonymous token. */
  readonly credentials?: Credentials;
  /** Why credentials that exist, or may exist, were not used. */
  readonly withheld?: Withheld;
  readonly token?: { readonly key: TokenKey; readonly value: Secret };
}

/** Logs in to one registry: nobody first, then as its challenge asks, with the credentials found for it. */
export interface Authenticator {
  /** What earlier challenges taught for such a request; undefined as long as the registry asked for nothing. */
  authorize(need: AccessNeed, signal: AbortSignal): Promise<Authorization | undefined>;
  /**
   * The answer to a 401 of the registry itself. Called once per request: a second 401 is `refused`.
   *
   * @param lines - the `WWW-Authenticate` lines.
   * @param used - what the request carried.
   * @throws TallymanError UNAUTHORIZED when there is nothing (more) to try, and what the token server's refusal is.
   */
  answerChallenge(
    need: AccessNeed,
    lines: readonly string[],
    used: Authorization | undefined,
    signal: AbortSignal,
  ): Promise<Authorization>;
  /** The error for a 401 that stayed. */
  refused(need: AccessNeed, used: Authorization, answer: WholeAnswer): TallymanError;
}

/** What logging in needs. */
export interface AuthenticatorOptions {
  readonly registry: RegistryIdentity;
  readonly source: CredentialsSource;
  readonly sender: Sender;
  readonly patience: Patience;
  readonly redactor: Redactor;
  /** The `WWW-Authenticate` lines of `GET /v2/`, for registries that leave them out elsewhere (quirk A2). */
  readonly ping: (signal: AbortSignal) => Promise<readonly string[]>;
}

type Learned =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: URL; readonly service: string | undefined };

/** Needs whose additional scopes are remembered. */
const REMEMBERED_NEEDS = 1000;

/** Makes the authenticator of one registry. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { registry, source, sender, patience, redactor } = options;
  const tokens = createTokenCache();
  const challengedScopes = new Map<string, readonly string[]>();
  let learned: Learned | undefined;

  /** Found credentials, or why they stay here. */
  const findCredentials = async (
    need: AccessNeed,
    signal: AbortSignal,
    way: Learned,
  ): Promise<{ readonly credentials?: Credentials; readonly withheld?: Withheld }> => {
    let found: Credentials | undefined;
    try {
      found = await source.find(registry.host, need.repository, signal);
    } catch (error) {
      if (!(error instanceof TallymanError) || isCancellation(error)) throw error;
      // What nobody needs to sign in for stays readable; the reason is told when it turns out to matter.
      const hint = error.hint ?? `Sign in to ${registry.host}.`;
      return {
        withheld: { code: 'UNAUTHORIZED', reason: `no credentials could be read: ${error.message}`, hint },
      };
    }
    if (found === undefined) return {};
    const trust = `If you trust ${registry.host} with them, sign in to it in Tallyman`;
    const plain = registry.origin.startsWith('http:') && !isLoopbackHost(registry.hostname);
    // A person who typed a password for exactly this registry has seen that it is plain HTTP.
    if (plain && found.from !== 'session') {
      const reason = `those from ${ORIGIN_NAMES[found.from]} were not sent, because it is plain HTTP.`;
      return { withheld: { code: 'OUTBOUND_REFUSED', reason, hint: `${trust}.` } };
    }
    if (way.scheme === 'bearer' && found.kind !== 'registry-token') {
      const { takesTokenCredentials } = authorizeOutbound(way.realm, 'token', registry);
      if (!takesTokenCredentials) {
        const reason = `the known credentials were not sent to its token server ${way.realm.host}, which is not known to belong to it.`;
        const hint = 'Only a token server of the same host name gets them, or one you name as trusted.';
        return { withheld: { code: 'OUTBOUND_REFUSED', reason, hint } };
      }
    }
    return { credentials: found };
  };

  const authorizeAs = async (
    need: AccessNeed,
    way: Learned,
    signal: AbortSignal,
  ): Promise<Authorization | undefined> => {
    const { credentials, withheld } = await findCredentials(need, signal, way);
    const { scheme } = way;
    if (scheme === 'basic') {
      if (credentials?.kind !== 'password') return undefined;
      const { username, password } = credentials;
      return { header: basicAuthorization(username, password, redactor), scheme, credentials };
    }
    if (credentials?.kind === 'registry-token') {
      redactor.remember(credentials.registryToken);
      return { header: `Bearer ${credentials.registryToken.reveal()}`, scheme, credentials };
    }
    const challenged = challengedScopes.get(needName(need)) ?? [];
    const scopes = unionScopes(need.scopes, challenged);
    const { realm, service } = way;
    const key: TokenKey = { realm: realm.href, service: service ?? '', scopes, credentials: credentials?.id };
    const value = await tokens.get(key, signal, (shared) =>
      requestToken(
        { sender, patience, redactor },
        { host: registry.host, realm, service, scopes, challengedScopes: challenged, credentials },
        shared,
      ),
    );
    return {
      header: `Bearer ${value.reveal()}`,
      scheme,
      ...(credentials === undefined ? {} : { credentials }),
      ...note(withheld),
      token: { key, value },
    };
  };

  return {
    async authorize(need, signal) {
      return learned === undefined ? undefined : authorizeAs(need, learned, signal);
    },

    async answerChallenge(need, lines, used, signal) {
      const challenged = readChallenge(lines, registry);
      if (challenged !== undefined) {
        challengedScopes.set(needName(need), challenged.scopes);
        const [oldest] = challengedScopes.keys();
        if (challengedScopes.size > REMEMBERED_NEEDS && oldest !== undefined) challengedScopes.delete(oldest);
      }
      const way = challenged?.way ?? learned ?? readChallenge(await options.ping(signal), registry)?.way;
      if (way === undefined) throw unknownScheme(registry.host);
      learned = way;
      if (used?.token !== undefined) tokens.drop(used.token.key, used.token.value);
      const next = await authorizeAs(need, way, signal);
      if (next === undefined || next.header === used?.header) {
        const { withheld } = await findCredentials(need, signal, way);
        throw refusal(registry.host, need, next ?? { scheme: way.scheme, ...note(withheld) }, '401');
      }
      return next;
    },

    refused(need, used, answer) {
      return refusal(registry.host, need, used, describeFailedAnswer(answer, redactor));
    },
  };
}

function note(withheld: Withheld | undefined): { readonly withheld?: Withheld } {
  return withheld === undefined ? {} : { withheld };
}

function needName(need: AccessNeed): string {
  return JSON.stringify(need.scopes);
}

/** The first Bearer challenge, else Basic; undefined when the registry offers neither. */
function readChallenge(
  lines: readonly string[],
  registry: RegistryIdentity,
): { readonly way: Learned; readonly scopes: readonly string[] } | undefined {
  const challenges = parseChallenges(lines);
  for (const { scheme, parameters } of challenges) {
    const realm = parameters.get('realm');
    if (scheme !== 'bearer' || realm === undefined) continue;
    const url = parseRealm(realm, registry);
    // Judged here already, so that a refused realm is told as that and nothing is ever looked up for it.
    authorizeOutbound(url, 'token', registry);
    const way = { scheme: 'bearer', realm: url, service: parameters.get('service') } as const;
    return { way, scopes: splitScopes(parameters.get('scope')) };
  }
  return challenges.some(({ scheme }) => scheme === 'basic')
    ? { way: { scheme: 'basic' }, scopes: [] }
    : undefined;
}

/** A realm may be relative to the registry (quirk A3). */
function parseRealm(realm: string, registry: RegistryIdentity): URL {
  try {
    const url = new URL(realm, registry.origin);
    url.hash = '';
    return url;
  } catch {
    throw new TallymanError({
      code: 'PROTOCOL',
      message: `${registry.host} names a token server by something that is no URL.`,
      hint: 'Report it to whoever runs the registry.',
    });
  }
}

function unknownScheme(host: string): TallymanError {
  return new TallymanError({
    code: 'UNAUTHORIZED',
    message: `${host} wants a sign-in, but offers neither Basic nor Bearer.`,
    hint: 'Tallyman speaks no other way of signing in. Ask whoever runs the registry for one of these.',
    details: { status: 401 },
  });
}

function refusal(
  host: string,
  need: AccessNeed,
  { scheme, credentials, withheld }: Pick<Authorization, 'scheme' | 'credentials' | 'withheld'>,
  said: string,
): TallymanError {
  const wanted = need.repository === undefined ? host : `${host}/${need.repository}`;
  const details = { status: 401, scheme, signedIn: credentials !== undefined };
  if (withheld !== undefined) {
    return new TallymanError({
      code: withheld.code,
      message: `${wanted} wants a sign-in (${said}), but ${withheld.reason}`,
      hint: withheld.hint,
      details,
    });
  }
  if (credentials === undefined) {
    return new TallymanError({
      code: 'UNAUTHORIZED',
      message: `${wanted} wants a sign-in (${said}); no credentials are known for it.`,
      hint: `Sign in to ${host}. Some registries also answer like this for a repository that does not exist.`,
      details,
    });
  }
  return new TallymanError({
    code: 'UNAUTHORIZED',
    message: `${wanted} did not take the credentials found in ${ORIGIN_NAMES[credentials.from]} (${said}).`,
    hint: `Sign in to ${host} again: they may be wrong, expired, or without the right to this repository.`,
    details,
  });
}
