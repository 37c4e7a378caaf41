import { describe, expect, it } from 'vitest';
import { blobOf, noise } from '../../testing/blob-sources.ts';
import { failure, repositoryIn } from '../../testing/content-script.ts';
import { failureOf } from '../../testing/token-world.ts';
import {
  BLOB,
  loseAnswer,
  MIB,
  nth,
  SMALL_PARTS,
  write,
  startUploadWorld as start,
  type Fault,
} from '../../testing/upload-world.ts';

describe('chunked uploads', () => {
  it('send every part to the place the answer before named, and close without a body', async () => {
    const world = await start();
    expect(await write(world, BLOB)).toEqual({ outcome: 'stored', sent: 3.5 * MIB });
    expect(world.methods()).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH', 'PATCH', 'PUT']);
    expect(world.requests.flatMap(({ headers }) => headers['content-range'] ?? [])).toEqual([
      `0-${MIB - 1}`,
      `${MIB}-${2 * MIB - 1}`,
      `${2 * MIB}-${3 * MIB - 1}`,
      `${3 * MIB}-${3.5 * MIB - 1}`,
    ]);
    expect(world.stored(BLOB)?.equals(noise(3.5 * MIB, 11))).toBe(true);
    expect(world.uploads.open.size).toBe(0);
  });

  it('respect the smallest length of a part that the registry asks for', async () => {
    const world = await start(undefined, SMALL_PARTS, { chunkMinimum: 2 * MIB });
    await write(world, BLOB);
    expect(world.methods()).toEqual(['POST', 'PATCH', 'PATCH', 'PUT']);
  });

  it.each([
    ['the first part', 'PATCH', 1],
    ['a part in the middle', 'PATCH', 2],
    ['the last part', 'PATCH', 4],
    ['the end', 'PUT', 1],
    ['the beginning', 'POST', 1],
  ])('survive that the answer to %s is lost, and send nothing twice', async (_name, method, count) => {
    const world = await start(nth(method, count, loseAnswer));
    const written = await write(world, BLOB);
    expect(written).toEqual({ outcome: 'stored', sent: 3.5 * MIB });
    expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
  });

  it.each([
    ['a part whose connection is reset before anything is kept', 'PATCH', { reset: true }],
    ['500 to a part', 'PATCH', { status: 500 }],
    ['503 with Retry-After to a part', 'PATCH', { status: 503, headers: { 'retry-after': '0' } }],
    ['429 to the end', 'PUT', { status: 429, headers: { 'retry-after': 'Fri, 01 Jan 1999 00:00:00 GMT' } }],
    ['502 to the end', 'PUT', { status: 502 }],
    ['429 to the beginning', 'POST', { status: 429 }],
    ['503 to the beginning', 'POST', { status: 503 }],
  ] as const)('survive %s', async (_name, method, answer) => {
    const world = await start(nth(method, method === 'PATCH' ? 2 : 1, () => answer));
    await write(world, BLOB);
    expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
    expect(world.uploads.open.size).toBe(0);
  });

  it('go on where the registry is when it stored less than was sent', async () => {
    const world = await start(
      nth('PATCH', 2, (request, serve) => serve({ ...request, body: request.body.subarray(0, 1000) })),
    );
    await write(world, BLOB);
    expect(world.requests.map(({ headers }) => headers['content-range'])).toContain(
      `${MIB + 1000}-${2 * MIB + 999}`,
    );
    expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
  });

  it('cut the parts for a registry that takes smaller ones only, and remember it', async () => {
    const takesLittle: Fault = (request) =>
      request.method === 'PATCH' && request.body.byteLength > MIB ? { status: 416, body: '' } : undefined;
    const world = await start(takesLittle, { wholeLimit: MIB, chunkLimit: 4 * MIB });
    await write(world, BLOB);
    expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
    const before = world.requests.length;
    await write(world, blobOf(noise(3 * MIB, 12)));
    expect(
      world.requests.slice(before).filter(({ method }) => method === 'PATCH').length,
    ).toBeLessThanOrEqual(4);
  });

  it('are used for what the registry does not take in one request (413)', async () => {
    const world = await start(
      (request) => (request.method === 'PUT' && request.body.byteLength > 0 ? { status: 413 } : undefined),
      { wholeLimit: 8 * MIB, chunkLimit: MIB },
    );
    await write(world, BLOB);
    expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
    expect(world.uploads.open.size).toBe(0);
  });

  it('begin anew when the registry lost the upload, and give up when it does so every time', async () => {
    const once = await start(
      nth('PATCH', 3, () => {
        once.uploads.forget();
        return undefined;
      }),
    );
    await write(once, BLOB);
    expect(once.stored(BLOB)?.byteLength).toBe(3.5 * MIB);

    const always = await start((request) => {
      if (request.method === 'PATCH') always.uploads.forget();
      return undefined;
    });
    const error = await failureOf(write(always, BLOB));
    expect(error).toMatchObject({ code: 'REGISTRY_ERROR' });
    expect(error.hint).toContain('Several servers');
  });

  it('finish when the registry said that the last part was the end (ECR)', async () => {
    const world = await start(async (request, serve) => {
      if (request.method === 'PUT') return failure(404, 'BLOB_UPLOAD_UNKNOWN', 'closed already');
      if (request.method !== 'PATCH') return undefined;
      const answer = await serve(request);
      const whole = [...world.uploads.open.values()][0];
      if (whole?.byteLength === 3.5 * MIB)
        repositoryIn(world.content, 'team/app').blobs.set(BLOB.descriptor.digest, whole);
      return { ...answer, status: 201 };
    });
    expect(await write(world, BLOB)).toMatchObject({ outcome: 'stored' });
  });

  it('understand a Range with unit, one without anything, and an answer without Location', async () => {
    for (const change of ['unit', 'none', 'no location']) {
      const world = await start(async (request, serve) => {
        if (request.method !== 'PATCH') return undefined;
        const { headers = {}, ...answer } = (await serve(request)) ?? {};
        const { range = '', location = '', ...rest } = headers as Record<string, string>;
        if (change === 'unit') return { ...answer, headers: { ...rest, location, range: `bytes=${range}` } };
        if (change === 'none') return { ...answer, headers: { ...rest, location } };
        return { ...answer, headers: { ...rest, range } };
      });
      await write(world, BLOB);
      expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
    }
  });

  it('wait no longer than somebody would, when the registry asks for ten years', async () => {
    const world = await start((request) =>
      request.method === 'PATCH' ? { status: 429, headers: { 'retry-after': '315360000' } } : undefined,
    );
    expect(await failureOf(write(world, BLOB))).toMatchObject({ code: 'RATE_LIMITED' });
    expect(world.uploads.open.size).toBe(0);
  });
});

describe('uploads in one request', () => {
  const small = blobOf(Buffer.from('a small blob'));

  it('use the opening POST where the registry takes it, and the upload it opens where not', async () => {
    const taken = await start(undefined, {}, { singlePost: true });
    await write(taken, small);
    expect(taken.methods()).toEqual(['POST']);
    const refused = await start(undefined, {});
    await write(refused, small);
    await write(refused, blobOf(Buffer.from('another one')));
    expect(refused.methods()).toEqual(['POST', 'PUT', 'POST', 'PUT']);
    expect(
      refused.requests.filter(({ method }) => method === 'POST').map(({ body }) => body.byteLength),
    ).toEqual([12, 0]);
    expect(refused.uploads.open.size).toBe(0);
  });

  it.each([400, 404, 405, 411, 501])(
    'fall back to POST and PUT when that POST is answered %i',
    async (status) => {
      const world = await start(
        (request) => (request.query.has('digest') && request.method === 'POST' ? { status } : undefined),
        {},
      );
      await write(world, small);
      expect(world.stored(small)?.toString()).toBe('a small blob');
    },
  );

  it.each(['POST', 'PUT'])('ask for the blob when the answer to %s is lost', async (method) => {
    const world = await start(nth(method, 1, loseAnswer), {}, { singlePost: method === 'POST' });
    await write(world, small);
    expect(world.stored(small)?.toString()).toBe('a small blob');
    expect(world.methods().filter((name) => name === method)).toHaveLength(1);
  });

  it('send it again to a new upload when a PUT was cut off, and cancel the old one', async () => {
    const blob = blobOf(noise(2 * MIB, 4));
    const world = await start(
      nth('PUT', 1, async (request, serve) => {
        await serve({ ...request, method: 'PATCH', body: request.body.subarray(0, 5000), headers: {} });
        return { reset: true };
      }),
      {},
    );
    expect(await write(world, blob)).toEqual({ outcome: 'stored', sent: 4 * MIB });
    expect(world.stored(blob)?.byteLength).toBe(2 * MIB);
    expect(world.uploads.open.size).toBe(0);
  });

  it('carry sha512, and tell the registry when the upload is opened', async () => {
    const blob = blobOf(noise(1.5 * MIB, 5), 'sha512');
    const world = await start(undefined, {});
    await write(world, blob);
    expect(world.requests.find(({ method }) => method === 'POST')?.target).toContain(
      '?digest-algorithm=sha512',
    );
    expect(world.stored(blob)?.byteLength).toBe(1.5 * MIB);
  });

  it('believe no answer that names another digest', async () => {
    const world = await start(
      (request) =>
        request.method === 'POST'
          ? { status: 201, headers: { 'docker-content-digest': BLOB.descriptor.digest } }
          : undefined,
      {},
    );
    expect(await failureOf(write(world, small))).toMatchObject({ code: 'DIGEST_MISMATCH' });
  });
});
