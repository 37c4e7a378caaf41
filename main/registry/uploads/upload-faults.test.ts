import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { BlobSource, TargetWriter, WriteBlobOptions } from '../../content/target-writer.ts';
import { blobOf, noise, type TestBlob } from '../../testing/blob-sources.ts';
import { emptyContent, failure, repositoryIn } from '../../testing/content-script.ts';
import { openTestRegistry, quietSignal, startForTest } from '../../testing/open-registry.ts';
import type { Script, ScriptedAnswer, ScriptedRequest } from '../../testing/scripted-registry.ts';
import {
  takeUploads,
  type ScriptedUploadOptions,
  type ScriptedUploads,
} from '../../testing/scripted-uploads.ts';
import type { UploadHabits } from './upload-habits.ts';

const MIB = 1024 * 1024;
/** Parts of one MiB for everything above one MiB. */
const SMALL_PARTS: Partial<UploadHabits> = { wholeLimit: MIB, chunkLimit: MIB };

/** What a test does to a request; undefined leaves it to the registry. */
type Fault = (
  request: ScriptedRequest,
  serve: Script,
) => ScriptedAnswer | undefined | Promise<ScriptedAnswer | undefined>;

interface World {
  readonly writer: TargetWriter;
  readonly uploads: ScriptedUploads;
  readonly content: ReturnType<typeof emptyContent>;
  readonly requests: readonly ScriptedRequest[];
  /** The requests as `METHOD`, in order, without HEAD. */
  methods(): readonly string[];
  /** Another writer, as another process would have it. */
  again(): Promise<TargetWriter>;
  stored(blob: TestBlob): Buffer | undefined;
}

async function start(
  fault: Fault = () => undefined,
  habits: Partial<UploadHabits> = SMALL_PARTS,
  options: ScriptedUploadOptions = {},
): Promise<World> {
  const content = emptyContent();
  repositoryIn(content, 'team/app');
  const uploads = takeUploads(content, options);
  const server = await startForTest(async (request) => {
    // Who asks for the first time how the registry is spoken to is not part of any count.
    const answer = await fault(request, uploads.script);
    return answer ?? uploads.script(request);
  });
  const again = async (): Promise<TargetWriter> => {
    const { registry } = openTestRegistry({ host: server.host, plainHttp: true }, { uploads: { ...habits } });
    const writer = await registry.repository('team/app').openWriter?.({ signal: quietSignal() });
    if (writer === undefined) throw new Error('It can be written to.');
    return writer;
  };
  return {
    writer: await again(),
    uploads,
    content,
    requests: server.requests,
    methods: () => server.requests.map(({ method }) => method).filter((method) => method !== 'HEAD'),
    again,
    stored: ({ descriptor }) =>
      repositoryIn(content, 'team/app').blobs.get(descriptor.digest) as Buffer | undefined,
  };
}

async function failureOf(work: Promise<unknown>): Promise<TallymanError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof TallymanError) return outcome;
  throw new Error('It did not fail as it should.', { cause: outcome });
}

const write = (
  { writer }: Pick<World, 'writer'>,
  { descriptor, source }: TestBlob,
  options: Partial<WriteBlobOptions> = {},
): ReturnType<TargetWriter['writeBlob']> =>
  writer.writeBlob(descriptor, source, { signal: quietSignal(), ...options });

/** A fault for the n-th request of a method only. */
function nth(method: string, count: number, fault: Fault): Fault {
  let seen = 0;
  return (request, serve) => {
    if (request.method !== method) return undefined;
    seen += 1;
    return seen === count ? fault(request, serve) : undefined;
  };
}

/** The registry does what it was asked, and its answer is lost. */
const loseAnswer: Fault = async (request, serve) => {
  await serve(request);
  return { reset: true };
};

const BLOB = blobOf(noise(3.5 * MIB, 11));

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

describe('refusals', () => {
  it.each([
    [403, 'DENIED', 'DENIED', 'may not push'],
    [403, 'DENIED', 'LIMIT', 'no room', 'adding 5 MB would exceed the quota'],
    [404, 'NAME_UNKNOWN', 'NOT_FOUND', 'made before'],
    [405, 'UNSUPPORTED', 'UNSUPPORTED', 'read-only'],
    [413, 'SIZE_INVALID', 'LIMIT', 'large'],
    [507, 'UNKNOWN', 'LIMIT', 'room'],
    [400, 'NAME_INVALID', 'REGISTRY_ERROR', ''],
  ])('%i %s is %s', async (status, registryCode, code, hint, message = 'no') => {
    for (const blob of [blobOf(Buffer.from('x')), BLOB]) {
      const world = await start((request) =>
        request.method === 'POST' ? failure(status, registryCode, message) : undefined,
      );
      const error = await failureOf(write(world, blob));
      expect(error.code).toBe(code);
      expect(error.message).toContain('team/app');
      expect(error.hint).toContain(hint);
      expect(world.requests.filter(({ method }) => method === 'POST').length).toBeLessThanOrEqual(2);
    }
  });

  it('come in the middle of a body, before the connection is closed', async () => {
    const server = createServer((socket) => {
      let asked = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        asked += chunk.toString('latin1');
        if (asked.startsWith('HEAD')) socket.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
        else if (asked.startsWith('POST'))
          socket.write(
            'HTTP/1.1 202 Accepted\r\nlocation: /v2/team/app/blobs/uploads/1\r\ncontent-length: 0\r\n\r\n',
          );
        else if (asked.startsWith('PUT') && asked.length > 200_000) {
          const body = JSON.stringify({ errors: [{ code: 'DENIED', message: 'read only today' }] });
          socket.write(
            `HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
          );
          asked = 'answered';
          return;
        } else if (asked.startsWith('DELETE')) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        else return;
        asked = '';
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { registry } = openTestRegistry({ host, plainHttp: true });
    const writer = await registry.repository('team/app').openWriter?.({ signal: quietSignal() });
    if (writer === undefined) throw new Error('It can be written to.');
    const error = await failureOf(write({ writer }, blobOf(noise(20 * MIB, 3))));
    expect(error).toMatchObject({ code: 'DENIED' });
    expect(error.message).toContain('read only today');
  });
});

describe('Locations of uploads', () => {
  const foreign = (location: string): Fault =>
    nth('POST', 1, async (request, serve) => ({
      ...(await serve(request)),
      status: 202,
      headers: { location },
    }));

  it.each([
    ['another host', 'http://127.0.0.2:1/v2/x/blobs/uploads/1'],
    ['another port', 'http://127.0.0.1:1/v2/x/blobs/uploads/1'],
    ['another scheme', 'https://127.0.0.1/v2/x/blobs/uploads/1'],
    ['a scheme-relative host', '//attacker.test/v2/x'],
    ['a file', 'file:///etc/passwd'],
  ])('on %s are not asked', async (_name, location) => {
    for (const blob of [blobOf(noise(2 * MIB, 6)), BLOB]) {
      const world = await start(foreign(location), blob === BLOB ? SMALL_PARTS : {});
      expect(await failureOf(write(world, blob))).toMatchObject({ code: 'OUTBOUND_REFUSED' });
      expect(world.methods()).toEqual(['POST']);
    }
  });

  it.each([
    ['nothing', undefined, 'PROTOCOL'],
    ['no URL', 'http://[', 'PROTOCOL'],
    ['something endless', `/${'x'.repeat(20_000)}`, 'LIMIT'],
  ])('that are %s are told', async (_name, location, code) => {
    const world = await start(
      nth('POST', 1, () => ({ status: 202, headers: location === undefined ? {} : { location } })),
    );
    expect(await failureOf(write(world, BLOB))).toMatchObject({ code });
  });

  it('may be absolute on the registry itself', async () => {
    const world = await start(async (request, serve) => {
      const answer = await serve(request);
      const { location } = (answer?.headers ?? {}) as { location?: string };
      if (location === undefined) return answer;
      return { ...answer, headers: { ...answer?.headers, location: `http://${request.host}${location}` } };
    });
    await write(world, BLOB);
    expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
  });
});

describe('content that is not what it was said to be', () => {
  const changing = (change: (bytes: Buffer) => Uint8Array): BlobSource => {
    const bytes = noise(3.5 * MIB, 11);
    return blobOf(change(bytes)).source;
  };

  it.each([
    ['has another byte', (bytes: Buffer) => bytes.fill(0, 3 * MIB, 3 * MIB + 1), 'DIGEST_MISMATCH'],
    ['became shorter', (bytes: Buffer) => bytes.subarray(0, 3 * MIB), 'SIZE_MISMATCH'],
    ['became longer', (bytes: Buffer) => Buffer.concat([bytes, bytes.subarray(0, 1)]), 'SIZE_MISMATCH'],
  ])('is not sent to its end when it %s, and the upload is cancelled', async (_name, change, code) => {
    for (const habits of [SMALL_PARTS, {}]) {
      const world = await start(undefined, habits);
      const kept: string[] = [];
      const blob = { descriptor: BLOB.descriptor, source: changing(change) };
      const error = await failureOf(write(world, blob, { onResumable: (state) => kept.push(state) }));
      expect(error.code).toBe(code);
      expect(error.hint).toContain('changed while it was being sent');
      expect(world.uploads.open.size).toBe(0);
      expect(world.stored(BLOB)).toBeUndefined();
    }
  });

  it('throws what reading it threw, and the upload is cancelled', async () => {
    const world = await start();
    const unreadable = new TallymanError({ code: 'UNREADABLE', message: 'The disk is broken.' });
    const source: BlobSource = {
      async *open(offset, options) {
        let given = 0;
        for await (const piece of BLOB.source.open(offset, options)) {
          if (given > 1.2 * MIB) throw unreadable;
          given += piece.byteLength;
          yield piece;
        }
      },
    };
    expect(await failureOf(write(world, { descriptor: BLOB.descriptor, source }))).toBe(unreadable);
    expect(world.uploads.open.size).toBe(0);
  });
});

describe('stopping', () => {
  it('tells the registry to forget the upload, at any moment', async () => {
    for (let stopAt = 1; stopAt <= 6; stopAt += 1) {
      const controller = new AbortController();
      let count = 0;
      const world = await start((request) => {
        if (request.method === 'HEAD' || request.method === 'DELETE') return undefined;
        count += 1;
        if (count === stopAt) controller.abort();
        return undefined;
      });
      const error = await failureOf(write(world, BLOB, { signal: controller.signal }));
      expect(error.code).toBe('CANCELLED');
      // What the registry opened without being able to tell us is beyond anybody's reach.
      if (stopAt > 1 && stopAt < 6) expect(world.uploads.open.size).toBe(0);
    }
  });

  it('leaves nothing open when it is told to stop before it begins', async () => {
    const world = await start();
    const stopped = AbortSignal.abort();
    expect(await failureOf(write(world, BLOB, { signal: stopped }))).toMatchObject({ code: 'CANCELLED' });
    expect(world.requests).toEqual([]);
  });

  it('does not wait long for a registry that does not answer the cancelling', async () => {
    const controller = new AbortController();
    const world = await start((request) => {
      if (request.method === 'PATCH') controller.abort();
      return request.method === 'DELETE' ? { status: 500 } : undefined;
    });
    expect(await failureOf(write(world, BLOB, { signal: controller.signal }))).toMatchObject({
      code: 'CANCELLED',
    });
    expect(world.methods().filter((method) => method === 'DELETE')).toHaveLength(1);
  });
});

describe('going on in another process', () => {
  async function interrupted(after: number): Promise<{ world: World; state: string }> {
    const controller = new AbortController();
    const states: string[] = [];
    const world = await start(
      nth('PATCH', after, () => {
        controller.abort();
        return { reset: true };
      }),
    );
    const options = { signal: controller.signal, onResumable: (state: string) => states.push(state) };
    await failureOf(write(world, BLOB, options));
    const state = states.at(-1);
    if (state === undefined) throw new Error('It can be continued.');
    return { world, state };
  }

  it('sends only what the registry does not have', async () => {
    const { world, state } = await interrupted(3);
    expect(world.uploads.open.size).toBe(1);
    const progress: number[] = [];
    const written = await write({ writer: await world.again() }, BLOB, {
      resume: state,
      onProgress: (count) => progress.push(count),
    });
    expect(written).toEqual({ outcome: 'stored', sent: 1.5 * MIB });
    expect(progress[0]).toBe(2 * MIB);
    expect(world.stored(BLOB)?.equals(noise(3.5 * MIB, 11))).toBe(true);
    expect(world.uploads.open.size).toBe(0);
  });

  it('begins anew when the upload is gone, or the state is not ours', async () => {
    for (const change of [
      (state: string) => state.replace('/uploads/upload-1', '/uploads/upload-9'),
      (state: string) => state.replace('"path":"/', '"path":"//attacker.test/'),
      (state: string) => state.replace('"path":"/', '"path":"http://attacker.test/'),
      (state: string) => state.replace('"size":', '"size":1'),
      (state: string) => state.replace('team/app', 'team/other'),
      () => '{"upload":1}',
      () => 'null',
      () => '{{{',
      () => 'x'.repeat(100_000),
    ]) {
      const { world, state } = await interrupted(2);
      const changed = change(state);
      expect(changed).not.toBe(state);
      const written = await write({ writer: await world.again() }, BLOB, { resume: changed });
      expect(written).toEqual({ outcome: 'stored', sent: 3.5 * MIB });
    }
  });

  it('begins anew, once, when what the registry has was of another version of the content', async () => {
    const { world, state } = await interrupted(3);
    const [id] = world.uploads.open.keys();
    (world.uploads.open as Map<string, Buffer>).set(id ?? '', Buffer.alloc(2 * MIB));
    const written = await write({ writer: await world.again() }, BLOB, { resume: state });
    expect(written.sent).toBe(1.5 * MIB + 3.5 * MIB);
    expect(world.stored(BLOB)?.equals(noise(3.5 * MIB, 11))).toBe(true);
    expect(world.uploads.open.size).toBe(0);
  });

  it('or is given up: the registry forgets the upload, and nothing fails when it has done so already', async () => {
    const { world, state } = await interrupted(2);
    const writer = await world.again();
    await writer.forgetUpload?.(state, { signal: quietSignal() });
    expect(world.uploads.open.size).toBe(0);
    await writer.forgetUpload?.(state, { signal: quietSignal() });
    await writer.forgetUpload?.('nonsense', { signal: quietSignal() });
  });

  it('keeps no secret and no host to go to in the state', async () => {
    const { state } = await interrupted(2);
    expect(state).not.toContain('http');
    expect(Object.keys(JSON.parse(state) as object).sort()).toEqual(
      ['chunkMinimum', 'digest', 'host', 'path', 'repository', 'size', 'upload'].sort(),
    );
  });
});

describe('mounting', () => {
  const here = (world: World, repository: string) =>
    world.writer.mountBlob?.(
      BLOB.descriptor,
      { place: `registry:${world.requests[0]?.host ?? ''}`, repository },
      { signal: quietSignal() },
    );

  it('takes a blob from a repository of the same registry', async () => {
    const world = await start();
    await world.writer.hasBlob(BLOB.descriptor, { signal: quietSignal() });
    repositoryIn(world.content, 'other').blobs.set(BLOB.descriptor.digest, noise(3.5 * MIB, 11));
    expect(await here(world, 'other')).toBe(true);
    expect(await write(world, BLOB)).toEqual({ outcome: 'present', sent: 0 });
    expect(world.methods()).toEqual(['POST']);
  });

  it('uses the upload that is opened instead, and cancels it when nobody writes', async () => {
    const world = await start();
    await world.writer.hasBlob(BLOB.descriptor, { signal: quietSignal() });
    expect(await here(world, 'other')).toBe(false);
    expect(world.uploads.open.size).toBe(1);
    await write(world, BLOB);
    expect(world.methods()).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH', 'PATCH', 'PUT']);

    const unused = await start();
    await unused.writer.hasBlob(BLOB.descriptor, { signal: quietSignal() });
    expect(await here(unused, 'other')).toBe(false);
    await unused.writer.close();
    expect(unused.uploads.open.size).toBe(0);
  });

  it.each([400, 404, 405, 403, 500])('is no failure when it is answered %i', async (status) => {
    const world = await start((request) => (request.query.has('mount') ? { status } : undefined));
    await world.writer.hasBlob(BLOB.descriptor, { signal: quietSignal() });
    expect(await here(world, 'other')).toBe(false);
    await write(world, BLOB);
    expect(world.stored(BLOB)?.byteLength).toBe(3.5 * MIB);
  });

  it('asks nothing for another registry', async () => {
    const world = await start();
    const from = { place: 'registry:elsewhere.test', repository: 'other' };
    expect(await world.writer.mountBlob?.(BLOB.descriptor, from, { signal: quietSignal() })).toBe(false);
    expect(world.requests).toEqual([]);
  });
});
