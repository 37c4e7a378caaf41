import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Target } from '../content/target.ts';
import { sha256 } from '../testing/content-script.ts';
import {
  collect,
  collectPages,
  openTestRegistry,
  quietSignal,
  startForTest,
} from '../testing/open-registry.ts';
import type { Script, ScriptedAnswer } from '../testing/scripted-registry.ts';

const MANIFEST = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
const MEBIBYTE = 1024 * 1024;

async function open(script: Script): Promise<Target> {
  const server = await startForTest(script);
  return openTestRegistry({ host: server.host, plainHttp: true }).registry.repository('a');
}

/**
 * What the work came to, and what it cost: code of its error, seconds, and growth of the memory in MiB while it ran.
 */
async function cost(
  work: () => Promise<unknown>,
): Promise<{ readonly outcome: string; readonly seconds: number; readonly growth: number }> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  const start = performance.now();
  const outcome = await work().then(
    () => 'read',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
  clearInterval(watch);
  return {
    outcome,
    seconds: (performance.now() - start) / 1000,
    growth: (Math.max(most, process.memoryUsage().rss) - before) / MEBIBYTE,
  };
}

/** Up to 10 GiB, as fast as they are taken. */
async function* tenGibibytes(): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  for (let sent = 0; sent < 10 * 1024 * MEBIBYTE; sent += chunk.byteLength)
    yield await Promise.resolve(chunk);
}

// Check 14 of the reliability bar. The server is in this process too: the bound has room for what it holds itself.
describe('bodies without end', () => {
  it.each<readonly [string, ScriptedAnswer, (target: Target) => Promise<unknown>, string]>([
    [
      'a manifest of 10 GiB',
      { headers: MANIFEST, body: tenGibibytes() },
      (target) => target.fetchManifest('1', { signal: quietSignal() }),
      'LIMIT',
    ],
    [
      'a manifest said to have 2^53 bytes',
      { headers: { ...MANIFEST, 'content-length': '9007199254740992' }, body: tenGibibytes() },
      (target) => target.fetchManifest('1', { signal: quietSignal() }),
      'LIMIT',
    ],
    [
      'a page of tags of 10 GiB',
      { body: tenGibibytes() },
      (target) => collectPages(target.listEntries!({ signal: quietSignal() })),
      'LIMIT',
    ],
    [
      'an error of 10 GiB',
      { status: 403, body: tenGibibytes() },
      (target) => target.fetchManifest('1', { signal: quietSignal() }),
      'DENIED',
    ],
    [
      'a redirect of 10 GiB',
      { status: 302, headers: { location: '/v2/' }, body: tenGibibytes() },
      (target) => target.fetchManifest('1', { signal: quietSignal() }),
      'LIMIT',
    ],
    [
      'a 401 of 10 GiB',
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, body: tenGibibytes() },
      (target) => target.fetchManifest('1', { signal: quietSignal() }),
      'UNAUTHORIZED',
    ],
    [
      'a blob of 10 GiB that should have ten bytes',
      { body: tenGibibytes() },
      (target) =>
        collect(
          target.readBlob({ mediaType: 'x', digest: sha256(Buffer.from('x')), size: 10 } as Descriptor, {
            signal: quietSignal(),
          }),
        ),
      'SIZE_MISMATCH',
    ],
  ])('%s', async (_name, answer, work, code) => {
    const target = await open(() => answer);
    const { outcome, seconds, growth } = await cost(() => work(target));
    expect(outcome).toBe(code);
    expect(seconds).toBeLessThan(2);
    expect(growth).toBeLessThan(96);
  });

  it('a token of 10 GiB', async () => {
    const tokens = await startForTest(() => ({ body: tenGibibytes() }));
    const target = await open(() => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${tokens.origin}/token"` },
    }));
    const { outcome, seconds } = await cost(() => target.fetchManifest('1', { signal: quietSignal() }));
    expect(outcome).toBe('LIMIT');
    expect(seconds).toBeLessThan(2);
  });

  it('lengths that are none are no answer', async () => {
    for (const length of ['-1', '1e308', '1.5', 'abc', '5, 6']) {
      const raw = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{}`;
      const target = await open(() => ({ raw }));
      const { outcome } = await cost(() => target.fetchManifest('1', { signal: quietSignal() }));
      // The HTTP parser refuses some, and finds for others that the body has another length.
      expect([length, ['PROTOCOL', 'UNREACHABLE'].includes(outcome)]).toEqual([length, true]);
    }
  });
});

describe('headers without end', () => {
  it('ten thousand lines, one line of 64 KiB, 201 small lines', async () => {
    const many = (count: number, size: number): Record<string, string> =>
      Object.fromEntries(Array.from({ length: count }, (_unused, index) => [`x-${index}`, 'a'.repeat(size)]));
    for (const headers of [many(10_000, 10), many(1, 64 * 1024), many(201, 1)]) {
      const target = await open(() => ({ headers: { ...MANIFEST, ...headers }, body: '{}' }));
      const { outcome, seconds } = await cost(() => target.fetchManifest('1', { signal: quietSignal() }));
      expect(outcome).toBe('LIMIT');
      expect(seconds).toBeLessThan(2);
    }
    const target = await open(() => ({ headers: { ...MANIFEST, ...many(150, 100) }, body: '{}' }));
    expect((await cost(() => target.fetchManifest('1', { signal: quietSignal() }))).outcome).toBe('read');
  });
});

// Check 15 of the reliability bar: bytes are taken as stored, or not at all.
describe('content encodings', () => {
  const json = Buffer.from('{"schemaVersion":2,"tags":["a"]}');
  const digest = sha256(json);

  it.each([
    ['gzip', 'gzip', gzipSync(json)],
    ['br', 'br', brotliCompressSync(json)],
    [
      'gzip fifty times',
      new Array(50).fill('gzip').join(', '),
      Array.from({ length: 50 }).reduce<Buffer>((bytes) => gzipSync(bytes), json),
    ],
    ['a bomb', 'gzip', gzipSync(Buffer.alloc(64 * MEBIBYTE))],
    ['what nobody knows', 'zip', json],
  ] as const)('%s is never undone', async (_name, encoding, body) => {
    const headers = { ...MANIFEST, 'content-encoding': encoding };
    const target = await open(() => ({ headers, body }));
    const codes: string[] = [];
    const start = process.cpuUsage();
    codes.push((await cost(() => target.fetchManifest('1', { signal: quietSignal() }))).outcome);
    codes.push((await cost(() => collectPages(target.listEntries!({ signal: quietSignal() })))).outcome);
    if (body !== json)
      codes.push((await cost(() => target.fetchManifest(digest, { signal: quietSignal() }))).outcome);
    expect(new Set(codes)).toEqual(new Set(['PROTOCOL']));
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(1);
  });

  it('a manifest that is right as it came is right, whatever the header says', async () => {
    const target = await open(() => ({ headers: { ...MANIFEST, 'content-encoding': 'gzip' }, body: json }));
    expect((await target.fetchManifest(digest, { signal: quietSignal() })).descriptor.digest).toBe(digest);
  });

  it('identity is no encoding', async () => {
    const target = await open(() => ({ headers: { 'content-encoding': 'identity' }, body: json }));
    expect(await collectPages(target.listEntries!({ signal: quietSignal() }))).toEqual([{ tag: 'a' }]);
  });
});
