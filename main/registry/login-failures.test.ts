import { describe, expect, it } from 'vitest';
import { failure } from '../testing/content-script.ts';
import {
  always,
  openTestRegistry,
  passwordCredentials,
  quietSignal,
  startForTest,
} from '../testing/open-registry.ts';
import type { Script, ScriptedAnswer } from '../testing/scripted-registry.ts';
import { failureOf, fetchTag, startTokenWorld } from '../testing/token-world.ts';
import type { CredentialsSource } from './auth/credentials-source.ts';

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
