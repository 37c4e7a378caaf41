import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { collect, openTestRegistry, quietSignal, startForTest } from '../testing/open-registry.ts';
import { sha256 } from '../testing/content-script.ts';
import type { ScriptedAnswer } from '../testing/scripted-registry.ts';
import { stubLookup } from '../testing/stub-lookup.ts';
import { TEST_AUTHORITY, type CertificateFlavour } from '../testing/test-certificates.ts';

const MANIFEST = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };

async function failureOf(work: Promise<unknown>): Promise<ErrorData> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof TallymanError) return outcome.toData();
  throw new Error('It did not fail as it should.', { cause: outcome });
}

describe('certificates', () => {
  it.each([
    ['self-signed', 'self-signed'],
    ['expired', 'expired'],
    ['wrong-host', 'another host name'],
  ] as const)(
    '%s is told by its reason and never falls back to plain HTTP',
    async (certificate: CertificateFlavour, reason) => {
      const server = await startForTest(() => ({ body: '{}' }), { certificate });
      for (const plainHttp of [undefined, false]) {
        const { registry } = openTestRegistry({
          host: server.host,
          certificateAuthorities: [TEST_AUTHORITY],
          ...(plainHttp === undefined ? {} : { plainHttp }),
        });
        const data = await failureOf(registry.probe({ signal: quietSignal() }));
        expect(data.code).toBe('TLS');
        expect(data.message).toContain(reason);
        expect(data.hint).toBeTruthy();
      }
      expect(server.requests).toHaveLength(0);
    },
  );

  it('of an unknown authority is told, and holds once the authority is given', async () => {
    const server = await startForTest(() => ({ body: '{}' }), { certificate: 'good' });
    const unknown = openTestRegistry({ host: server.host });
    expect((await failureOf(unknown.registry.probe({ signal: quietSignal() }))).message).toContain(
      'authority that is not trusted',
    );
    const known = openTestRegistry({ host: server.host, certificateAuthorities: [TEST_AUTHORITY] });
    expect(await known.registry.probe({ signal: quietSignal() })).toEqual({ plainHttp: false });
  });

  it('is checked against an IPv6 address and a name too', async () => {
    const six = await startForTest(() => ({ body: '{}' }), { certificate: 'good', address: '::1' });
    const options = { certificateAuthorities: [TEST_AUTHORITY] };
    expect(
      await openTestRegistry({ host: six.host, ...options }).registry.probe({ signal: quietSignal() }),
    ).toEqual({ plainHttp: false });
    const named = openTestRegistry(
      { host: `registry.test:${six.port}`, ...options },
      stubLookup({ 'registry.test': ['::1'] }),
    );
    expect(await named.registry.probe({ signal: quietSignal() })).toEqual({ plainHttp: false });
  });
});

describe('plain HTTP', () => {
  it('is found out on loopback, by address and by name, with nothing but a handshake', async () => {
    const server = await startForTest(() => ({ body: '{}' }));
    expect(await openTestRegistry({ host: server.host }).registry.probe({ signal: quietSignal() })).toEqual({
      plainHttp: true,
    });
    expect(server.requests).toHaveLength(1);
    expect(
      await openTestRegistry({ host: `localhost:${server.port}` }).registry.probe({ signal: quietSignal() }),
    ).toEqual({ plainHttp: true });
  });

  it('is never a fallback elsewhere: the error names the switch', async () => {
    const server = await startForTest(() => ({ body: '{}' }));
    const { lookup } = stubLookup({ 'registry.test': ['127.0.0.1'] });
    const data = await failureOf(
      openTestRegistry({ host: `registry.test:${server.port}` }, { lookup }).registry.probe({
        signal: quietSignal(),
      }),
    );
    expect(data).toMatchObject({ code: 'TLS', hint: expect.stringContaining('--plain-http') });
    expect(server.requests).toHaveLength(0);
    const allowed = openTestRegistry({ host: `registry.test:${server.port}`, plainHttp: true }, { lookup });
    expect(await allowed.registry.probe({ signal: quietSignal() })).toEqual({ plainHttp: true });
  });
});

describe('a registry that is not there', () => {
  it('is told at once', async () => {
    const gone = await startForTest(() => undefined);
    await gone.close();
    const start = performance.now();
    expect(
      await failureOf(openTestRegistry({ host: gone.host }).registry.probe({ signal: quietSignal() })),
    ).toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining(`nothing listens at ${gone.host}`),
    });
    const { lookup } = stubLookup({});
    expect(
      await failureOf(
        openTestRegistry({ host: 'nowhere.test' }, { lookup }).registry.probe({ signal: quietSignal() }),
      ),
    ).toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('no host is known by the name'),
    });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('comes back while we ask again, once it has answered before', async () => {
    let asked = 0;
    const server = await startForTest(() => {
      asked += 1;
      return asked === 1 || asked > 3 ? { headers: MANIFEST, body: '{}' } : { reset: true };
    });
    const target = openTestRegistry({ host: server.host }).registry.repository('a');
    await target.fetchManifest('1', { signal: quietSignal() });
    await target.fetchManifest('1', { signal: quietSignal() });
    expect(asked).toBe(4);
  });
});

describe('repetition', () => {
  async function ask(
    ...answers: readonly ScriptedAnswer[]
  ): Promise<{ readonly asked: number; readonly took: number; readonly outcome: unknown }> {
    let asked = 0;
    const server = await startForTest(() => answers[Math.min(asked++, answers.length - 1)]);
    const { registry } = openTestRegistry({ host: server.host, plainHttp: true });
    const start = performance.now();
    const outcome = await registry
      .repository('a')
      .fetchManifest('1', { signal: quietSignal() })
      .then(
        () => 'read',
        (error: unknown) => (error as TallymanError).toData(),
      );
    return { asked, took: performance.now() - start, outcome };
  }
  const good: ScriptedAnswer = { headers: MANIFEST, body: '{}' };

  it.each([408, 425, 429, 500, 502, 503, 504])('asks again after %i', async (status) => {
    expect(await ask({ status }, { status }, good)).toMatchObject({ asked: 3, outcome: 'read' });
  });

  it.each([400, 403, 405, 410, 501])('does not ask again after %i', async (status) => {
    expect((await ask({ status }, good)).asked).toBe(1);
  });

  it('asks again when the body breaks off, and six times at most', async () => {
    expect(await ask({ ...good, body: '{"a":"0123456789"}', cutAfter: 3 }, good)).toMatchObject({
      asked: 2,
      outcome: 'read',
    });
    expect(await ask({ status: 503, body: '<html>' })).toMatchObject({
      asked: 6,
      outcome: { code: 'REGISTRY_ERROR', details: { status: 503 } },
    });
    expect(await ask({ reset: true })).toMatchObject({ asked: 6, outcome: { code: 'UNREACHABLE' } });
  });

  it('waits as long as Retry-After says', async () => {
    const result = await ask({ status: 429, headers: { 'retry-after': '1' } }, good);
    expect(result).toMatchObject({ asked: 2, outcome: 'read' });
    expect(result.took).toBeGreaterThanOrEqual(1000);
    expect(result.took).toBeLessThan(2500);
  });

  it('does not sit out a long Retry-After, nor shorten it: the person is told', async () => {
    const data = await ask({ status: 429, headers: { 'retry-after': '3600' }, body: 'slow down' }, good);
    expect(data).toMatchObject({
      asked: 1,
      outcome: {
        code: 'RATE_LIMITED',
        details: { retryAfterSeconds: 3600 },
        hint: expect.stringContaining('3600 seconds'),
      },
    });
    const date = new Date(Date.now() + 10 * 365 * 86_400_000).toUTCString();
    expect(await ask({ status: 503, headers: { 'retry-after': date } }, good)).toMatchObject({ asked: 1 });
    expect(await ask({ status: 503, headers: { 'retry-after': 'garbage' } }, good)).toMatchObject({
      asked: 2,
      outcome: 'read',
    });
  });
});

describe('silence', () => {
  it('is given up: no answer, a stalled body, a body that drips for ever', async () => {
    const timings = { headers: 600, bodyIdle: 600, metadataTotal: 3_000, attempts: 1 };
    let answer: ScriptedAnswer = { silent: true };
    const server = await startForTest(() => answer);
    const target = openTestRegistry({ host: server.host, plainHttp: true }, { timings }).registry.repository(
      'a',
    );
    const fetch = (): Promise<ErrorData> => failureOf(target.fetchManifest('1', { signal: quietSignal() }));
    expect(await fetch()).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('no answer came in time'),
    });
    answer = { headers: MANIFEST, body: '{"a":"0123456789"}', stallAfter: 3 };
    expect(await fetch()).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('stopped coming'),
    });
    answer = { headers: MANIFEST, body: drip() };
    expect(await fetch()).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('longer than 3 seconds'),
    });
  });

  it('before a connection is given up too', async () => {
    // 192.0.2.0/24 leads nowhere (RFC 5737). Where a machine has no route at all, that is told instead.
    const { lookup } = stubLookup({ 'registry.test': ['192.0.2.1'] });
    const { registry } = openTestRegistry(
      { host: 'registry.test' },
      { lookup, classify: () => 'public', timings: { connect: 100 } },
    );
    const data = await failureOf(registry.probe({ signal: quietSignal() }));
    expect(['TIMEOUT', 'UNREACHABLE']).toContain(data.code);
  });
});

async function* drip(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < 1000; index += 1) {
    yield Buffer.from(' ');
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

describe('cancelling', () => {
  it('ends everything within half a second, wherever a request is', async () => {
    const situations: Record<string, ScriptedAnswer> = {
      'before the answer': { silent: true },
      'in the body': { headers: MANIFEST, body: '{"a":"0123456789"}', stallAfter: 3 },
      'between two attempts': { status: 503, headers: { 'retry-after': '2' } },
    };
    for (const [name, answer] of Object.entries(situations)) {
      const server = await startForTest(() => answer);
      const { registry } = openTestRegistry({ host: server.host, plainHttp: true });
      const controller = new AbortController();
      const work = Promise.all(
        Array.from({ length: 40 }, () =>
          failureOf(registry.repository('a').fetchManifest('1', { signal: controller.signal })),
        ),
      );
      await new Promise((resolve) => setTimeout(resolve, 150));
      const start = performance.now();
      controller.abort();
      expect(new Set((await work).map(({ code }) => code))).toEqual(new Set(['CANCELLED']));
      while (
        name !== 'between two attempts' &&
        server.connectionsOpen > 0 &&
        performance.now() - start < 500
      ) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect([name, performance.now() - start < 500]).toEqual([name, true]);
    }
  });

  it('gives up a connection that is still opening', async () => {
    const open = new Set<Socket>();
    // It takes connections and never says a word: the TLS handshake waits for ever.
    const mute = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.resume();
      socket.once('close', () => open.delete(socket));
    });
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void mute.close());
    const { port } = mute.address() as AddressInfo;
    for (const plainHttp of [false, undefined]) {
      const { registry } = openTestRegistry(
        { host: `127.0.0.1:${port}`, ...(plainHttp === undefined ? {} : { plainHttp }) },
        { timings: { connect: 20_000, loopbackHandshake: 20_000 } },
      );
      const controller = new AbortController();
      const works = Array.from({ length: 5 }, () => failureOf(registry.probe({ signal: controller.signal })));
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(open.size).toBeGreaterThan(0);
      const start = performance.now();
      controller.abort();
      expect(new Set((await Promise.all(works)).map(({ code }) => code))).toEqual(new Set(['CANCELLED']));
      while (open.size > 0 && performance.now() - start < 500)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(open.size).toBe(0);
    }
  });

  it.each(['its reader just stops', 'it is aborted'])(
    'of a download ends its connection: %s',
    async (how) => {
      const bytes = Buffer.alloc(64 * 1024 * 1024, 7);
      const server = await startForTest(() => ({ body: bytes }));
      const { registry } = openTestRegistry({ host: server.host, plainHttp: true });
      const descriptor = { mediaType: 'x', digest: sha256(bytes), size: bytes.byteLength } as Descriptor;
      const controller = new AbortController();
      const read = async (): Promise<void> => {
        for await (const chunk of registry
          .repository('a')
          .readBlob(descriptor, { signal: controller.signal })) {
          expect(chunk.byteLength).toBeGreaterThan(0);
          if (how === 'its reader just stops') break;
          controller.abort();
        }
      };
      if (how === 'its reader just stops') await read();
      else expect((await failureOf(read())).code).toBe('CANCELLED');
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect([server.connectionsOpen, server.requests.length]).toEqual([0, 1]);
    },
  );

  it('closing a registry ends what is under way', async () => {
    const server = await startForTest(() => ({ silent: true }));
    const { registry } = openTestRegistry({ host: server.host, plainHttp: true });
    const work = failureOf(registry.probe({ signal: quietSignal() }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await registry.close();
    expect(['CANCELLED', 'UNREACHABLE']).toContain((await work).code);
    expect(await failureOf(registry.probe({ signal: quietSignal() }))).toMatchObject({ code: 'CANCELLED' });
  });
});

describe('connections', () => {
  it('are at most 40 to one origin, all used, and downloads leave room for questions', async () => {
    const server = await startForTest(() => ({ headers: MANIFEST, body: '{}', delay: 40 }));
    const { registry } = openTestRegistry({ host: server.host, plainHttp: true });
    const target = registry.repository('a');
    await Promise.all(
      Array.from({ length: 100 }, () => target.fetchManifest('1', { signal: quietSignal() })),
    );
    expect([server.mostAtOnce, server.connectionsOpened]).toEqual([40, 40]);

    const blob = Buffer.alloc(2 * 1024 * 1024);
    server.forget();
    server.follow((request) =>
      request.path.includes('/blobs/') ? { body: blob, stallAfter: 10 } : { headers: MANIFEST, body: '{}' },
    );
    const controller = new AbortController();
    const descriptor = { mediaType: 'x', digest: sha256(blob), size: blob.byteLength } as Descriptor;
    const downloads = Array.from({ length: 10 }, () =>
      collect(target.readBlob(descriptor, { signal: controller.signal })).catch(
        (error: unknown) => (error as TallymanError).code,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.requests.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(4);
    await target.fetchManifest('1', { signal: quietSignal() });
    controller.abort();
    expect(new Set(await Promise.all(downloads))).toEqual(new Set(['CANCELLED']));
  });

  it('tell who we are and ask for bytes as they are', async () => {
    const server = await startForTest(() => ({ body: '{}' }));
    await openTestRegistry({ host: server.host, userAgent: 'tallyman/1.2.3' }).registry.probe({
      signal: quietSignal(),
    });
    expect(server.requests[0]?.headers).toMatchObject({
      'user-agent': 'tallyman/1.2.3',
      'accept-encoding': 'identity',
    });
  });
});
