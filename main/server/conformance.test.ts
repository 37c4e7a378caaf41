import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import {
  CONFORMANCE_DATA,
  digestOfBytes,
  json,
  type ConformanceData,
  type DataDescriptor,
  type DataManifest,
} from '../testing/conformance-data.ts';
import type { ReceivedAnswer } from '../testing/send-request.ts';
import { serveLayout, type ServedLayout } from '../testing/serve-layout.ts';

// What the official conformance suite expects of manifests, tags and referrers (checklist, 3.3), and the suite before it (3.4).
// Every data set is pushed, listed, looked for, pulled, asked for its referrers, and deleted, in this order.

let served: ServedLayout;
beforeAll(async () => {
  served = await serveLayout({ ownName: 'conformance/own' });
});
afterAll(() => served.close());

const ACCEPT = { accept: [MEDIA_TYPES.index, MEDIA_TYPES.manifest] };

/** A body that comes without a length, as the suite sends manifests. */
async function* withoutLength(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

async function pushBlobs(repository: string, { blobs }: ConformanceData): Promise<void> {
  for (const [digest, bytes] of blobs) {
    const opened = await served.send(`/v2/${repository}/blobs/uploads/`, { method: 'POST', body: '' });
    expect(opened.status).toBe(202);
    const stored = await served.send(`${opened.headers.location!}?digest=${digest}`, {
      method: 'PUT',
      headers: { 'content-type': MEDIA_TYPES.octetStream },
      body: bytes,
    });
    expect([stored.status, stored.headers.location]).toEqual([201, `/v2/${repository}/blobs/${digest}`]);
  }
}

async function pushManifest(
  repository: string,
  reference: string,
  manifest: DataManifest,
): Promise<ReceivedAnswer> {
  const pushed = await served.send(`/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    headers: { 'content-type': manifest.mediaType },
    body: withoutLength(manifest.bytes),
  });
  expect([pushed.status, pushed.body.toString()]).toEqual([201, '']);
  expect(pushed.headers['docker-content-digest']).toBe(manifest.digest);
  expect(pushed.headers['oci-subject']).toBe(manifest.subject);
  const read = await served.send(pushed.headers.location!, { headers: ACCEPT });
  expectManifest(read, manifest);
  expect(read.body.equals(manifest.bytes)).toBe(true);
  return pushed;
}

function expectManifest(answer: ReceivedAnswer, { bytes, digest, mediaType }: DataManifest): void {
  expect({
    status: answer.status,
    type: answer.all('content-type'),
    length: answer.headers['content-length'],
    digest: answer.headers['docker-content-digest'],
  }).toEqual({ status: 200, type: [mediaType], length: String(bytes.byteLength), digest });
}

async function tagsOf(repository: string, query = ''): Promise<readonly string[]> {
  const { status, body } = await served.send(`/v2/${repository}/tags/list${query}`);
  expect(status).toBe(200);
  return (JSON.parse(body.toString()) as { readonly tags: readonly string[] }).tags;
}

describe.each(['conformance/repo1', 'conformance/own'])('a registry with the repository %s', (repository) => {
  it('answers a ping', async () => {
    const { status, headers } = await served.send('/v2/');
    expect([status, headers['docker-distribution-api-version']]).toEqual([200, 'registry/2.0']);
  });

  it('has no tags and no referrers before anything is pushed', async () => {
    const tags = await served.send(`/v2/${repository}/tags/list`);
    expect([tags.status, tags.json()]).toEqual([
      404,
      { errors: [{ code: 'NAME_UNKNOWN', message: `There is no repository ${repository} here.` }] },
    ]);
    const referrers = await served.send(
      `/v2/${repository}/referrers/${digestOfBytes(randomBytes(8), 'sha256')}`,
    );
    expect([referrers.status, referrers.all('content-type'), referrers.json()]).toEqual([
      200,
      [MEDIA_TYPES.index],
      { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] },
    ]);
  });

  it.each(CONFORMANCE_DATA)(
    'keeps $name as it was pushed, until it is deleted',
    async ({ make, tagParameters }) => {
      const data = make();

      await pushBlobs(repository, data);
      for (const manifest of data.manifests) {
        const tags = [...data.tags].filter(([, digest]) => digest === manifest.digest).map(([tag]) => tag);
        const query =
          tagParameters === true && tags.length > 0 ? `?${tags.map((tag) => `tag=${tag}`).join('&')}` : '';
        const pushed = await pushManifest(repository, `${manifest.digest}${query}`, manifest);
        expect(pushed.all('oci-tag')).toEqual(query === '' ? [] : tags);
      }
      const byDigest = new Map(data.manifests.map((manifest) => [manifest.digest, manifest]));
      if (tagParameters !== true) {
        for (const [tag, digest] of data.tags) await pushManifest(repository, tag, byDigest.get(digest)!);
      }

      if (data.tags.size > 0) {
        const all = await tagsOf(repository);
        expect(all).toEqual(expect.arrayContaining([...data.tags.keys()]));
        expect(all).toEqual([...all].sort());
        for (const last of all) {
          expect(await tagsOf(repository, `?last=${last}`)).toEqual(all.filter((tag) => tag > last));
        }
      }

      for (const method of ['HEAD', 'GET']) {
        for (const reference of [...data.tags.keys(), ...byDigest.keys()]) {
          const manifest = byDigest.get(data.tags.get(reference) ?? reference)!;
          const answer = await served.send(`/v2/${repository}/manifests/${reference}`, {
            method,
            headers: ACCEPT,
          });
          expectManifest(answer, manifest);
          expect(answer.body.equals(method === 'GET' ? manifest.bytes : Buffer.from(''))).toBe(true);
        }
        for (const [digest, bytes] of data.blobs) {
          const answer = await served.send(`/v2/${repository}/blobs/${digest}`, { method });
          expect({
            status: answer.status,
            length: answer.headers['content-length'],
            digest: answer.headers['docker-content-digest'],
            body: answer.body,
          }).toEqual({
            status: 200,
            length: String(bytes.byteLength),
            digest,
            body: method === 'GET' ? bytes : Buffer.from(''),
          });
        }
      }

      for (const [subject, expected] of data.referrers) {
        const sorted = [...expected].sort((left, right) => (left.digest < right.digest ? -1 : 1));
        const whole = await served.send(`/v2/${repository}/referrers/${subject}`);
        expect([whole.status, whole.all('content-type'), whole.all('oci-filters-applied')]).toEqual([
          200,
          [MEDIA_TYPES.index],
          [],
        ]);
        expect(whole.json()).toEqual({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: sorted });
        for (const artifactType of new Set(
          expected.map((each) => each['artifactType'] as string | undefined),
        )) {
          if (artifactType === undefined) continue;
          const filtered = await served.send(
            `/v2/${repository}/referrers/${subject}?artifactType=${encodeURIComponent(artifactType)}`,
          );
          expect(filtered.headers['oci-filters-applied']).toBe('artifactType');
          expect((filtered.json() as { readonly manifests: readonly DataDescriptor[] }).manifests).toEqual(
            sorted.filter((each) => each['artifactType'] === artifactType),
          );
        }
      }

      const isGone = async (path: string): Promise<void> => {
        expect((await served.send(path, { method: 'DELETE' })).status).toBe(202);
        expect((await served.send(path, { method: 'HEAD', headers: ACCEPT })).status).toBe(404);
        expect((await served.send(path, { method: 'DELETE' })).status).toBe(404);
      };
      for (const tag of data.tags.keys()) await isGone(`/v2/${repository}/manifests/${tag}`);
      for (const digest of [...byDigest.keys()].reverse())
        await isGone(`/v2/${repository}/manifests/${digest}`);
      for (const digest of data.blobs.keys()) await isGone(`/v2/${repository}/blobs/${digest}`);
      for (const subject of data.referrers.keys()) {
        expect((await served.send(`/v2/${repository}/referrers/${subject}`)).json()).toMatchObject({
          manifests: [],
        });
      }
      expect(served.faults).toEqual([]);
    },
  );

  it('refuses a manifest whose bytes are not those of its digest', async () => {
    const { manifests } = CONFORMANCE_DATA[0]!.make();
    const { digest, bytes, mediaType } = manifests[0]!;
    const pushed = await served.send(`/v2/${repository}/manifests/${digest}`, {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: Buffer.concat([bytes, Buffer.from('  ')]),
    });
    expect([pushed.status, pushed.json()]).toMatchObject([400, { errors: [{ code: 'DIGEST_INVALID' }] }]);
    expect((await served.send(`/v2/${repository}/manifests/${digest}`)).status).toBe(404);
  });

  it('answers 404 for manifests that are not there, by digest and by tag', async () => {
    for (const reference of [digestOfBytes(randomBytes(8), 'sha256'), 'missing-tag']) {
      const { status, json: body } = await served.send(`/v2/${repository}/manifests/${reference}`);
      expect([status, body()]).toMatchObject([404, { errors: [{ code: 'MANIFEST_UNKNOWN' }] }]);
    }
  });

  it('knows no digest that is none: 400 to a push, 404 to a pull', async () => {
    const { manifests } = CONFORMANCE_DATA[0]!.make();
    const pushed = await served.send(`/v2/${repository}/manifests/sha256:baddigeststring`, {
      method: 'PUT',
      headers: { 'content-type': MEDIA_TYPES.manifest },
      body: withoutLength(manifests[0]!.bytes),
    });
    expect([pushed.status, pushed.json()]).toMatchObject([400, { errors: [{ code: 'DIGEST_INVALID' }] }]);
    for (const reference of ['sha256:baddigeststring', 'sha256:totallywrong', '.INVALID_MANIFEST_NAME']) {
      for (const method of ['HEAD', 'GET']) {
        const { status } = await served.send(`/v2/${repository}/manifests/${reference}`, { method });
        expect([reference, status]).toEqual([reference, 404]);
      }
    }
    const referrers = await served.send(`/v2/${repository}/referrers/sha256:baddigeststring`);
    expect([referrers.status, referrers.json()]).toMatchObject([
      400,
      { errors: [{ code: 'DIGEST_INVALID' }] },
    ]);
  });

  it('lists exactly as many tags as are asked for, and leads to the next ones', async () => {
    const [manifest] = CONFORMANCE_DATA[0]!.make().manifests;
    const tags = ['v9', 'B', 'a_1', 'v10', '_x', 'a-1', 'A.1'];
    for (const tag of tags) await pushManifest(repository, tag, manifest!);
    const sorted = ['A.1', 'B', '_x', 'a-1', 'a_1', 'v10', 'v9'];
    expect(await tagsOf(repository)).toEqual(sorted);

    const pages: (readonly string[])[] = [];
    for (let next: string | undefined = `/v2/${repository}/tags/list?n=3`; next !== undefined;) {
      const page: ReceivedAnswer = await served.send(next);
      pages.push((page.json() as { readonly tags: readonly string[] }).tags);
      const link = /^<(\/v2\/[^>]+)>; rel="next"$/.exec(page.headers['link'] as string)?.[1];
      expect(page.headers['link'] === undefined).toBe(link === undefined);
      next = link;
    }
    expect(pages).toEqual([sorted.slice(0, 3), sorted.slice(3, 6), sorted.slice(6)]);

    const [none, whole, after] = await Promise.all(
      ['?n=0', '?n=7', '?n=2&last=a-1'].map((query) => served.send(`/v2/${repository}/tags/list${query}`)),
    );
    expect([none!.json(), none!.headers['link']]).toEqual([{ name: repository, tags: [] }, undefined]);
    expect([whole!.json(), whole!.headers['link']]).toEqual([{ name: repository, tags: sorted }, undefined]);
    expect(after!.json()).toEqual({ name: repository, tags: ['a_1', 'v10'] });
    expect((await served.send(`/v2/${repository}/tags/list?n=-1`)).status).toBe(400);
    expect(
      (await served.send(`/v2/${repository}/manifests/${manifest!.digest}`, { method: 'DELETE' })).status,
    ).toBe(202);
    expect((await served.send(`/v2/${repository}/tags/list`)).status).toBe(404);
  });

  it('keeps what it does not know: fields of descriptors, white space, the order of keys', async () => {
    const config = json({ a: 1 });
    const bytes = Buffer.from(
      `{ "config" : {"mediaType":"a/b","digest":"${digestOfBytes(config, 'sha256')}","size":${config.byteLength},"newUnspecifiedField":[1.0]},\n"schemaVersion":2,"layers":[],"mediaType":"${MEDIA_TYPES.manifest}","zz":{"é":null} }\n`,
    );
    await pushManifest(repository, 'unknown-fields', {
      bytes,
      digest: digestOfBytes(bytes, 'sha256'),
      mediaType: MEDIA_TYPES.manifest,
    });
  });
});
