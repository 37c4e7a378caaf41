import { describe, expect, it } from 'vitest';
import {
  addManifest,
  emptyContent,
  failure,
  repositoryIn,
  serveContent,
  type ScriptedContent,
} from '../testing/content-script.ts';
import {
  always,
  openTestRegistry,
  passwordCredentials,
  quietSignal,
  startForTest,
} from '../testing/open-registry.ts';
import type {
  Script,
  ScriptedAnswer,
  ScriptedRegistry,
  ScriptedRequest,
} from '../testing/scripted-registry.ts';
import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Credentials, CredentialsSource } from './auth/credentials-source.ts';
import { Secret } from './auth/secret.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

function teamContent(): ScriptedContent {
  const content = emptyContent();
  addManifest(repositoryIn(content, 'team/app'), { schemaVersion: 2 }, MANIFEST, '1.0');
  addManifest(repositoryIn(content, 'team/other'), { schemaVersion: 2 }, MANIFEST, '1.0');
  return content;
}

async function failureOf(work: Promise<unknown>): Promise<ErrorData> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof TallymanError) return outcome.toData();
  throw new Error('It did not fail as it should.', { cause: outcome });
}

interface TokenWorld {
  readonly registry: ScriptedRegistry;
  readonly tokens: ScriptedRegistry;
}

/** A registry that wants a bearer token the token server gave, with the account's name and scopes inside. */
async function startTokenWorld(
  options: {
    readonly answer?: (request: ScriptedRequest) => ScriptedAnswer | undefined;
    readonly challenge?: (tokens: string, scope: string) => string;
  } = {},
): Promise<TokenWorld> {
  const serve = serveContent(teamContent());
  const tokens = await startForTest((request) => options.answer?.(request) ?? giveToken(request));
  const registry = await startForTest((request) => {
    const name = /^\/v2\/(.+)\/(manifests|tags|blobs|referrers)\//.exec(request.path)?.[1];
    const scope = name === undefined ? '' : `repository:${name}:pull`;
    const bearer = request.headers.authorization?.replace(/^Bearer /, '');
    const granted = bearer === undefined ? undefined : Buffer.from(bearer, 'base64url').toString();
    if (granted?.includes(scope) === true) return serve(request);
    const challenge =
      options.challenge?.(tokens.origin, scope) ??
      `Bearer realm="${tokens.origin}/token",service="reg",scope="${scope}"`;
    return {
      ...failure(401, 'UNAUTHORIZED', 'authentication required'),
      headers: { 'www-authenticate': challenge, 'content-type': 'application/json' },
    };
  });
  return { registry, tokens };
}

function giveToken(request: ScriptedRequest): ScriptedAnswer {
  const form = new URLSearchParams(Buffer.from(request.body).toString());
  const scopes = [...request.query.getAll('scope'), form.get('scope') ?? ''].join(' ');
  const account = request.headers.authorization ?? form.get('refresh_token') ?? 'nobody';
  const token = Buffer.from(`${account}|${scopes}|${Math.random()}`).toString('base64url');
  return {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, access_token: token, expires_in: 300 }),
  };
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

async function fetchTag(
  registry: ScriptedRegistry,
  credentials?: CredentialsSource,
  repository = 'team/app',
): Promise<unknown> {
  const { registry: opened } = openTestRegistry({
    host: registry.host,
    ...(credentials === undefined ? {} : { credentials }),
  });
  return opened.repository(repository).fetchManifest('1.0', { signal: quietSignal() });
}

describe('tokens for nobody', () => {
  it('asks as nobody first, fetches a token, and afterwards one per repository before the request', async () => {
    const { registry, tokens } = await startTokenWorld();
    const { registry: opened } = openTestRegistry({ host: registry.host });
    const app = opened.repository('team/app');
    await app.fetchManifest('1.0', { signal: quietSignal() });
    await app.fetchManifest('1.0', { signal: quietSignal() });
    await opened.repository('team/other').fetchManifest('1.0', { signal: quietSignal() });
    expect(registry.requests.map(({ headers }) => headers.authorization === undefined)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(tokens.requests.map(({ target, headers }) => [target, headers.authorization])).toEqual([
      ['/token?service=reg&scope=repository%3Ateam%2Fapp%3Apull', undefined],
      ['/token?service=reg&scope=repository%3Ateam%2Fother%3Apull', undefined],
    ]);
  });

  it('says what to do when nobody gets in', async () => {
    const { registry, tokens } = await startTokenWorld({
      answer: () => ({ body: '{"token":"bm90aGluZw"}' }),
    });
    const data = await failureOf(fetchTag(registry));
    expect(data).toMatchObject({ code: 'UNAUTHORIZED', details: { signedIn: false, scheme: 'bearer' } });
    expect(data.message).toContain('401 UNAUTHORIZED (“authentication required”)');
    expect(data.hint).toContain(`Sign in to ${registry.host}`);
    // One log-in per request, never a loop (V61).
    expect([registry.requests.length, tokens.requests.length]).toEqual([2, 1]);
  });

  it('keeps the realm’s own query and sends each challenged scope by itself (V57)', async () => {
    const { registry, tokens } = await startTokenWorld({
      challenge: (origin, scope) =>
        `Bearer realm="${origin}/t?x=1&y=a%2Fb",service="s p",scope="${scope} repository:c/d:pull"`,
    });
    await fetchTag(registry);
    expect(tokens.requests.map(({ target }) => target)).toEqual([
      '/t?x=1&y=a%2Fb&service=s+p&scope=repository%3Ac%2Fd%3Apull&scope=repository%3Ateam%2Fapp%3Apull',
    ]);
  });

  it('takes a relative realm, and the ping’s challenge where the request’s own is missing', async () => {
    const serve = serveContent(teamContent());
    const registry = await startForTest(
      (request): ScriptedAnswer | undefined | Promise<ScriptedAnswer | undefined> => {
        if (request.path === '/auth/token') return giveToken(request);
        if (request.headers.authorization !== undefined) return serve(request);
        return {
          status: 401,
          headers:
            request.path === '/v2/' ? { 'www-authenticate': 'Bearer realm="/auth/token",service="s"' } : {},
        };
      },
    );
    await fetchTag(registry);
    expect(registry.requests.map(({ path }) => path)).toEqual([
      '/v2/team/app/manifests/1.0',
      '/v2/',
      '/auth/token',
      '/v2/team/app/manifests/1.0',
    ]);
  });

  it('retries with the challenge’s scopes alone where a server takes no others (quirk A5)', async () => {
    const serve = serveContent(teamContent());
    const tokens = await startForTest((request) =>
      request.query.getAll('scope').length > 1
        ? failure(400, 'UNSUPPORTED', 'one scope only')
        : giveToken(request),
    );
    const registry = await startForTest((request) =>
      request.headers.authorization === undefined
        ? {
            status: 401,
            headers: {
              'www-authenticate': `Bearer realm="${tokens.origin}/token",scope="repository:alias/app:pull"`,
            },
          }
        : serve(request),
    );
    await fetchTag(registry);
    expect(tokens.requests.map(({ query }) => query.getAll('scope'))).toEqual([
      ['repository:alias/app:pull', 'repository:team/app:pull'],
      ['repository:alias/app:pull'],
    ]);
  });

  it('fetches a new token when the registry does not take the kept one any more', async () => {
    const { registry, tokens } = await startTokenWorld();
    const { registry: opened } = openTestRegistry({ host: registry.host });
    const app = opened.repository('team/app');
    await app.fetchManifest('1.0', { signal: quietSignal() });
    const expired = registry.requests.at(-1)?.headers.authorization;
    const serve = serveContent(teamContent());
    registry.follow((request) =>
      request.headers.authorization === expired
        ? {
            status: 401,
            headers: {
              'www-authenticate': `Bearer realm="${tokens.origin}/token",service="reg",error="invalid_token"`,
            },
          }
        : serve(request),
    );
    await app.fetchManifest('1.0', { signal: quietSignal() });
    expect(tokens.requests).toHaveLength(2);
  });
});

describe('accounts', () => {
  it('sends a password to the token server and never to the registry', async () => {
    const { registry, tokens } = await startTokenWorld();
    await fetchTag(registry, always(passwordCredentials('me', 'canary')));
    expect(
      tokens.requests.map(({ headers, query }) => [headers.authorization, query.get('account')]),
    ).toEqual([[basic('me', 'canary'), 'me']]);
    expect(
      registry.requests.filter(({ headers }) => headers.authorization?.startsWith('Basic') === true),
    ).toEqual([]);
  });

  it('sends a password as Basic where the registry asks for that, from the second request on at once', async () => {
    const serve = serveContent(teamContent());
    const registry = await startForTest((request) =>
      request.headers.authorization === basic('me', 'pass:with:colons ü')
        ? serve(request)
        : { status: 401, headers: { 'www-authenticate': ['Negotiate', 'Basic realm="x", charset="UTF-8"'] } },
    );
    const { registry: opened } = openTestRegistry({
      host: registry.host,
      credentials: always(passwordCredentials('me', 'pass:with:colons ü')),
    });
    const app = opened.repository('team/app');
    await app.fetchManifest('1.0', { signal: quietSignal() });
    await app.fetchManifest('1.0', { signal: quietSignal() });
    expect(registry.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('says where refused credentials came from', async () => {
    const registry = await startForTest(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="x"' },
    }));
    const data = await failureOf(fetchTag(registry, always(passwordCredentials('me', 'wrong-canary'))));
    expect(data).toMatchObject({ code: 'UNAUTHORIZED', details: { signedIn: true } });
    expect(data.message).toContain('Docker’s configuration');
    expect(data.hint).toContain('Sign in');
    expect(JSON.stringify(data)).not.toContain('canary');
    expect(registry.requests).toHaveLength(2);
    expect(await failureOf(fetchTag(registry))).toMatchObject({
      code: 'UNAUTHORIZED',
      details: { signedIn: false },
    });
  });

  it('exchanges an identity token by POST, and by GET where the server has no POST (V60)', async () => {
    const identity: Credentials = {
      kind: 'identity-token',
      id: 'i',
      from: 'docker-config',
      identityToken: new Secret('refresh-canary'),
    };
    const { registry, tokens } = await startTokenWorld();
    await fetchTag(registry, always(identity));
    const [post] = tokens.requests;
    expect([tokens.requests.length, post?.method, post?.target]).toEqual([1, 'POST', '/token']);
    expect(Object.fromEntries(new URLSearchParams(Buffer.from(post!.body).toString()))).toEqual({
      grant_type: 'refresh_token',
      service: 'reg',
      client_id: 'tallyman',
      scope: 'repository:team/app:pull',
      refresh_token: 'refresh-canary',
    });

    for (const status of [404, 405]) {
      const old = await startTokenWorld({
        answer: ({ method }) => (method === 'POST' ? { status } : undefined),
      });
      await fetchTag(old.registry, always(identity));
      expect(old.tokens.requests.map(({ method, headers }) => [method, headers.authorization])).toEqual([
        ['POST', undefined],
        ['GET', basic('<token>', 'refresh-canary')],
      ]);
    }
    const refusing = await startTokenWorld({
      answer: ({ method }) => (method === 'POST' ? { status: 401 } : undefined),
    });
    expect(await failureOf(fetchTag(refusing.registry, always(identity)))).toMatchObject({
      code: 'UNAUTHORIZED',
    });
    expect(refusing.tokens.requests).toHaveLength(1);
  });

  it('sends a registry token as it is', async () => {
    const { registry, tokens } = await startTokenWorld();
    const ready = Buffer.from('x|repository:team/app:pull').toString('base64url');
    await fetchTag(
      registry,
      always({ kind: 'registry-token', id: 'r', from: 'docker-config', registryToken: new Secret(ready) }),
    );
    expect([tokens.requests.length, registry.requests.at(-1)?.headers.authorization]).toEqual([
      0,
      `Bearer ${ready}`,
    ]);
  });

  it('tells that an expired token hides public content too (quirk A15)', async () => {
    const { registry } = await startTokenWorld({
      answer: ({ headers }) =>
        headers.authorization === undefined ? undefined : failure(403, 'DENIED', 'denied'),
    });
    const data = await failureOf(fetchTag(registry, always(passwordCredentials('me', 'expired-pat'))));
    expect(data.code).toBe('DENIED');
    expect(data.hint).toContain('expired');
    await fetchTag(registry);
  });

  it('answers nobody when a helper fails, and tells about the helper when that is not enough', async () => {
    const broken: CredentialsSource = {
      find: () =>
        Promise.reject(
          new TallymanError({
            code: 'UNREADABLE',
            message: 'The helper "x" is not installed here.',
            hint: 'Install it.',
          }),
        ),
    };
    const open = await startTokenWorld();
    await fetchTag(open.registry, broken);
    const shut = await startTokenWorld({ answer: () => ({ body: '{"token":"bm8"}' }) });
    const data = await failureOf(fetchTag(shut.registry, broken));
    expect(data).toMatchObject({ code: 'UNAUTHORIZED', hint: 'Install it.' });
    expect(data.message).toContain('The helper "x" is not installed here.');
  });
});

// Check 6 of the reliability bar.
describe('two accounts on one registry', () => {
  it('never share a token over 200 interleaved requests', async () => {
    const { registry, tokens } = await startTokenWorld();
    const accounts = ['one', 'two'].map((name) => ({
      name,
      opened: openTestRegistry({
        host: registry.host,
        credentials: always(passwordCredentials(name, `canary-${name}`)),
      }).registry,
    }));
    await Promise.all(
      Array.from({ length: 200 }, async (_unused, index) => {
        const { opened } = accounts[index % 2]!;
        await opened
          .repository(index % 3 === 0 ? 'team/app' : 'team/other')
          .fetchManifest('1.0', { signal: quietSignal() });
      }),
    );
    const byUser = (name: string): number =>
      tokens.requests.filter(({ headers }) => headers.authorization === basic(name, `canary-${name}`)).length;
    // Two repositories each: one token per account and repository.
    expect([byUser('one'), byUser('two'), tokens.requests.length]).toEqual([2, 2, 4]);
  });

  it('do not mix when the account changes in one open registry', async () => {
    const { registry, tokens } = await startTokenWorld();
    let current = passwordCredentials('one', 'canary-one');
    const { registry: opened } = openTestRegistry({
      host: registry.host,
      credentials: { find: () => Promise.resolve(current) },
    });
    const app = opened.repository('team/app');
    await app.fetchManifest('1.0', { signal: quietSignal() });
    current = passwordCredentials('two', 'canary-two');
    await app.fetchManifest('1.0', { signal: quietSignal() });
    expect(tokens.requests.map(({ headers }) => headers.authorization)).toEqual([
      basic('one', 'canary-one'),
      basic('two', 'canary-two'),
    ]);
    const used = Buffer.from(
      registry.requests.at(-1)!.headers.authorization!.slice(7),
      'base64url',
    ).toString();
    expect(used).toContain(basic('two', 'canary-two'));
  });

  it('fetch one token for 50 parallel 401s', async () => {
    const { registry, tokens } = await startTokenWorld({
      answer: (request) => ({ ...giveToken(request), delay: 30 }),
    });
    const { registry: opened } = openTestRegistry({ host: registry.host });
    const app = opened.repository('team/app');
    await Promise.all(Array.from({ length: 50 }, () => app.fetchManifest('1.0', { signal: quietSignal() })));
    expect([tokens.requests.length, tokens.mostAtOnce]).toEqual([1, 1]);
  });
});

describe('token servers that misbehave', () => {
  const cases: readonly (readonly [name: string, script: Script, code: string])[] = [
    ['redirects', () => ({ status: 302, headers: { location: 'https://evil.example/' } }), 'PROTOCOL'],
    [
      'answers HTML',
      () => ({ headers: { 'content-type': 'text/html' }, body: '<html>log in</html>' }),
      'PROTOCOL',
    ],
    ['answers without a token', () => ({ body: '{}' }), 'PROTOCOL'],
    ['is not there', () => failure(404, 'NAME_UNKNOWN', 'x'), 'PROTOCOL'],
    ['is in trouble', () => ({ status: 500 }), 'REGISTRY_ERROR'],
    ['is overrun', () => ({ status: 429, headers: { 'retry-after': '3600' } }), 'RATE_LIMITED'],
  ];
  it.each(cases)('%s', async (_name, script, code) => {
    const { registry, tokens } = await startTokenWorld();
    tokens.follow(script);
    const data = await failureOf(fetchTag(registry, always(passwordCredentials('me', 'canary-password'))));
    expect(data.code).toBe(code);
    expect(data.hint).not.toBe('');
    expect(JSON.stringify(data)).not.toContain('canary');
  });

  it('repeat the password in their error: it is not repeated further', async () => {
    const { registry } = await startTokenWorld({
      answer: (request) =>
        failure(401, 'UNAUTHORIZED', `wrong: ${request.headers.authorization ?? ''} or canary-password`),
    });
    const data = await failureOf(fetchTag(registry, always(passwordCredentials('me', 'canary-password'))));
    expect(data.message).toContain('⟨secret⟩');
    expect(JSON.stringify(data)).not.toContain('canary');
    expect(JSON.stringify(data)).not.toContain(Buffer.from('me:canary-password').toString('base64'));
  });
});

describe('probe', () => {
  it('finds a registry that wants a sign-in for everything, one that lets nobody in by Basic, and wrong passwords', async () => {
    const { registry } = await startTokenWorld();
    const probe = (host: string, credentials?: CredentialsSource): Promise<unknown> =>
      openTestRegistry({ host, ...(credentials === undefined ? {} : { credentials }) }).registry.probe({
        signal: quietSignal(),
      });
    expect(await probe(registry.host)).toEqual({ plainHttp: true });

    const closed = await startTokenWorld({
      answer: ({ headers }) =>
        headers.authorization === undefined ? { status: 401 } : failure(401, 'UNAUTHORIZED', 'no'),
    });
    closed.registry.follow(() => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${closed.tokens.origin}/token"` },
    }));
    expect(await probe(closed.registry.host)).toEqual({ plainHttp: true });
    expect(
      await failureOf(probe(closed.registry.host, always(passwordCredentials('me', 'wrong')))),
    ).toMatchObject({ code: 'UNAUTHORIZED' });

    const basicOnly = await startForTest(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="x"' },
    }));
    expect(await failureOf(probe(basicOnly.host))).toMatchObject({ code: 'UNAUTHORIZED' });
    const negotiate = await startForTest(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Negotiate' },
    }));
    expect((await failureOf(probe(negotiate.host))).message).toContain('neither Basic nor Bearer');
  });

  it.each([
    ['a web page', { headers: { 'content-type': 'text/html' }, body: '<html>hi</html>' }, 'PROTOCOL'],
    ['another server', { status: 404, body: 'nothing' }, 'PROTOCOL'],
    ['something that is no HTTP', { raw: 'SSH-2.0-OpenSSH_9.2\r\n' }, 'PROTOCOL'],
    ['a server in trouble', { status: 503, body: 'x' }, 'REGISTRY_ERROR'],
  ] as const)('%s is no registry', async (_name, answer: ScriptedAnswer, code) => {
    const server = await startForTest(() => answer);
    const { registry } = openTestRegistry({ host: server.host, plainHttp: true });
    const data = await failureOf(registry.probe({ signal: quietSignal() }));
    expect(data.code).toBe(code);
  });
});
