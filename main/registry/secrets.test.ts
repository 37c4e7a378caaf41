import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { failure } from '../testing/content-script.ts';
import {
  always,
  collect,
  collectPages,
  openTestRegistry,
  passwordCredentials,
  quietSignal,
  startForTest,
} from '../testing/open-registry.ts';
import type { ScriptedAnswer, ScriptedRequest } from '../testing/scripted-registry.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { toErrorData } from '../../shared/errors/tallyman-error.ts';
import { sha256 } from '../testing/content-script.ts';
import type { Credentials } from './auth/credentials-source.ts';
import { Secret } from './auth/secret.ts';

const CANARIES = [
  'canary-password',
  'canary-refresh',
  'canary-registry',
  'canary-token',
  'canary-signature',
  'canary-userinfo',
];
const ENCODED = Buffer.from('me:canary-password').toString('base64');

const ACCOUNTS: readonly (Credentials | undefined)[] = [
  undefined,
  passwordCredentials('me', 'canary-password'),
  { kind: 'identity-token', id: 'i', from: 'docker-config', identityToken: new Secret('canary-refresh') },
  { kind: 'registry-token', id: 'r', from: 'docker-config', registryToken: new Secret('canary-registry') },
];

/** Everything a registry, a token server or a blob store can do, with the secrets it got repeated wherever it can. */
const ANSWERS: readonly ((request: ScriptedRequest) => ScriptedAnswer)[] = [
  () => ({ status: 403 }),
  (request) => failure(403, 'DENIED', `you sent ${request.headers.authorization ?? 'nothing'}`),
  (request) => failure(404, 'MANIFEST_UNKNOWN', `not for ${request.headers.authorization ?? 'you'}`),
  (request) => ({
    status: 429,
    headers: { 'retry-after': '9999' },
    body: request.headers.authorization ?? '',
  }),
  () => ({ status: 500, headers: { 'content-type': 'text/html' }, body: '<html>canary-token' }),
  (request) => ({ headers: { warning: `299 - "got ${request.headers.authorization ?? ''}"` }, body: '{}' }),
  () => ({ status: 302, headers: { location: 'http://canary-userinfo:x@127.0.0.1/' } }),
  () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/?sig=canary-signature' } }),
  () => ({ status: 302, headers: { location: 'http://[canary-signature' } }),
  () => ({
    headers: { link: '<https://elsewhere.example/?sig=canary-signature>; rel="next"' },
    body: '{"tags":["a"]}',
  }),
  () => ({ reset: true }),
  () => ({ raw: 'HTTP/1.1 canary-token\r\n\r\n' }),
  () => ({ body: 'canary-token is no JSON' }),
  () => ({ headers: { 'docker-content-digest': sha256(Buffer.from('x')) }, body: '{"a":"canary-token"}' }),
];

// Check 7 of the reliability bar, for everything a registry can be asked.
describe('secrets', () => {
  it('are in no error, no warning and no output on any way through', async () => {
    const printed: string[] = [];
    const spies = (['log', 'error', 'warn', 'info', 'debug'] as const).map((method) =>
      vi.spyOn(console, method).mockImplementation((...args: unknown[]) => void printed.push(inspect(args))),
    );
    const writes = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((text) => (printed.push(String(text)), true)),
    );
    const told: string[] = [];
    let ways = 0;
    try {
      for (const account of ACCOUNTS) {
        for (const loggedIn of ['basic', 'bearer', 'bearer refused'] as const) {
          const tokens = await startForTest((request) =>
            loggedIn === 'bearer'
              ? { body: '{"token":"canary-token"}' }
              : failure(
                  401,
                  'UNAUTHORIZED',
                  `${request.headers.authorization ?? ''} ${Buffer.from(request.body).toString()}`,
                ),
          );
          let answer: (request: ScriptedRequest) => ScriptedAnswer = () => ({});
          const registry = await startForTest((request) => {
            if (request.headers.authorization !== undefined) return answer(request);
            const challenge =
              loggedIn === 'basic'
                ? 'Basic realm="canary-userinfo"'
                : `Bearer realm="${tokens.origin}/token?sig=canary-signature"`;
            return { status: 401, headers: { 'www-authenticate': challenge } };
          });
          for (const each of ANSWERS) {
            answer = each;
            const { registry: opened, warnings } = openTestRegistry(
              { host: registry.host, ...(account === undefined ? {} : { credentials: always(account) }) },
              { timings: { attempts: 1 } },
            );
            const target = opened.repository('team/app');
            const signal = quietSignal();
            const digest = sha256(Buffer.from('{}')) as Digest;
            const works = [
              opened.probe({ signal }),
              collectPages(opened.listRepositories({ signal })),
              target.fetchManifest('1.0', { signal }),
              target.resolve('1.0', { signal }),
              collectPages(target.listEntries!({ signal })),
              collect(target.readBlob({ mediaType: 'x', digest, size: 2 }, { signal })),
              target.referrers!.list(digest, { signal }),
            ];
            for (const outcome of await Promise.allSettled(works)) {
              ways += 1;
              if (outcome.status === 'rejected')
                told.push(JSON.stringify(toErrorData(outcome.reason)), String(outcome.reason));
            }
            told.push(
              ...warnings,
              inspect(opened, { depth: 9, showHidden: true }),
              inspect(target, { depth: 9 }),
              JSON.stringify(account ?? null),
            );
          }
        }
      }
    } finally {
      for (const spy of [...spies, ...writes]) spy.mockRestore();
    }
    const all = [...told, ...printed];
    const leaks = all.filter((text) => [...CANARIES, ENCODED].some((canary) => text.includes(canary)));
    // What the server wrote into its own public text (a web page, a digest's name) is not ours; nothing of it is
    // repeated either.
    expect(leaks).toEqual([]);
    expect(ways).toBe(ACCOUNTS.length * 3 * ANSWERS.length * 7);
    expect(told.filter((text) => text.includes('⟨secret⟩')).length).toBeGreaterThan(0);
  });
});
