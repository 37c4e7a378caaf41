import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { MANIFEST_LIMIT } from '../../content/limits.ts';
import type { Target } from '../../content/target.ts';
import { failure, sha256 } from '../../testing/content-script.ts';
import { openTestRegistry, quietSignal, startForTest } from '../../testing/open-registry.ts';
import type { Script, ScriptedAnswer, ScriptedRegistry } from '../../testing/scripted-registry.ts';
import { signedPayload } from './signed-payload.ts';

const TYPE = 'application/vnd.oci.image.manifest.v1+json';
const BYTES = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPE,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(Buffer.from('{}')), size: 2 },
    layers: [],
    annotations: { name: 'a manifest', note: 'zażółć gęślą jaźń' },
  }),
);
const DIGEST = sha256(BYTES);
const SHA512 = `sha512:${createHash('sha512').update(BYTES).digest('hex')}`;

interface World {
  readonly server: ScriptedRegistry;
  readonly target: Target;
  readonly warnings: readonly string[];
}

async function open(script: Script): Promise<World> {
  const server = await startForTest(script);
  const { registry, warnings } = openTestRegistry({ host: server.host, plainHttp: true });
  return { server, target: registry.repository('team/app'), warnings };
}

function manifest(headers: Record<string, string> = {}, body: string | Uint8Array = BYTES): ScriptedAnswer {
  return { headers: { 'content-type': TYPE, ...headers }, body };
}

async function fetched(script: Script, reference: string | Descriptor = '1.0'): Promise<unknown> {
  const { target } = await open(script);
  return target.fetchManifest(reference, { signal: quietSignal() }).then(
    ({ descriptor }) => descriptor,
    (error: unknown) => (error as { code?: string }).code ?? error,
  );
}

describe('fetching a manifest', () => {
  it('asks for every type it can read, Docker schema 1 last, and keeps the bytes', async () => {
    const { server, target } = await open(() => manifest({ 'docker-content-digest': DIGEST }));
    const { descriptor, bytes } = await target.fetchManifest('1.0', { signal: quietSignal() });
    expect(descriptor).toEqual({ mediaType: TYPE, digest: DIGEST, size: BYTES.byteLength });
    expect(Buffer.from(bytes).equals(BYTES)).toBe(true);
    const accept = server.requests[0]?.headers.accept?.split(', ') ?? [];
    expect(accept).toEqual(
      expect.arrayContaining([
        'application/vnd.oci.image.index.v1+json',
        TYPE,
        'application/vnd.docker.distribution.manifest.list.v2+json',
        'application/vnd.docker.distribution.manifest.v2+json',
        'application/vnd.oci.artifact.manifest.v1+json',
        'application/vnd.cncf.oras.artifact.manifest.v1+json',
      ]),
    );
    expect(accept.at(-1)).toMatch(/manifest\.v1\+json$/);
  });

  it('ignores parameters of the media type (V8)', async () => {
    expect(await fetched(() => manifest({ 'content-type': `${TYPE}; charset=utf-8` }))).toMatchObject({
      mediaType: TYPE,
    });
  });

  it.each(['application/json', 'application/octet-stream', 'text/plain; charset=utf-8'])(
    'finds the type in the document where the server says only %s, and in the descriptor first',
    async (contentType) => {
      expect(await fetched(() => manifest({ 'content-type': contentType }))).toMatchObject({
        mediaType: TYPE,
      });
      const descriptor = {
        mediaType: 'application/vnd.example.named+json',
        digest: DIGEST,
        size: BYTES.byteLength,
      } as Descriptor;
      expect(await fetched(() => manifest({ 'content-type': contentType }), descriptor)).toEqual(descriptor);
    },
  );

  it('believes the digest asked for and not the announced one (V12)', async () => {
    const other = Buffer.from(BYTES.toString().replace('a manifest', 'a manifesT'));
    expect(await fetched(() => manifest({ 'docker-content-digest': sha256(other) }, other), DIGEST)).toBe(
      'DIGEST_MISMATCH',
    );
    expect(await fetched(() => manifest({ 'docker-content-digest': sha256(other) }), DIGEST)).toMatchObject({
      digest: DIGEST,
    });
  });

  it('checks the announced digest of a tag, in its own algorithm (V13)', async () => {
    expect(await fetched(() => manifest({ 'docker-content-digest': sha256(Buffer.from('other')) }))).toBe(
      'DIGEST_MISMATCH',
    );
    expect(await fetched(() => manifest({ 'docker-content-digest': SHA512 }))).toMatchObject({
      digest: SHA512,
    });
    expect(await fetched(() => manifest())).toMatchObject({ digest: DIGEST });
    expect(await fetched(() => manifest({ 'docker-content-digest': 'nonsense' }))).toMatchObject({
      digest: DIGEST,
    });
    expect(await fetched(() => manifest(), SHA512)).toMatchObject({ digest: SHA512 });
  });

  it('checks the size where a descriptor led here', async () => {
    const wrong = { mediaType: TYPE, digest: DIGEST, size: BYTES.byteLength + 1 } as Descriptor;
    expect(await fetched(() => manifest(), wrong)).toBe('SIZE_MISMATCH');
  });

  it('takes 3,910,601 bytes, 8 MiB, and nothing above, announced or endless (V15)', async () => {
    for (const size of [3_910_601, MANIFEST_LIMIT]) {
      const bytes = Buffer.concat([BYTES, Buffer.alloc(size - BYTES.byteLength, ' ')]);
      expect(await fetched(() => manifest({}, bytes))).toMatchObject({ size });
    }
    expect(await fetched(() => manifest({}, Buffer.alloc(MANIFEST_LIMIT + 1, ' ')))).toBe('LIMIT');
    expect(await fetched(() => ({ ...manifest(), body: endless() }))).toBe('LIMIT');
  });

  it('hands over duplicate keys, byte order marks and broken UTF-8 untouched: reading them is somebody else’s verdict (V16)', async () => {
    for (const bytes of [
      Buffer.from('{"a":1,"a":2}'),
      Buffer.from('\uFEFF{}'),
      Buffer.from([0x7b, 0xff, 0x7d]),
    ]) {
      expect(await fetched(() => manifest({ 'docker-content-digest': sha256(bytes) }, bytes))).toMatchObject({
        digest: sha256(bytes),
        size: bytes.byteLength,
      });
    }
  });

  it('tells a missing repository from a missing manifest, and one that something names', async () => {
    const { target } = await open(() => failure(404, 'NAME_UNKNOWN', 'repository name not known'));
    const message = async (world: Target, reference: string | Descriptor): Promise<unknown> =>
      world
        .fetchManifest(reference, { signal: quietSignal() })
        .catch((error: unknown) => [
          (error as { code: string }).code,
          (error as Error).message.replace(/127\.0\.0\.1:\d+/g, 'HOST'),
        ]);
    expect(await message(target, '1.0')).toEqual([
      'NOT_FOUND',
      'HOST has no repository team/app, or does not show it to this account.',
    ]);
    const empty = await open(() => failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown'));
    expect(await message(empty.target, '1.0')).toEqual(['NOT_FOUND', 'HOST/team/app has no manifest 1.0.']);
    expect(await message(empty.target, { mediaType: TYPE, digest: DIGEST, size: 1 } as Descriptor)).toEqual([
      'MISSING',
      `HOST/team/app does not hold ${DIGEST}, although something there names it.`,
    ]);
    const page = await open(() => ({
      status: 404,
      headers: { 'content-type': 'text/html' },
      body: '<html>nothing',
    }));
    expect(await message(page.target, '1.0')).toEqual([
      'NOT_FOUND',
      'HOST/team/app:1.0: HOST answered 404 with a web page.',
    ]);
  });

  it('says that a web page came', async () => {
    expect(
      await fetched(() => ({ headers: { 'content-type': 'text/html' }, body: '<html>log in</html>' })),
    ).toBe('PROTOCOL');
  });

  it.each([
    '../../etc/passwd',
    '',
    'a/b',
    'a b',
    '.x',
    'tag?x=1',
    `sha256:${'A'.repeat(64)}`,
    'sha256:../../x',
    'é',
    'a'.repeat(129),
  ])('asks nothing for %j', async (reference) => {
    const { server, target } = await open(() => manifest());
    for (const work of [
      target.fetchManifest(reference, { signal: quietSignal() }),
      target.resolve(reference, { signal: quietSignal() }),
    ]) {
      await expect(work).rejects.toMatchObject({ code: 'INVALID_REFERENCE' });
    }
    expect(server.requests).toHaveLength(0);
  });

  it('asks nothing for digests that cannot be verified (V5)', async () => {
    const { server, target } = await open(() => manifest());
    for (const digest of [
      'multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8',
      `blake3:${'a'.repeat(64)}`,
    ]) {
      await expect(target.fetchManifest(digest, { signal: quietSignal() })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      });
    }
    expect(server.requests).toHaveLength(0);
  });
});

describe('resolving a tag', () => {
  const head = { 'docker-content-digest': DIGEST, 'content-length': String(BYTES.byteLength) };

  it('needs no more than a HEAD', async () => {
    const { server, target } = await open(() => manifest(head));
    expect(await target.resolve('1.0', { signal: quietSignal() })).toEqual({
      mediaType: TYPE,
      digest: DIGEST,
      size: BYTES.byteLength,
    });
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD']);
  });

  it.each([
    ['has no digest header (V14)', manifest({ 'content-length': '5' })],
    [
      'has no length',
      { headers: { 'content-type': TYPE, 'docker-content-digest': DIGEST, 'transfer-encoding': 'chunked' } },
    ],
    ['has no type', { headers: head }],
    [
      'has a digest that cannot be checked',
      manifest({ ...head, 'docker-content-digest': `blake3:${'a'.repeat(64)}` }),
    ],
    ['is refused with 405', { status: 405 }],
    ['is refused with 400', { status: 400 }],
  ] as const)('reads the manifest when the HEAD %s', async (_name, answer: ScriptedAnswer) => {
    const { server, target } = await open(({ method }) => (method === 'HEAD' ? answer : manifest()));
    expect(await target.resolve('1.0', { signal: quietSignal() })).toEqual({
      mediaType: TYPE,
      digest: DIGEST,
      size: BYTES.byteLength,
    });
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  it('is undefined for 404, by HEAD and by the GET after it, and an error for everything else', async () => {
    const resolve = async (script: Script): Promise<unknown> =>
      (await open(script)).target
        .resolve('1.0', { signal: quietSignal() })
        .catch((error: unknown) => (error as { code: string }).code);
    expect(await resolve(() => ({ status: 404 }))).toBeUndefined();
    expect(
      await resolve(({ method }) =>
        method === 'HEAD' ? { status: 405 } : failure(404, 'MANIFEST_UNKNOWN', 'x'),
      ),
    ).toBeUndefined();
    expect(await resolve(() => ({ status: 500 }))).toBe('REGISTRY_ERROR');
    expect(await resolve(() => ({ status: 403 }))).toBe('DENIED');
    expect(await resolve(({ method }) => (method === 'HEAD' ? { status: 405 } : { status: 503 }))).toBe(
      'REGISTRY_ERROR',
    );
  });

  it('does not believe a HEAD that answers a digest with another one', async () => {
    const { target } = await open(({ method }) =>
      method === 'HEAD'
        ? manifest({ ...head, 'docker-content-digest': sha256(Buffer.from('x')) })
        : manifest(),
    );
    expect(await target.resolve(DIGEST, { signal: quietSignal() })).toMatchObject({ digest: DIGEST });
  });

  it('warns when HEAD and GET disagree about the length, and reads on (quirk M2)', async () => {
    const { target, warnings } = await open(({ method }) =>
      method === 'HEAD' ? manifest({ ...head, 'content-length': '99999' }) : manifest(),
    );
    const descriptor = await target.resolve('1.0', { signal: quietSignal() });
    expect(descriptor?.size).toBe(99_999);
    expect((await target.fetchManifest(descriptor!, { signal: quietSignal() })).descriptor.size).toBe(
      BYTES.byteLength,
    );
    expect(warnings).toEqual([expect.stringContaining('announced 99999 bytes')]);
  });
});

describe('Docker schema 1', () => {
  // Made like libtrust does: the signatures are put in before the closing brace, and the header says where.
  const payload = Buffer.from('{\n   "schemaVersion": 1,\n   "name": "team/app",\n   "tag": "1.0"\n}');
  const formatLength = payload.lastIndexOf('\n}');
  const header = Buffer.from(
    JSON.stringify({
      formatLength,
      formatTail: Buffer.from('\n}').toString('base64url'),
      time: '2020-01-01T00:00:00Z',
    }),
  ).toString('base64url');
  const signed = (protectedHeader: string): Buffer =>
    Buffer.from(
      `${payload.subarray(0, formatLength).toString()},\n   "signatures": [{"header":{},"signature":"x","protected":"${protectedHeader}"}]\n}`,
    );
  const type = 'application/vnd.docker.distribution.manifest.v1+prettyjws';

  it('is named by the digest of its payload (quirk M5)', async () => {
    const digest = sha256(payload);
    expect(
      await fetched(() =>
        manifest({ 'content-type': type, 'docker-content-digest': digest }, signed(header)),
      ),
    ).toMatchObject({ digest });
    expect(await fetched(() => manifest({ 'content-type': type }, signed(header)), digest)).toMatchObject({
      digest,
      mediaType: type,
    });
    const forged = Buffer.from(signed(header).toString().replace('team/app', 'team/apq'));
    expect(await fetched(() => manifest({ 'content-type': type }, forged), digest)).toBe('DIGEST_MISMATCH');
    // Only for this type: no other document has a second digest.
    expect(await fetched(() => manifest({}, signed(header)), digest)).toBe('DIGEST_MISMATCH');
  });

  it('has no payload when its signatures make no sense', () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const broken of [
      '',
      '!!',
      encode({}),
      encode({ formatLength: -1, formatTail: '' }),
      encode({ formatLength: 1e9, formatTail: '' }),
      encode({ formatLength: 1.5, formatTail: '' }),
      encode([]),
    ]) {
      expect(signedPayload(signed(broken))).toBeUndefined();
    }
    expect(signedPayload(Buffer.from('no json'))).toBeUndefined();
    expect(Buffer.from(signedPayload(signed(header)) ?? []).equals(payload)).toBe(true);
  });
});

// Check 8 of the reliability bar, for manifests; blobs.test.ts has the other half.
it('rejects every damaged manifest: 200 flipped bits, 50 other lengths', async () => {
  let damaged: Uint8Array = BYTES;
  const { target } = await open(() => manifest({ 'docker-content-digest': DIGEST }, damaged));
  const outcomes = new Map<string, number>();
  const attempt = async (bytes: Uint8Array, reference: string): Promise<void> => {
    damaged = bytes;
    const outcome = await target.fetchManifest(reference, { signal: quietSignal() }).then(
      () => 'accepted',
      (error: unknown) => (error as { code: string }).code,
    );
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  };
  for (let index = 0; index < 200; index += 1) {
    const bytes = Buffer.from(BYTES);
    const position = (index * 7919) % bytes.byteLength;
    bytes[position] = (bytes[position] ?? 0) ^ (1 << (index % 8));
    await attempt(bytes, index % 2 === 0 ? DIGEST : '1.0');
  }
  for (let index = 1; index <= 25; index += 1) {
    await attempt(BYTES.subarray(0, BYTES.byteLength - index), index % 2 === 0 ? DIGEST : '1.0');
    await attempt(
      Buffer.concat([BYTES, Buffer.alloc(index, index % 2 === 0 ? ' ' : '\n')]),
      index % 2 === 0 ? DIGEST : '1.0',
    );
  }
  expect(Object.fromEntries(outcomes)).toEqual({ DIGEST_MISMATCH: 250 });
});

async function* endless(): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  for (;;) yield await Promise.resolve(chunk);
}
