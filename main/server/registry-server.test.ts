import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { MANIFEST_LIMIT } from '../content/limits.ts';
import { ConformanceData, digestOfBytes, json } from '../testing/conformance-data.ts';
import { pushBlob, pushData } from '../testing/push-data.ts';
import { serveLayout, type ServedLayout, type ServeLayoutOptions } from '../testing/serve-layout.ts';
import { startRegistryServer } from './registry-server.ts';
import { openLayoutRegistry } from './stores/layout-registry.ts';
import { TAG_PARAMETER_LIMIT } from './limits.ts';

async function serve(options: ServeLayoutOptions = {}): Promise<ServedLayout> {
  const served = await serveLayout(options);
  onTestFinished(() => served.close());
  return served;
}

function image(tag?: string): ConformanceData {
  const data = new ConformanceData();
  data.image(tag === undefined ? {} : { tag });
  return data;
}

const errors = (code: string): object => ({ errors: [{ code, message: expect.any(String) as string }] });

describe('who is let in', () => {
  it.each([
    ['localhost', 200],
    ['localhost:1234', 200],
    ['LOCALHOST:5000', 200],
    ['127.0.0.1', 200],
    ['127.8.9.10:5000', 200],
    ['[::1]:5000', 200],
    ['registry.localhost:5000', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['evil.example:5000', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost@evil.example', 421],
    ['0.0.0.0:5000', 421],
    ['10.0.0.1', 421],
    ['[::]', 421],
  ])('a client that asks the host %j gets %i', async (host, expected) => {
    const served = await serve();
    const { status, body } = await served.send('/v2/', { headers: { host } });
    expect(status).toBe(expected);
    if (expected !== 200) expect(JSON.parse(body.toString())).toEqual(errors('DENIED'));
  });

  it.each([
    [{ origin: 'http://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://localhost:5000' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-origin' }],
  ])('a page in a browser is refused: %j', async (headers) => {
    const served = await serve();
    for (const method of ['GET', 'POST']) {
      const { status, all } = await served.send('/v2/team/app/blobs/uploads/', { method, headers, body: '' });
      expect([status, all('access-control-allow-origin')]).toEqual([403, []]);
    }
    expect((await served.send('/v2/', { method: 'OPTIONS', headers })).status).toBe(403);
    expect((await served.send('/v2/', { headers: { 'sec-fetch-site': 'none' } })).status).toBe(200);
  });

  it('nobody without the token, where there is one', async () => {
    const token = 'a-token-of-32-characters-or-so-1';
    const served = await serve({ token });
    const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
    for (const authorization of [
      `Bearer ${token}`,
      basic(`anybody:${token}`),
      basic(`:${token}`),
      `bearer ${token}`,
    ]) {
      expect((await served.send('/v2/', { headers: { authorization } })).status).toBe(200);
    }
    const wrong = [
      '',
      'Bearer',
      'Bearer x',
      `Bearer ${token}x`,
      basic(token),
      basic(`${token}:`),
      basic(`a:${token} `),
      `Digest ${token}`,
    ];
    for (const authorization of wrong) {
      const refused = await served.send('/v2/', { headers: { authorization } });
      expect([authorization, refused.status, refused.headers['www-authenticate']]).toEqual([
        authorization,
        401,
        'Basic realm="Tallyman", charset="UTF-8"',
      ]);
      expect(refused.json()).toEqual(errors('UNAUTHORIZED'));
    }
    const pushed = await served.send('/v2/team/app/manifests/v1', {
      method: 'PUT',
      body: image().manifests[0]!.bytes,
    });
    expect(pushed.status).toBe(401);
    expect(JSON.stringify([pushed.headers, pushed.body.toString()])).not.toContain(token);
  });

  it('listens on loopback only, IPv4 or IPv6, and says when a port is taken', async () => {
    const served = await serve();
    const registry = await openLayoutRegistry(served.folder, {
      signal: new AbortController().signal,
      readOnly: true,
    });
    await expect(
      startRegistryServer({ registry, port: Number(served.host.split(':').at(-1)) }),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    const six = await startRegistryServer({ registry, port: 0, host: '::1' });
    onTestFinished(() => six.close());
    expect(six.address).toBe(`[::1]:${six.port}`);
    const socket = connect(six.port, '::1');
    await once(socket, 'connect');
    socket.destroy();
    expect(served.host).toMatch(/^127\.0\.0\.1:\d+$/);
  });
});

describe('answers', () => {
  it('are marked so that no browser takes content for a page', async () => {
    const served = await serve();
    const bytes = Buffer.from('<script>alert(1)</script>');
    const digest = digestOfBytes(bytes, 'sha256');
    await pushBlob(served, 'team/app', digest, bytes);
    const { headers } = await served.send(`/v2/team/app/blobs/${digest}`);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('say what is wrong: no address, no such method, a read-only registry', async () => {
    const served = await serve();
    await pushData(served, 'team/app', image('v1'));
    for (const place of ['/', '/v3/', '/v2/team/app', '/metrics']) {
      expect([place, (await served.send(place)).status]).toEqual([place, 404]);
    }
    const wrong = await served.send('/v2/team/app/tags/list', { method: 'POST', body: '' });
    expect([wrong.status, wrong.headers.allow, wrong.json()]).toEqual([
      405,
      'GET, HEAD',
      errors('UNSUPPORTED'),
    ]);
    expect((await served.send('/v2/Team/tags/list')).json()).toEqual(errors('NAME_INVALID'));

    await served.stop();
    const readOnly = await serve({ folder: served.folder, readOnly: true });
    expect((await readOnly.send('/v2/team/app/manifests/v1')).status).toBe(200);
    for (const [method, place] of [
      ['POST', '/v2/team/app/blobs/uploads/'],
      ['PUT', '/v2/team/app/manifests/v2'],
      ['DELETE', '/v2/team/app/manifests/v1'],
      ['DELETE', `/v2/team/app/blobs/${digestOfBytes(Buffer.from(''), 'sha256')}`],
    ] as const) {
      const refused = await readOnly.send(place, { method, body: '' });
      expect([place, refused.status, refused.json()]).toEqual([place, 405, errors('UNSUPPORTED')]);
    }
  });

  it('to a client that has the manifest already are without it', async () => {
    const served = await serve();
    await pushData(served, 'team/app', image('v1'));
    const { headers } = await served.send('/v2/team/app/manifests/v1');
    const again = await served.send('/v2/team/app/manifests/v1', {
      headers: { 'if-none-match': headers.etag! },
    });
    expect([again.status, again.body.byteLength]).toEqual([304, 0]);
  });

  it('come one after the other over one connection, after refused bodies, too', async () => {
    const served = await serve();
    const [host, port] = served.host.split(':');
    const socket = connect(Number(port), host);
    onTestFinished(() => void socket.destroy());
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    const large = 'x'.repeat(300_000);
    socket.write(
      `PUT /v2/Wrong/manifests/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${large.length}\r\n\r\n${large}` +
        'GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
    );
    await expect.poll(() => received.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200']);
  });
});

describe('pushed manifests', () => {
  it('are taken up to the limit and not beyond, however their length is said', async () => {
    const served = await serve();
    const sized = (size: number): Buffer => {
      const bytes = json({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] });
      return Buffer.concat([bytes, Buffer.alloc(size - bytes.byteLength, ' ')]);
    };
    const put = async (bytes: Buffer, inChunks: boolean): Promise<number> => {
      const body = inChunks
        ? (async function* () {
            for (let start = 0; start < bytes.byteLength; start += 1_000_000)
              yield await Promise.resolve(bytes.subarray(start, start + 1_000_000));
          })()
        : bytes;
      const { status } = await served.send('/v2/team/app/manifests/v1', { method: 'PUT', body });
      return status;
    };
    for (const inChunks of [false, true]) {
      expect(await put(sized(MANIFEST_LIMIT), inChunks)).toBe(201);
      expect(await put(sized(MANIFEST_LIMIT + 1), inChunks)).toBe(413);
    }
  });

  it.each([
    ['no JSON', 'no JSON', undefined, 'MANIFEST_INVALID'],
    ['an empty body', '', undefined, 'MANIFEST_INVALID'],
    ['neither manifest nor index', '{"a":1}', undefined, 'MANIFEST_INVALID'],
    ['a name twice', '{"schemaVersion":2,"layers":[],"layers":[]}', MEDIA_TYPES.manifest, 'MANIFEST_INVALID'],
    [
      'manifest and index at once',
      '{"schemaVersion":2,"layers":[],"manifests":[]}',
      MEDIA_TYPES.manifest,
      'MANIFEST_INVALID',
    ],
    [
      'another type than its header',
      JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] }),
      MEDIA_TYPES.manifest,
      'MANIFEST_INVALID',
    ],
    ['a header that is no type', '{"schemaVersion":2,"layers":[]}', 'nonsense', 'MANIFEST_INVALID'],
  ])('that are %s are refused', async (_, body, type, code) => {
    const served = await serve();
    const refused = await served.send('/v2/team/app/manifests/v1', {
      method: 'PUT',
      headers: type === undefined ? {} : { 'content-type': type },
      body,
    });
    expect([refused.status, refused.json()]).toEqual([400, errors(code)]);
    expect((await served.send('/v2/_catalog')).json()).toEqual({ repositories: [] });
  });

  it('may have parameters in their header, which are not given back, or no header', async () => {
    const served = await serve();
    const { bytes } = image().manifests[0]!;
    for (const headers of [{ 'content-type': `${MEDIA_TYPES.manifest}; charset=utf-8` }, {}]) {
      expect(
        (await served.send('/v2/team/app/manifests/v1', { method: 'PUT', headers, body: bytes })).status,
      ).toBe(201);
      expect((await served.send('/v2/team/app/manifests/v1')).all('content-type')).toEqual([
        MEDIA_TYPES.manifest,
      ]);
    }
  });

  it('get many tags at once, up to the limit, and no wrong one', async () => {
    const served = await serve();
    const { bytes, digest, mediaType } = image().manifests[0]!;
    const put = (tags: readonly string[]) =>
      served.send(
        `/v2/team/app/manifests/${digest}?${tags.map((tag) => `tag=${encodeURIComponent(tag)}`).join('&')}`,
        {
          method: 'PUT',
          headers: { 'content-type': mediaType },
          body: bytes,
        },
      );
    const tags = Array.from(
      { length: TAG_PARAMETER_LIMIT },
      (_, number) => `t${String(number).padStart(3, '0')}`,
    );
    const pushed = await put(tags);
    expect([pushed.status, pushed.all('oci-tag')]).toEqual([201, tags]);
    expect((await served.send('/v2/team/app/tags/list')).json()).toEqual({ name: 'team/app', tags });
    expect((await put([...tags, 'one-more'])).status).toBe(414);
    for (const wrong of ['.x', 'a b', '', 'a'.repeat(129)]) {
      expect((await put(['good', wrong])).json()).toEqual(errors('TAG_INVALID'));
    }
    expect((await served.send('/v2/team/app/manifests/good')).status).toBe(404);
  });

  it('that name content which is not here are taken with a warning; a missing subject and foreign layers need none', async () => {
    const served = await serve();
    const data = new ConformanceData();
    const missing = {
      mediaType: MEDIA_TYPES.manifest,
      digest: digestOfBytes(Buffer.from('absent'), 'sha256'),
      size: 6,
    };
    data.artifact({ artifactType: 'a/b', subject: missing });
    await pushData(served, 'team/app', data);
    const [whole] = data.manifests;
    const put = (bytes: Buffer, type: string) =>
      served.send('/v2/team/app/manifests/v1', {
        method: 'PUT',
        headers: { 'content-type': type },
        body: bytes,
      });
    expect((await put(whole!.bytes, MEDIA_TYPES.manifest)).all('warning')).toEqual([]);
    const sparse = json({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [missing] });
    expect((await put(sparse, MEDIA_TYPES.index)).all('warning')).toEqual([
      `299 - "The manifest names ${missing.digest}, which is not here."`,
    ]);
  });
});

describe('referrers', () => {
  it('come in pages of what clients can read, each with a link to the next', async () => {
    const served = await serve();
    const data = new ConformanceData();
    const subject = data.image();
    for (let number = 0; number < 5; number += 1)
      data.artifact({ subject, artifactType: 'a/b', annotations: { large: String(number).repeat(900_000) } });
    data.artifact({ subject, artifactType: 'c/d+e' });
    await pushData(served, 'team/app', data);
    const digests: string[] = [];
    let pages = 0;
    for (
      let next: string | undefined = `/v2/team/app/referrers/${subject.digest}?artifactType=a/b`;
      next !== undefined;
    ) {
      const page = await served.send(next);
      expect(page.body.byteLength).toBeLessThan(4_000_000);
      expect(page.headers['oci-filters-applied']).toBe('artifactType');
      digests.push(
        ...(page.json() as { manifests: readonly { digest: string }[] }).manifests.map((each) => each.digest),
      );
      next = /<([^>]+)>; rel="next"/.exec((page.headers['link'] as string | undefined) ?? '')?.[1];
      pages += 1;
    }
    expect(pages).toBe(3);
    expect(digests).toEqual(
      data.manifests
        .slice(1, 6)
        .map(({ digest }) => digest)
        .sort(),
    );
    // A plus sign that was not encoded is a plus sign all the same.
    const plus = await served.send(`/v2/team/app/referrers/${subject.digest}?artifactType=c/d+e`);
    expect((plus.json() as { manifests: readonly unknown[] }).manifests).toHaveLength(1);
  });
});

describe('uploads that are interrupted', () => {
  /** Sends a part of what is announced, then breaks the connection. */
  async function sendAndBreak(
    served: ServedLayout,
    location: string,
    bytes: Buffer,
    sent: number,
  ): Promise<void> {
    const outgoing = httpRequest(`http://${served.host}${location}`, {
      method: 'PATCH',
      headers: { 'content-length': bytes.byteLength },
    });
    outgoing.on('error', () => undefined);
    outgoing.write(bytes.subarray(0, sent));
    await expect.poll(() => uploadSize(served, location), { timeout: 20_000 }).toBeGreaterThan(0);
    outgoing.destroy();
  }

  async function uploadSize(served: ServedLayout, location: string): Promise<number> {
    const { status, headers } = await served.send(location);
    if (status !== 204) return -1;
    const last = Number(headers.range!.split('-')[1]);
    return last === 0 ? 0 : last + 1;
  }

  const begin = async (served: ServedLayout): Promise<string> =>
    (await served.send('/v2/team/app/blobs/uploads/', { method: 'POST', body: '' })).headers.location!;

  async function finish(served: ServedLayout, location: string, bytes: Buffer, from: number): Promise<void> {
    const digest = digestOfBytes(bytes, 'sha256');
    const { status } = await served.send(`${location}?digest=${digest}`, {
      method: 'PUT',
      headers: { 'content-range': `${from}-${bytes.byteLength - 1}` },
      body: bytes.subarray(from),
    });
    expect(status).toBe(201);
    const read = await served.send(`/v2/team/app/blobs/${digest}`);
    expect(read.body.equals(bytes)).toBe(true);
  }

  it('keep what came, and go on from there', async () => {
    const served = await serve();
    const location = await begin(served);
    const bytes = randomBytes(3_000_000);
    await sendAndBreak(served, location, bytes, 1_500_000);
    const size = await uploadSize(served, location);
    expect(size).toBeGreaterThan(1_000_000);
    expect(size).toBeLessThanOrEqual(1_500_000);
    await finish(served, location, bytes, size);
    expect(served.faults).toEqual([]);
  });

  it('by the end of the server go on at the next one', async () => {
    const first = await serve();
    const [bytes, other] = [randomBytes(3_000_000), randomBytes(2_000_000)];
    const [interrupted, waiting] = [await begin(first), await begin(first)];
    await first.send(waiting, { method: 'PATCH', body: other.subarray(0, 1_000_000) });
    const outgoing = httpRequest(`http://${first.host}${interrupted}`, {
      method: 'PATCH',
      headers: { 'content-length': bytes.byteLength },
    });
    outgoing.on('error', () => undefined);
    outgoing.write(bytes.subarray(0, 2_000_000));
    await expect.poll(() => uploadSize(first, interrupted), { timeout: 20_000 }).toBeGreaterThan(1_000_000);
    await first.stop();
    outgoing.destroy();
    expect(first.faults).toEqual([]);

    const second = await serve({ folder: first.folder });
    expect(await uploadSize(second, waiting)).toBe(1_000_000);
    const size = await uploadSize(second, interrupted);
    expect(size).toBeGreaterThan(1_000_000);
    await finish(second, interrupted, bytes, size);
    await finish(second, waiting, other, 1_000_000);
    for (const location of [waiting, interrupted]) expect((await second.send(location)).status).toBe(404);
  });

  it('are given up at the next server as well', async () => {
    const first = await serve();
    const location = await begin(first);
    await first.send(location, { method: 'PATCH', body: randomBytes(10_000) });
    await first.stop();
    const second = await serve({ folder: first.folder });
    const elsewhere = location.replace('team/app', 'team/other');
    expect((await second.send(elsewhere)).status).toBe(404);
    expect((await second.send(location, { method: 'DELETE' })).status).toBe(204);
    expect((await second.send(location)).status).toBe(404);
  });

  it('take their turns when two clients send to one', async () => {
    const served = await serve();
    const location = await begin(served);
    const bytes = randomBytes(2_000_000);
    const send = (first: number, last: number) =>
      served.send(location, {
        method: 'PATCH',
        headers: { 'content-range': `${first}-${last}` },
        body: bytes.subarray(first, last + 1),
      });
    const answers = await Promise.all([send(0, 999_999), send(0, 999_999), send(0, 999_999)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 416, 416]);
    await finish(served, location, bytes, 1_000_000);
  });
});

describe('many clients at once', () => {
  it('lose nothing: images with referrers into one repository and into many, by two servers of one folder', async () => {
    const first = await serve();
    const second = await serve({ folder: first.folder });
    const pushes = Array.from({ length: 12 }, (_, number) => {
      const data = new ConformanceData();
      const subject = data.image({ tag: `v${number}` });
      data.artifact({ subject, artifactType: 'text/x-note', annotations: { number: String(number) } });
      data.artifact({ subject, artifactType: 'text/x-other', annotations: { number: String(number) } });
      return { data, subject, repository: number % 2 === 0 ? 'team/app' : `team/app${number}` };
    });
    await Promise.all(
      pushes.map(({ data, repository }, number) =>
        pushData(number % 3 === 0 ? second : first, repository, data),
      ),
    );
    for (const served of [first, second]) {
      for (const { data, subject, repository } of pushes) {
        for (const [tag, digest] of data.tags) {
          const { headers } = await served.send(`/v2/${repository}/manifests/${tag}`, { method: 'HEAD' });
          expect(headers['docker-content-digest']).toBe(digest);
        }
        const { json: body } = await served.send(`/v2/${repository}/referrers/${subject.digest}`);
        expect((body() as { manifests: readonly unknown[] }).manifests).toHaveLength(2);
        for (const digest of data.blobs.keys())
          expect((await served.send(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD' })).status).toBe(
            200,
          );
      }
    }
    expect((await first.send('/v2/team/app/tags/list')).json()).toEqual({
      name: 'team/app',
      tags: ['v0', 'v10', 'v2', 'v4', 'v6', 'v8'],
    });
    expect([...first.faults, ...second.faults]).toEqual([]);
  });
});
