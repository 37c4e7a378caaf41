import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOfBytes } from '../testing/conformance-data.ts';
import type { ReceivedAnswer } from '../testing/send-request.ts';
import { serveLayout, type ServedLayout } from '../testing/serve-layout.ts';

// What the official conformance suite expects of blobs (checklist, 3.3), and the suite before it (3.4), by sha256 and sha512.

let served: ServedLayout;
beforeAll(async () => {
  served = await serveLayout();
});
afterAll(() => served.close());

const BYTES = { 'content-type': 'application/octet-stream' };
const [REPOSITORY, OTHER] = ['conformance/repo1', 'conformance/repo2'];
const UPLOADS = `/v2/${REPOSITORY}/blobs/uploads/`;

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes.subarray(0, 100));
  yield bytes.subarray(100);
}

async function open(repository = REPOSITORY): Promise<string> {
  const opened = await served.send(`/v2/${repository}/blobs/uploads/`, { method: 'POST', body: '' });
  expect([opened.status, opened.headers['oci-chunk-min-length']]).toEqual([202, undefined]);
  expect(opened.headers.location).toMatch(
    new RegExp(
      `^/v2/${repository}/blobs/uploads/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
    ),
  );
  return opened.headers.location!;
}

async function push(bytes: Buffer, digest: string, repository = REPOSITORY): Promise<void> {
  const location = await open(repository);
  const { status } = await served.send(`${location}?digest=${digest}`, {
    method: 'PUT',
    headers: BYTES,
    body: bytes,
  });
  expect(status).toBe(201);
}

function expectStored({ status, headers }: ReceivedAnswer, digest: string, repository = REPOSITORY): void {
  expect([status, headers.location, headers['docker-content-digest']]).toEqual([
    201,
    `/v2/${repository}/blobs/${digest}`,
    digest,
  ]);
}

async function expectBlob(bytes: Buffer, digest: string, repository = REPOSITORY): Promise<void> {
  for (const method of ['HEAD', 'GET']) {
    const { status, headers, body } = await served.send(`/v2/${repository}/blobs/${digest}`, { method });
    expect([status, headers['content-length'], headers['docker-content-digest']]).toEqual([
      200,
      String(bytes.byteLength),
      digest,
    ]);
    expect(body.equals(method === 'GET' ? bytes : Buffer.from(''))).toBe(true);
  }
}

async function expectDeleted(digest: string, repository = REPOSITORY): Promise<void> {
  const path = `/v2/${repository}/blobs/${digest}`;
  expect((await served.send(path, { method: 'DELETE' })).status).toBe(202);
  expect((await served.send(path, { method: 'HEAD' })).status).toBe(404);
  expect((await served.send(path, { method: 'DELETE' })).json()).toMatchObject({
    errors: [{ code: 'BLOB_UNKNOWN' }],
  });
}

interface Chunk {
  readonly method: 'PATCH' | 'PUT';
  readonly first: number;
  readonly last: number;
}

function send(
  location: string,
  bytes: Buffer,
  { method, first, last }: Chunk,
  digest?: string,
): Promise<ReceivedAnswer> {
  return served.send(digest === undefined ? location : `${location}?digest=${digest}`, {
    method,
    headers: { ...BYTES, 'content-range': `${first}-${last}` },
    body: bytes.subarray(first, last + 1),
  });
}

describe.each(['sha256', 'sha512'] as const)('blobs by %s', (algorithm) => {
  const some = (size: number): { readonly bytes: Buffer; readonly digest: string } => {
    const bytes = randomBytes(size);
    return { bytes, digest: digestOfBytes(bytes, algorithm) };
  };

  it('are 404 before they are pushed', async () => {
    const { digest } = some(512);
    for (const method of ['HEAD', 'GET', 'DELETE']) {
      expect((await served.send(`/v2/${REPOSITORY}/blobs/${digest}`, { method })).status).toBe(404);
    }
  });

  it('are pushed by one POST', async () => {
    const { bytes, digest } = some(512);
    const stored = await served.send(`${UPLOADS}?digest=${encodeURIComponent(digest)}`, {
      method: 'POST',
      headers: BYTES,
      body: bytes,
    });
    expectStored(stored, digest);
    await expectBlob(bytes, digest);
    await expectDeleted(digest);
  });

  it('are pushed by POST and PUT, with and without a length, with and without the announced algorithm', async () => {
    for (const body of [(bytes: Buffer) => bytes, pieces]) {
      for (const query of ['', `?digest-algorithm=${algorithm}`]) {
        const { bytes, digest } = some(3 * 1024 * 1024);
        const opened = await served.send(`${UPLOADS}${query}`, { method: 'POST', body: '' });
        const stored = await served.send(`${opened.headers.location!}?digest=${digest}`, {
          method: 'PUT',
          headers: BYTES,
          body: body(bytes),
        });
        expectStored(stored, digest);
        await expectBlob(bytes, digest);
        await expectDeleted(digest);
      }
    }
  });

  it.each([
    ['one chunk', 512, 512, 'PATCH'],
    ['three chunks', 3067, 1024, 'PATCH'],
    ['three chunks, the last with the PUT', 3067, 1024, 'PUT'],
  ] as const)('are pushed in %s', async (_, size, chunkSize, lastMethod) => {
    const { bytes, digest } = some(size);
    let location = await open();
    for (let first = 0; first < size; first += chunkSize) {
      const last = Math.min(first + chunkSize, size) - 1;
      if (last === size - 1 && lastMethod === 'PUT') break;
      const answer = await send(location, bytes, { method: 'PATCH', first, last });
      expect([answer.status, answer.headers.range]).toEqual([202, `0-${last}`]);
      location = answer.headers.location!;
    }
    const first = Math.floor((size - 1) / chunkSize) * chunkSize;
    const stored =
      lastMethod === 'PUT'
        ? await send(location, bytes, { method: 'PUT', first, last: size - 1 }, digest)
        : await served.send(`${location}?digest=${digest}`, { method: 'PUT', headers: BYTES, body: '' });
    expectStored(stored, digest);
    await expectBlob(bytes, digest);
    await expectDeleted(digest);
  });

  it('refuse chunks that are out of order with 416, and go on from where they are', async () => {
    const { bytes, digest } = some(3067);
    const chunks = [
      [0, 1023],
      [1024, 2047],
      [2048, 3066],
    ] as const;
    const location = await open();
    for (const [position, [first, last]] of chunks.entries()) {
      const [wrongFirst, wrongLast] = chunks[(position + 1) % 3]!;
      for (const method of ['PATCH', 'PUT'] as const) {
        const refused = await send(location, bytes, { method, first: wrongFirst, last: wrongLast }, digest);
        expect([refused.status, refused.headers.location, refused.headers.range]).toEqual([
          416,
          location,
          `0-${Math.max(0, first - 1)}`,
        ]);
        expect(refused.json()).toMatchObject({ errors: [{ code: 'BLOB_UPLOAD_INVALID' }] });
        // The address of the PUT still carries the digest.
        const status = await served.send(`${location}?digest=${digest}`);
        expect([status.status, status.headers.location, status.headers.range]).toEqual([
          204,
          location,
          `0-${Math.max(0, first - 1)}`,
        ]);
      }
      expect((await send(location, bytes, { method: 'PATCH', first, last })).status).toBe(202);
      // The chunk once more, to the address that was good for it: a retry whose answer was lost.
      const again = await send(location, bytes, { method: 'PATCH', first, last });
      expect([again.status, again.headers.range]).toEqual([416, `0-${last}`]);
    }
    expectStored(await served.send(`${location}?digest=${digest}`, { method: 'PUT', body: '' }), digest);
    await expectBlob(bytes, digest);
    await expectDeleted(digest);
  });

  it('are streamed by a PATCH without length and range', async () => {
    const { bytes, digest } = some(70_000);
    const location = await open();
    const streamed = await served.send(location, { method: 'PATCH', headers: BYTES, body: pieces(bytes) });
    expect([streamed.status, streamed.headers.range]).toEqual([202, '0-69999']);
    const stored = await served.send(`${streamed.headers.location!}?digest=${digest}`, {
      method: 'PUT',
      body: '',
    });
    expectStored(stored, digest);
    await expectBlob(bytes, digest);
    await expectDeleted(digest);
  });

  it('are mounted from another repository, and stay there when deleted here', async () => {
    for (const query of [`&from=${OTHER}`, '']) {
      const { bytes, digest } = some(512);
      await push(bytes, digest, OTHER);
      expect((await served.send(`/v2/${REPOSITORY}/blobs/${digest}`)).status).toBe(404);
      const mounted = await served.send(`${UPLOADS}?mount=${digest}${query}`, { method: 'POST', body: '' });
      expectStored(mounted, digest);
      await expectBlob(bytes, digest);
      await expectDeleted(digest);
      await expectBlob(bytes, digest, OTHER);
      await expectDeleted(digest, OTHER);
    }
  });

  it('are not mounted where nobody holds them: an upload is opened instead', async () => {
    const { bytes, digest } = some(512);
    for (const query of [`&from=${OTHER}`, '', '&from=Not/A/Name']) {
      const opened = await served.send(`${UPLOADS}?mount=${digest}${query}`, { method: 'POST', body: '' });
      expect([opened.status, opened.headers.location?.startsWith(UPLOADS)]).toEqual([202, true]);
      const stored = await served.send(`${opened.headers.location!}?digest=${digest}`, {
        method: 'PUT',
        body: bytes,
      });
      expectStored(stored, digest);
      await expectDeleted(digest);
    }
  });

  it('are given up by DELETE of the upload', async () => {
    const { bytes, digest } = some(512);
    for (const sent of [false, true]) {
      const location = await open();
      if (sent) await send(location, bytes, { method: 'PATCH', first: 0, last: 511 });
      expect((await served.send(location, { method: 'DELETE', body: '' })).status).toBe(204);
      for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
        const { status, json } = await served.send(`${location}?digest=${digest}`, { method, body: '' });
        expect([method, status, json()]).toMatchObject([
          method,
          404,
          { errors: [{ code: 'BLOB_UPLOAD_UNKNOWN' }] },
        ]);
      }
    }
  });

  it.each([
    ['bytes=500-1499', 500, 1499],
    ['bytes=500-', 500, 2047],
    ['bytes=-500', 1548, 2047],
    ['bytes=2000-5000', 2000, 2047],
    ['bytes=-5000', 0, 2047],
    ['bytes=0-0', 0, 0],
  ])('give the part that %s asks for', async (range, first, last) => {
    const { bytes, digest } = some(2048);
    await push(bytes, digest);
    const part = await served.send(`/v2/${REPOSITORY}/blobs/${digest}`, { headers: { range } });
    expect([part.status, part.headers['content-length'], part.headers['content-range']]).toEqual([
      206,
      String(last - first + 1),
      `bytes ${first}-${last}/2048`,
    ]);
    expect(part.body.equals(bytes.subarray(first, last + 1))).toBe(true);
    await expectDeleted(digest);
  });

  it('answer 416 to ranges that are none of theirs, and whole to what makes no sense', async () => {
    const { bytes, digest } = some(2048);
    await push(bytes, digest);
    for (const range of ['bytes=500-0', 'bytes=5000-10000', 'bytes=2048-', 'bytes=-0']) {
      const refused = await served.send(`/v2/${REPOSITORY}/blobs/${digest}`, { headers: { range } });
      expect([range, refused.status, refused.headers['content-range']]).toEqual([range, 416, 'bytes */2048']);
    }
    for (const range of ['bytes=0-1,5-6', 'lines=1-2', 'bytes=', 'bytes=a-b']) {
      const whole = await served.send(`/v2/${REPOSITORY}/blobs/${digest}`, { headers: { range } });
      expect([range, whole.status, whole.body.equals(bytes)]).toEqual([range, 200, true]);
    }
    const condition = { range: 'bytes=0-1', 'if-range': '"another"' };
    expect((await served.send(`/v2/${REPOSITORY}/blobs/${digest}`, { headers: condition })).status).toBe(200);
  });

  it.each([
    ['empty', Buffer.from('')],
    ['{}', Buffer.from('{}')],
  ])('are kept when they are %s', async (_, bytes) => {
    const digest = digestOfBytes(bytes, algorithm);
    await push(bytes, digest);
    await expectBlob(bytes, digest);
    await expectDeleted(digest);
    const location = await open();
    await served.send(location, { method: 'PATCH', body: '' });
    expectStored(await served.send(`${location}?digest=${digest}`, { method: 'PUT', body: bytes }), digest);
    await expectBlob(bytes, digest);
    await expectDeleted(digest);
  });

  it('are refused when their bytes do not have the digest, however they came', async () => {
    for (const size of [3067, 2 * 1024 * 1024]) {
      const { bytes, digest } = some(size);
      const wrong = Buffer.concat([bytes, Buffer.from('oh no')]);
      const finish = async (way: string): Promise<ReceivedAnswer> => {
        if (way === 'POST')
          return served.send(`${UPLOADS}?digest=${digest}`, { method: 'POST', body: wrong });
        const location = await open();
        const put = (body: Buffer | string): Promise<ReceivedAnswer> =>
          served.send(`${location}?digest=${digest}`, { method: 'PUT', body });
        switch (way) {
          case 'PUT':
            return put(wrong);
          case 'chunks':
            await send(location, wrong, { method: 'PATCH', first: 0, last: wrong.byteLength - 1 });
            return put('');
          case 'chunk and PUT':
            await send(location, wrong, { method: 'PATCH', first: 0, last: 999 });
            return send(location, wrong, { method: 'PUT', first: 1000, last: wrong.byteLength - 1 }, digest);
          default:
            await served.send(location, { method: 'PATCH', body: pieces(wrong) });
            return put('');
        }
      };
      for (const way of ['POST', 'PUT', 'chunks', 'chunk and PUT', 'stream']) {
        const refused = await finish(way);
        expect([way, refused.status, refused.json()]).toMatchObject([
          way,
          400,
          { errors: [{ code: 'DIGEST_INVALID' }] },
        ]);
        expect((await served.send(`/v2/${REPOSITORY}/blobs/${digest}`, { method: 'HEAD' })).status).toBe(404);
      }
    }
  });
});

describe('pushes that make no sense', () => {
  it.each([
    ['', 'DIGEST_INVALID'],
    ['?digest=', 'DIGEST_INVALID'],
    ['?digest=sha256:short', 'DIGEST_INVALID'],
    ['?digest=md5:d41d8cd98f00b204e9800998ecf8427e', 'DIGEST_INVALID'],
  ])('a PUT with the query %j is %s', async (query, code) => {
    const location = await open();
    const refused = await served.send(`${location}${query}`, { method: 'PUT', body: 'x' });
    expect([refused.status, refused.json()]).toMatchObject([400, { errors: [{ code }] }]);
    expect((await served.send(location)).status).toBe(204);
  });

  it('an algorithm that cannot be computed is refused at the beginning', async () => {
    for (const query of [
      '?digest-algorithm=md5',
      '?digest-algorithm=blake3',
      '?digest=blake3:' + 'a'.repeat(64),
    ]) {
      expect((await served.send(`${UPLOADS}${query}`, { method: 'POST', body: '' })).status).toBe(400);
    }
  });

  it.each([
    ['0-9', 'SIZE_INVALID'],
    ['bytes 0-9/10', 'SIZE_INVALID'],
    ['3-1', 'BLOB_UPLOAD_INVALID'],
    ['0', 'BLOB_UPLOAD_INVALID'],
    ['0-', 'BLOB_UPLOAD_INVALID'],
    ['-1-2', 'BLOB_UPLOAD_INVALID'],
  ])('three bytes said to be %j are %s', async (range, code) => {
    const location = await open();
    const refused = await served.send(location, {
      method: 'PATCH',
      headers: { 'content-range': range },
      body: 'abc',
    });
    expect([refused.status, refused.json()]).toMatchObject([400, { errors: [{ code }] }]);
    expect((await served.send(location)).headers.range).toBe('0-0');
  });

  it('a chunk of unknown length that has another one than its range says is refused', async () => {
    const bytes = randomBytes(500);
    for (const range of ['0-399', '0-599']) {
      const location = await open();
      const { status } = await served.send(location, {
        method: 'PATCH',
        headers: { 'content-range': range },
        body: pieces(bytes),
      });
      expect([range, status]).toEqual([range, 400]);
    }
  });

  it('uploads of another repository, and such that nobody began, are unknown', async () => {
    const location = await open();
    const elsewhere = location.replace(REPOSITORY, OTHER);
    for (const path of [
      elsewhere,
      `${UPLOADS}00000000-0000-4000-8000-000000000000`,
      `${UPLOADS}..%2f..%2fx`,
    ]) {
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        expect((await served.send(path, { method, body: '' })).status).toBe(404);
      }
    }
    expect((await served.send(location)).status).toBe(204);
  });
});
