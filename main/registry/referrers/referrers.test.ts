import { describe, expect, it } from 'vitest';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { ReferrersAnswer, Target } from '../../content/target.ts';
import { failure, sha256 } from '../../testing/content-script.ts';
import { openTestRegistry, quietSignal, startForTest } from '../../testing/open-registry.ts';
import type { Script, ScriptedAnswer, ScriptedRegistry } from '../../testing/scripted-registry.ts';
import { createReferrersCapability } from './referrers-capability.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const SUBJECT = sha256(Buffer.from('subject')) as Digest;

function referrer(name: string, artifactType?: string): Record<string, unknown> {
  const bytes = Buffer.from(name);
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: sha256(bytes),
    size: bytes.byteLength,
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}

function index(manifests: unknown, headers: Record<string, string> = {}): ScriptedAnswer {
  return {
    headers: { 'content-type': INDEX, ...headers },
    body: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }),
  };
}

async function open(script: Script): Promise<{ readonly server: ScriptedRegistry; readonly target: Target }> {
  const server = await startForTest(script);
  return {
    server,
    target: openTestRegistry({ host: server.host, plainHttp: true }).registry.repository('team/app'),
  };
}

async function list(script: Script, artifactType?: string): Promise<ReferrersAnswer | string> {
  const { target } = await open(script);
  const options = { signal: quietSignal(), ...(artifactType === undefined ? {} : { artifactType }) };
  return target.referrers!.list(SUBJECT, options).catch((error: unknown) => (error as { code: string }).code);
}

describe('referrers API', () => {
  it('lists what names the subject, all pages', async () => {
    const script: Script = ({ query, path }) => {
      if (path !== `/v2/team/app/referrers/${SUBJECT}`) return undefined;
      return query.has('page')
        ? index([referrer('c')])
        : index([referrer('a'), referrer('b')], { link: '<?page=2>; rel="next"' });
    };
    expect(await list(script)).toEqual({
      outcome: 'listed',
      referrers: ['a', 'b', 'c'].map((name) => referrer(name)),
    });
  });

  it('answers none for an empty list, also when it is written as null', async () => {
    expect(await list(() => index([]))).toEqual({ outcome: 'listed', referrers: [] });
    expect(await list(() => index(null))).toEqual({ outcome: 'listed', referrers: [] });
  });

  it('ignores parameters of the media type (quirk F3)', async () => {
    expect(await list(() => index([], { 'content-type': `${INDEX}; charset=utf-8` }))).toEqual({
      outcome: 'listed',
      referrers: [],
    });
  });

  it.each<readonly [string, ScriptedAnswer]>([
    [
      '404 of a router',
      { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' },
    ],
    ['404 of a registry', failure(404, 'MANIFEST_UNKNOWN', 'x')],
    ['400', failure(400, 'UNSUPPORTED', 'x')],
    ['405', { status: 405 }],
    ['406', { status: 406 }],
  ])('is unsupported where it is answered %s', async (_name, answer) => {
    expect(await list(() => answer)).toMatchObject({
      outcome: 'unsupported',
      reason: expect.stringContaining('no referrers API'),
    });
  });

  it.each<readonly [string, ScriptedAnswer, string]>([
    ['an unknown repository', failure(404, 'NAME_UNKNOWN', 'x'), 'NOT_FOUND'],
    ['a web page (V49)', { headers: { 'content-type': 'text/html' }, body: '<html>' }, 'PROTOCOL'],
    ['another media type', index([], { 'content-type': 'application/json' }), 'PROTOCOL'],
    ['no list (V49)', { headers: { 'content-type': INDEX }, body: '{"schemaVersion":2}' }, 'PROTOCOL'],
    ['no JSON', { headers: { 'content-type': INDEX }, body: 'x' }, 'PROTOCOL'],
    ['trouble', { status: 500 }, 'REGISTRY_ERROR'],
    ['trouble at the gateway', { status: 502 }, 'REGISTRY_ERROR'],
    ['a refusal', { status: 403 }, 'DENIED'],
    ['too many requests', { status: 429, headers: { 'retry-after': '9999' } }, 'RATE_LIMITED'],
    ['a broken connection', { reset: true }, 'UNREACHABLE'],
    [
      'an endless body',
      { headers: { 'content-type': INDEX }, body: Buffer.alloc(9 * 1024 * 1024, ' ') },
      'LIMIT',
    ],
  ])('never reads as none: %s', async (_name, answer, code) => {
    expect(await list(() => answer)).toBe(code);
  });

  it('is not unsupported because a later page is refused', async () => {
    const script: Script = ({ query }) =>
      query.has('page') ? { status: 404 } : index([referrer('a')], { link: '<?page=2>; rel="next"' });
    expect(await list(script)).toBe('NOT_FOUND');
  });

  it('keeps the good entries and names the bad ones (quirk F11)', async () => {
    const answer = await list(() =>
      index([
        referrer('a'),
        { mediaType: 'x', digest: '_uploads', size: 1 },
        { ...referrer('b'), size: -1 },
        5,
      ]),
    );
    expect(answer).toMatchObject({ outcome: 'listed', referrers: [referrer('a')] });
    expect(
      typeof answer === 'object' && answer.outcome === 'listed' && answer.failures?.map(({ code }) => code),
    ).toEqual(['MALFORMED', 'MALFORMED', 'MALFORMED']);
  });

  it('filters here where the registry does not, and trusts it where it says that it did (V50)', async () => {
    const mixed = [referrer('a', 'text/sbom'), referrer('b', 'text/other'), referrer('c')];
    expect(await list(() => index(mixed), 'text/sbom')).toEqual({
      outcome: 'listed',
      referrers: [referrer('a', 'text/sbom')],
    });
    expect(await list(() => index(mixed, { 'oci-filters-applied': 'foo' }), 'text/sbom')).toEqual({
      outcome: 'listed',
      referrers: [referrer('a', 'text/sbom')],
    });
    expect(
      await list(() => index(mixed, { 'oci-filters-applied': 'foo, artifactType' }), 'text/sbom'),
    ).toMatchObject({ referrers: mixed });
    const { server, target } = await open(() => index([]));
    await target.referrers!.list(SUBJECT, { signal: quietSignal(), artifactType: 'a/b+c' } as never);
    expect(server.requests[0]?.query.get('artifactType')).toBe('a/b+c');
  });
});

describe('a registry without the API', () => {
  it('is asked once per repository, however many nodes ask at the same time', async () => {
    const { server, target } = await open(() => ({ status: 404, body: '404 page not found', delay: 20 }));
    const subjects = Array.from(
      { length: 60 },
      (_unused, number) => sha256(Buffer.from(String(number))) as Digest,
    );
    const answers = await Promise.all(
      subjects.map((subject) => target.referrers!.list(subject, { signal: quietSignal() })),
    );
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['unsupported']));
    expect(server.requests).toHaveLength(1);
  });

  it('is asked again after a failure, and after five minutes', async () => {
    let now = 0;
    const capability = createReferrersCapability(() => now);
    const asked: string[] = [];
    const unsupported: ReferrersAnswer = { outcome: 'unsupported', reason: 'x' };
    const ask = (outcome: ReferrersAnswer | Error): Promise<unknown> =>
      capability
        .ask(() => {
          asked.push(outcome instanceof Error ? 'failed' : outcome.outcome);
          return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
        }, quietSignal())
        .catch(() => 'failed');
    expect(await ask(new Error('down'))).toBe('failed');
    expect(await ask(unsupported)).toBe(unsupported);
    expect(await ask(new Error('never asked'))).toBe(unsupported);
    now = 5 * 60_000 + 1;
    expect(await ask({ outcome: 'listed', referrers: [] })).toEqual({ outcome: 'listed', referrers: [] });
    expect(await ask(unsupported)).toBe(unsupported);
    expect(asked).toEqual(['failed', 'unsupported', 'listed', 'unsupported']);
  });

  it('lets a waiting question go when it is cancelled', async () => {
    const capability = createReferrersCapability();
    const first = capability.ask(() => new Promise(() => undefined), quietSignal());
    void first;
    const controller = new AbortController();
    const second = capability.ask(() => Promise.reject(new Error('cancelled')), controller.signal);
    controller.abort();
    await expect(second).rejects.toThrow('cancelled');
  });
});

describe('a registry with the API', () => {
  it('is asked about every node at once after the first answer', async () => {
    const { server, target } = await open(() => ({ ...index([]), delay: 30 }));
    await target.referrers!.list(SUBJECT, { signal: quietSignal() });
    await Promise.all(
      Array.from({ length: 20 }, () => target.referrers!.list(SUBJECT, { signal: quietSignal() })),
    );
    expect([server.mostAtOnce, server.requests.length]).toEqual([20, 21]);
  });
});
