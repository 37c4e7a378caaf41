import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { ReadBlobOptions, Target } from '../../content/target.ts';
import {
  addBlob,
  emptyContent,
  failure,
  repositoryIn,
  serveContent,
  sha256,
} from '../../testing/content-script.ts';
import { collect, openTestRegistry, quietSignal, startForTest } from '../../testing/open-registry.ts';
import type {
  Script,
  ScriptedAnswer,
  ScriptedRegistry,
  ScriptedRequest,
} from '../../testing/scripted-registry.ts';
import { createResumeAllowance } from './resume-allowance.ts';

const BYTES = Buffer.from(
  Array.from({ length: 40_000 }, (_unused, index) => (index * 31 + (index >> 8)) & 255),
);
const DESCRIPTOR = {
  mediaType: 'application/octet-stream',
  digest: sha256(BYTES),
  size: BYTES.byteLength,
} as Descriptor;

interface World {
  readonly server: ScriptedRegistry;
  readonly target: Target;
}

async function open(script: Script): Promise<World> {
  const server = await startForTest(script);
  return {
    server,
    target: openTestRegistry({ host: server.host, plainHttp: true }).registry.repository('team/app'),
  };
}

/** The bytes, or the code of the error. */
async function read(
  target: Target,
  options: Omit<ReadBlobOptions, 'signal'> = {},
  descriptor = DESCRIPTOR,
): Promise<Buffer | string> {
  return collect(target.readBlob(descriptor, { ...options, signal: quietSignal() })).catch(
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}

async function readFrom(
  script: Script,
  options: Omit<ReadBlobOptions, 'signal'> = {},
  descriptor = DESCRIPTOR,
): Promise<Buffer | string> {
  return read((await open(script)).target, options, descriptor);
}

function goodRegistry(): Script {
  const content = emptyContent();
  addBlob(repositoryIn(content, 'team/app'), BYTES);
  addBlob(repositoryIn(content, 'team/app'), new Uint8Array());
  return serveContent(content);
}

describe('a whole blob', () => {
  it('is read and verified, the empty one too', async () => {
    const { server, target } = await open(goodRegistry());
    expect(await read(target)).toEqual(BYTES);
    const empty = { ...DESCRIPTOR, digest: sha256(new Uint8Array()) as Descriptor['digest'], size: 0 };
    expect(await read(target, {}, empty)).toEqual(Buffer.alloc(0));
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
  });

  it('of another length is refused before its bytes are read (V19)', async () => {
    expect(await readFrom(() => ({ body: Buffer.concat([BYTES, Buffer.from('x')]) }))).toBe('SIZE_MISMATCH');
    expect(await readFrom(() => ({ body: BYTES.subarray(1) }))).toBe('SIZE_MISMATCH');
    expect(await readFrom(() => ({ body: chunked(BYTES.subarray(0, 39_999)) }))).toBe('SIZE_MISMATCH');
    expect(await readFrom(() => ({ body: chunked(BYTES, Buffer.from('x')) }))).toBe('SIZE_MISMATCH');
  });

  it('that is not there is missing, and other refusals keep their own codes', async () => {
    expect(await readFrom(() => failure(404, 'BLOB_UNKNOWN', 'blob unknown'))).toBe('MISSING');
    expect(await readFrom(() => ({ status: 403 }))).toBe('DENIED');
    expect(await readFrom(() => ({ status: 500 }))).toBe('REGISTRY_ERROR');
    expect(await readFrom(() => ({ status: 416 }))).toBe('REGISTRY_ERROR');
    expect(await readFrom(() => ({ status: 204 }))).toBe('PROTOCOL');
  });

  // Check 4 of the reliability bar (CVE-2020-15157): nobody is asked because a manifest names a URL.
  it('with URLs of its own is only ever asked for here', async () => {
    const attacker = await startForTest(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="give"' },
    }));
    const descriptor = { ...DESCRIPTOR, urls: [`${attacker.origin}/layer`] };
    expect(await readFrom(goodRegistry(), {}, descriptor)).toEqual(BYTES);
    expect(await readFrom(() => failure(404, 'BLOB_UNKNOWN', 'x'), {}, descriptor)).toBe('MISSING');
    expect(attacker.connectionsOpened).toBe(0);
  });

  it('whose digest cannot be verified is not asked for', async () => {
    const { server, target } = await open(goodRegistry());
    const descriptor = { ...DESCRIPTOR, digest: `blake3:${'a'.repeat(64)}` as Descriptor['digest'] };
    expect(await read(target, {}, descriptor)).toBe('UNSUPPORTED');
    expect(server.requests).toHaveLength(0);
  });

  it('marked as compressed but sent as stored is taken; compressed on the way it is not (V24)', async () => {
    const encoded = { 'content-encoding': 'gzip' };
    expect(await readFrom(() => ({ headers: encoded, body: BYTES }))).toEqual(BYTES);
    expect(
      await readFrom(() => ({ headers: encoded, body: chunked(Buffer.alloc(BYTES.byteLength, 1)) })),
    ).toBe('DIGEST_MISMATCH');
    expect(await readFrom(() => ({ headers: encoded, body: chunked(BYTES.subarray(0, 100)) }))).toBe(
      'SIZE_MISMATCH',
    );
  });
});

// Check 8 of the reliability bar, for blobs.
it('rejects every damaged blob: 200 flipped bits, 50 other lengths', async () => {
  const small = BYTES.subarray(0, 1000);
  const descriptor = { ...DESCRIPTOR, digest: sha256(small) as Descriptor['digest'], size: small.byteLength };
  let damaged: ScriptedAnswer = {};
  const { target } = await open(() => damaged);
  const outcomes = new Map<string, number>();
  const attempt = async (answer: ScriptedAnswer): Promise<void> => {
    damaged = answer;
    const outcome = await read(target, {}, descriptor);
    const name = typeof outcome === 'string' ? outcome : 'accepted';
    outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
  };
  for (let index = 0; index < 200; index += 1) {
    const bytes = Buffer.from(small);
    const position = (index * 7919) % bytes.byteLength;
    bytes[position] = (bytes[position] ?? 0) ^ (1 << (index % 8));
    await attempt({ body: bytes });
  }
  for (let index = 1; index <= 25; index += 1) {
    await attempt({ body: chunked(small.subarray(0, small.byteLength - index)) });
    await attempt({ body: chunked(small, Buffer.alloc(index)) });
  }
  expect(Object.fromEntries(outcomes)).toEqual({ DIGEST_MISMATCH: 200, SIZE_MISMATCH: 50 });
});

describe('a part of a blob', () => {
  it('is asked for by Range', async () => {
    const { server, target } = await open(goodRegistry());
    expect(await read(target, { offset: 100, length: 50 })).toEqual(BYTES.subarray(100, 150));
    expect(await read(target, { offset: 39_990 })).toEqual(BYTES.subarray(39_990));
    expect(await read(target, { length: 10 })).toEqual(BYTES.subarray(0, 10));
    expect(await read(target, { offset: 39_990, length: 1000 })).toEqual(BYTES.subarray(39_990));
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      'bytes=100-149',
      'bytes=39990-39999',
      'bytes=0-9',
      'bytes=39990-39999',
    ]);
  });

  it('beyond the end is empty without a request', async () => {
    const { server, target } = await open(goodRegistry());
    expect([await read(target, { offset: 40_000 }), await read(target, { offset: 99_999, length: 5 }), await read(target, { length: 0 })]).toEqual([
      Buffer.alloc(0), Buffer.alloc(0), Buffer.alloc(0),
    ]); // prettier-ignore
    expect(server.requests).toHaveLength(0);
  });

  it('is cut out of the whole where the registry has no ranges', async () => {
    expect(await readFrom(() => ({ body: BYTES }), { offset: 100, length: 50 })).toEqual(
      BYTES.subarray(100, 150),
    );
    expect(await readFrom(() => ({ body: chunked(BYTES) }), { offset: 30_000 })).toEqual(
      BYTES.subarray(30_000),
    );
  });

  it.each([
    ['another start', 'bytes 99-148/40000', 'PROTOCOL'],
    ['another total (V22)', 'bytes 100-149/40001', 'SIZE_MISMATCH'],
    ['no place', '', 'PROTOCOL'],
    ['nonsense', 'bytes 100-50/40000', 'PROTOCOL'],
  ])('with %s is refused', async (_name, contentRange, code) => {
    const answer: ScriptedAnswer = {
      status: 206,
      headers: { 'content-range': contentRange },
      body: BYTES.subarray(100, 150),
    };
    expect(await readFrom(() => answer, { offset: 100, length: 50 })).toBe(code);
  });

  it('of an unknown total is taken', async () => {
    const answer: ScriptedAnswer = {
      status: 206,
      headers: { 'content-range': 'bytes 100-149/*' },
      body: BYTES.subarray(100, 150),
    };
    expect(await readFrom(() => answer, { offset: 100, length: 50 })).toEqual(BYTES.subarray(100, 150));
  });

  it('is not taken out of a compressed body', async () => {
    const answer: ScriptedAnswer = {
      status: 206,
      headers: { 'content-range': 'bytes 100-149/40000', 'content-encoding': 'gzip' },
      body: BYTES.subarray(100, 150),
    };
    expect(await readFrom(() => answer, { offset: 100, length: 50 })).toBe('PROTOCOL');
    expect(
      await readFrom(() => ({ headers: { 'content-encoding': 'gzip' }, body: BYTES }), { offset: 100 }),
    ).toBe('PROTOCOL');
  });
});

describe('a download that breaks off', () => {
  /** Serves the blob, but breaks the connection after some bytes for the first `times` answers. */
  function breaking(
    times: number,
    after: number,
    resumed?: (request: ScriptedRequest) => ScriptedAnswer,
  ): Script {
    const good = goodRegistry();
    let broken = 0;
    return async (request) => {
      const answer =
        request.headers.range !== undefined && resumed !== undefined ? resumed(request) : await good(request);
      broken += 1;
      return broken <= times ? { ...answer, cutAfter: after } : answer;
    };
  }

  it('goes on where it was, at random places, many times', async () => {
    for (const after of [1, 7, 1000, 20_000, 39_999]) {
      const { server, target } = await open(breaking(3, after));
      expect(await read(target)).toEqual(BYTES);
      const starts = server.requests.map(({ headers }) =>
        Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0),
      );
      expect(starts).toEqual([...starts].sort((a, b) => a - b));
      expect(starts.at(-1)).toBeGreaterThan(0);
    }
  });

  it('goes on from the registry’s own address when the blob store’s has expired', async () => {
    const store = await startForTest(({ query, headers }) => {
      if (query.get('sig') !== String(signature)) return { status: 403, body: 'expired' };
      return headers.range === undefined ? { body: BYTES, cutAfter: 500 } : rangeOf(BYTES, headers.range);
    });
    let signature = 1;
    const { server, target } = await open(() => {
      signature += 1;
      return { status: 307, headers: { location: `${store.origin}/blob?sig=${signature}` } };
    });
    expect(await read(target)).toEqual(BYTES);
    expect(server.requests).toHaveLength(2);
  });

  it.each<readonly [string, (request: ScriptedRequest) => ScriptedAnswer, Buffer | string]>([
    ['200 with the whole blob: what is there is passed over', () => ({ body: BYTES }), BYTES],
    [
      '200 with another blob: the digest decides',
      () => ({ body: Buffer.alloc(BYTES.byteLength, 9) }),
      'DIGEST_MISMATCH',
    ],
    [
      '206 from another place',
      () => ({ status: 206, headers: { 'content-range': 'bytes 0-39999/40000' }, body: BYTES }),
      'PROTOCOL',
    ],
    [
      '206 of a blob that grew',
      () => ({
        status: 206,
        headers: { 'content-range': 'bytes 1000-40000/40001' },
        body: Buffer.alloc(39_001),
      }),
      'SIZE_MISMATCH',
    ],
    [
      '206 with other bytes',
      () => ({
        status: 206,
        headers: { 'content-range': 'bytes 1000-39999/40000' },
        body: Buffer.alloc(39_000),
      }),
      'DIGEST_MISMATCH',
    ],
    ['416 in the middle', () => ({ status: 416 }), 'REGISTRY_ERROR'],
    ['404 meanwhile', () => failure(404, 'BLOB_UNKNOWN', 'gone'), 'MISSING'],
    ['403 meanwhile', () => ({ status: 403 }), 'DENIED'],
  ])('and is answered %s (V21)', async (_name, resumed, expected) => {
    const { target } = await open(breaking(1, 1000, resumed));
    expect(await read(target)).toEqual(expected);
  });

  it('asks for the same blob by its ETag, and a weak one is not used', async () => {
    for (const [etag, sent] of [
      ['"strong"', '"strong"'],
      ['W/"weak"', undefined],
    ] as const) {
      let first = true;
      const { server, target } = await open(({ headers }) => {
        const cut = first;
        first = false;
        return cut
          ? { headers: { etag }, body: BYTES, cutAfter: 1000 }
          : rangeOf(BYTES, headers.range ?? 'bytes=0-');
      });
      expect(await read(target)).toEqual(BYTES);
      expect(server.requests[1]?.headers['if-range']).toBe(sent);
    }
  });

  it('gives up when it gets nowhere', async () => {
    const { server, target } = await open(breaking(100, 0));
    expect(await read(target)).toBe('UNREACHABLE');
    expect(server.requests.length).toBeLessThanOrEqual(8);
  });

  it('goes on after a stall', async () => {
    const server = await startForTest(({ headers }) =>
      headers.range === undefined ? { body: BYTES, stallAfter: 1000 } : rangeOf(BYTES, headers.range),
    );
    const { registry } = openTestRegistry(
      { host: server.host, plainHttp: true },
      { timings: { bodyIdle: 300 } },
    );
    expect(await read(registry.repository('team/app'))).toEqual(BYTES);
  });

  it('that only drips is broken off and resumed', async () => {
    const server = await startForTest(({ headers }) =>
      headers.range === undefined
        ? { headers: { 'content-length': String(BYTES.byteLength) }, body: dripping(BYTES) }
        : rangeOf(BYTES, headers.range),
    );
    const { registry } = openTestRegistry(
      { host: server.host, plainHttp: true },
      { timings: { slowWindow: 200 } },
    );
    expect(await read(registry.repository('team/app'))).toEqual(BYTES);
    expect(server.requests).toHaveLength(2);
  });

  it('continues a part within its bounds', async () => {
    const { server, target } = await open(breaking(1, 100));
    expect(await read(target, { offset: 1000, length: 500 })).toEqual(BYTES.subarray(1000, 1500));
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      'bytes=1000-1499',
      'bytes=1100-1499',
    ]);
  });
});

describe('resume allowance', () => {
  it('is six, earns six more with every 4 MiB, and ends after 20 fruitless ones in a row', () => {
    const poor = createResumeAllowance();
    expect(Array.from({ length: 7 }, () => poor.spend())).toEqual([1, 2, 3, 4, 5, 6, undefined]);
    const rich = createResumeAllowance();
    for (let index = 0; index < 100; index += 1) {
      rich.earn(4 * 1024 * 1024);
      expect(rich.spend()).toBe(1);
    }
    const slow = createResumeAllowance();
    let resumes = 0;
    for (;;) {
      slow.earn(900 * 1024);
      if (slow.spend() === undefined) break;
      resumes += 1;
    }
    expect(resumes).toBe(20);
  });
});

function rangeOf(bytes: Buffer, range: string): ScriptedAnswer {
  const start = Number(/^bytes=(\d+)-/.exec(range)?.[1] ?? 0);
  return {
    status: 206,
    headers: { 'content-range': `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}` },
    body: bytes.subarray(start),
  };
}

async function* dripping(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < bytes.byteLength; position += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    yield bytes.subarray(position, position + 1);
  }
}

async function* chunked(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(part);
}
