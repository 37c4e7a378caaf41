import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { describeFailedAnswer } from '../answers/failed-answer.ts';
import { startDeadline } from '../http/deadline.ts';
import { describeUrl } from '../http/describe-url.ts';
import { TOKEN_BODY_LIMIT } from '../http/network-limits.ts';
import { repeatTransient, type Patience } from '../http/repeat-transient.ts';
import type { OutboundRequest, Sender } from '../http/send-request.ts';
import { readWholeAnswer, type WholeAnswer } from '../http/whole-answer.ts';
import type { IdentityTokenCredentials, PasswordCredentials } from './credentials-source.ts';
import { parseTokenAnswer, type Token } from './parse-token-answer.ts';
import type { Redactor } from './redactor.ts';
import { Secret } from './secret.ts';

/** What is asked of a token server. */
export interface TokenRequest {
  /** The registry, for texts. */
  readonly host: string;
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  /** The scopes the challenge itself asked for: some servers take no others. */
  readonly challengedScopes: readonly string[];
  /** Undefined for an anonymous token. */
  readonly credentials: PasswordCredentials | IdentityTokenCredentials | undefined;
}

/** What asking needs. */
export interface TokenRequester {
  readonly sender: Sender;
  readonly patience: Patience;
  readonly redactor: Redactor;
}

/** Name of this client towards token servers (RFC 6749, appendix A.1). */
const CLIENT_ID = 'tallyman';

/**
 * Fetches a token: a password or nobody by GET (token.md), an identity token by POST (oauth.md) and, where the server
 * has no POST, by GET. Redirects are not followed (bar, A5), `offline_token` is not asked for (quirk A12).
 * @throws TallymanError UNAUTHORIZED or DENIED when the server refuses, PROTOCOL for answers without a token,
 * OUTBOUND_REFUSED for a realm that may not be asked.
 */
export async function requestToken(
  requester: TokenRequester,
  request: TokenRequest,
  signal: AbortSignal,
): Promise<Token> {
  let answer: WholeAnswer | undefined;
  if (request.credentials?.kind === 'identity-token') {
    answer = await exchange(requester, postRequest(requester, request, request.credentials), signal);
    // 404 and 405: this server knows the GET form only. Any other refusal is about the token and stays one.
    if (answer.status === 404 || answer.status === 405) answer = undefined;
  }
  answer ??= await exchange(requester, getRequest(requester, request, request.scopes), signal);
  if (answer.status === 400 && request.scopes.length > 1 && request.challengedScopes.length > 0) {
    answer = await exchange(requester, getRequest(requester, request, request.challengedScopes), signal);
  }
  if (answer.status === 200) {
    const token = parseTokenAnswer(answer.bytes, request.realm.host);
    requester.redactor.remember(token.value);
    return token;
  }
  throw refusal(requester, request, answer);
}

type TokenExchange = Omit<OutboundRequest, 'signal' | 'purpose'>;

async function exchange(
  requester: TokenRequester,
  request: TokenExchange,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  const { sender, patience } = requester;
  const once = async (): Promise<WholeAnswer> => {
    const deadline = startDeadline(
      signal,
      patience.timings.metadataTotal,
      () => `Asking ${describeUrl(request.url)} for a token`,
    );
    try {
      const answer = await sender.send({ ...request, purpose: 'token', signal: deadline.signal });
      return await readWholeAnswer(answer, TOKEN_BODY_LIMIT, `The answer of ${describeUrl(request.url)}`);
    } finally {
      deadline.dispose();
    }
  };
  return request.method === 'GET' ? repeatTransient(once, () => undefined, patience, signal) : once();
}

function getRequest(
  { redactor }: TokenRequester,
  request: TokenRequest,
  scopes: readonly string[],
): TokenExchange {
  const { realm, service, credentials } = request;
  const query = new URLSearchParams();
  if (service !== undefined) query.append('service', service);
  for (const scope of scopes) query.append('scope', scope);
  // Outside the written flow, but every Docker client sends it and some servers log by it.
  if (credentials?.kind === 'password') query.append('account', credentials.username);
  const url = new URL(realm);
  // The realm's own query stays as it is, byte for byte.
  url.search = [realm.search.slice(1), query.toString()].filter((part) => part !== '').join('&');
  const base: TokenExchange = { method: 'GET', url, headers: { accept: 'application/json' } };
  if (credentials === undefined) return base;
  const [username, secret] =
    credentials.kind === 'password'
      ? [credentials.username, credentials.password]
      : [credentials.username ?? IDENTITY_TOKEN_USER, credentials.identityToken];
  return { ...base, credentials: basicAuthorization(username, secret, redactor) };
}

/** The name credential helpers give to an identity token. */
const IDENTITY_TOKEN_USER = '<token>';

function postRequest(
  { redactor }: TokenRequester,
  request: TokenRequest,
  credentials: IdentityTokenCredentials,
): TokenExchange {
  redactor.remember(credentials.identityToken);
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: request.service ?? request.realm.host,
    client_id: CLIENT_ID,
    scope: request.scopes.join(' '),
    refresh_token: credentials.identityToken.reveal(),
  });
  return {
    method: 'POST',
    url: request.realm,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    carriesSecret: true,
  };
}

/** The value of an `Authorization` header for HTTP Basic (RFC 7617, UTF-8). */
export function basicAuthorization(username: string, password: Secret, redactor: Redactor): string {
  const encoded = Buffer.from(`${username}:${password.reveal()}`).toString('base64');
  redactor.remember(password);
  redactor.remember(new Secret(encoded));
  return `Basic ${encoded}`;
}

function refusal({ redactor }: TokenRequester, request: TokenRequest, answer: WholeAnswer): TallymanError {
  const { credentials, host } = request;
  const said = describeFailedAnswer(answer, redactor);
  const details = {
    status: answer.status,
    host: request.realm.host,
    scheme: 'bearer',
    signedIn: credentials !== undefined,
  };
  const message = `The token server ${request.realm.host} answered ${said} for ${host}`;
  if (answer.status === 401 || answer.status === 403) {
    const code = answer.status === 401 ? 'UNAUTHORIZED' : 'DENIED';
    if (credentials === undefined) {
      return new TallymanError({
        code,
        message: `${message}: nobody is signed in.`,
        hint: `Sign in to ${host}.`,
        details,
      });
    }
    return new TallymanError({
      code,
      message: `${message}: it does not take the credentials found in ${ORIGIN_NAMES[credentials.from]}.`,
      hint: `They may be wrong or expired, which hides public content too. Sign in to ${host} again, or remove them to look as nobody.`,
      details,
    });
  }
  if (answer.status === 429) {
    return new TallymanError({
      code: 'RATE_LIMITED',
      message: `${message}.`,
      hint: 'Wait a while, then try again.',
      details,
    });
  }
  return new TallymanError({
    code: answer.status >= 500 ? 'REGISTRY_ERROR' : 'PROTOCOL',
    message: `${message}; no token came.`,
    hint: 'Try again; if it stays so, ask whoever runs the registry.',
    details,
  });
}

/** Where credentials come from, inside a sentence. */
export const ORIGIN_NAMES = {
  'docker-config': 'Docker’s configuration',
  'credential-helper': 'a credential helper',
  session: 'this session’s sign-in',
} as const;
