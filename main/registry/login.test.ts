import { describe, expect, it } from 'vitest';
import { failure, serveContent } from '../testing/content-script.ts';
import {
  always,
  openTestRegistry,
  passwordCredentials,
  quietSignal,
  startForTest,
} from '../testing/open-registry.ts';
import type { ScriptedAnswer } from '../testing/scripted-registry.ts';
import {
  basic,
  failureOf,
  fetchTag,
  giveToken,
  startTokenWorld,
  teamContent,
} from '../testing/token-world.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Credentials, CredentialsSource } from './auth/credentials-source.ts';
import { Secret } from './auth/secret.ts';

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
