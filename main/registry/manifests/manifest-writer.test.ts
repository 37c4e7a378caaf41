import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { ManifestToWrite, TargetWriter } from '../../content/target-writer.ts';
import {
  emptyContent,
  failure,
  repositoryIn,
  type ScriptedRepository,
} from '../../testing/content-script.ts';
import { openTestRegistry, quietSignal, startForTest } from '../../testing/open-registry.ts';
import type { Script, ScriptedAnswer, ScriptedRequest } from '../../testing/scripted-registry.ts';
import { takeUploads } from '../../testing/scripted-uploads.ts';
import { artifactOf } from '../../testing/write-small-graph.ts';

const signal = quietSignal();
const MANIFEST = artifactOf([]);
const DIGEST = digestOf(MANIFEST.bytes);

type Fault = (
  request: ScriptedRequest,
  serve: Script,
) => ScriptedAnswer | undefined | Promise<ScriptedAnswer | undefined>;

interface World {
  readonly writer: TargetWriter;
  readonly repository: ScriptedRepository;
  readonly warnings: readonly string[];
  /** `PUT 1.0`: what was asked, the reference with its query. */
  asked(): readonly string[];
}

async function start(fault: Fault = () => undefined): Promise<World> {
  const content = emptyContent();
  const repository = repositoryIn(content, 'team/app');
  const { script } = takeUploads(content);
  const server = await startForTest(async (request) => (await fault(request, script)) ?? script(request));
  const { registry, warnings } = openTestRegistry({ host: server.host, plainHttp: true });
  const writer = await registry.repository('team/app').openWriter?.({ signal });
  if (writer === undefined) throw new Error('It can be written to.');
  return {
    writer,
    repository,
    warnings,
    asked: () =>
      server.requests.map(({ method, target }) => `${method} ${target.replace(/^.*\/manifests\//, '')}`),
  };
}

async function failureOf(work: Promise<unknown> | undefined): Promise<TallymanError> {
  const outcome = await work?.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof TallymanError) return outcome;
  throw new Error('It did not fail as it should.', { cause: outcome });
}

const write = (
  { writer }: World,
  ...manifests: ManifestToWrite[]
): ReturnType<TargetWriter['writeManifests']> => writer.writeManifests(manifests, { signal });

describe('manifests', () => {
  it('are stored with exactly their bytes and type, by digest or with their only tag in one request', async () => {
    const world = await start();
    const bytes = Buffer.from(
      ` {"schemaVersion": 2,\n"mediaType":"${MEDIA_TYPES.index}","manifests":[],"x":1e2} `,
    );
    const { descriptors } = await write(
      world,
      { bytes, mediaType: MEDIA_TYPES.index },
      { ...MANIFEST, tags: ['1.0'] },
    );
    expect(descriptors).toEqual([
      { mediaType: MEDIA_TYPES.index, digest: digestOf(bytes), size: bytes.byteLength },
      { mediaType: MEDIA_TYPES.manifest, digest: DIGEST, size: MANIFEST.bytes.byteLength },
    ]);
    expect(world.asked()).toEqual([`PUT ${digestOf(bytes)}`, 'PUT 1.0']);
    expect(world.repository.manifests.get(digestOf(bytes))).toEqual({ mediaType: MEDIA_TYPES.index, bytes });
  });

  it('get several tags in one request where the registry can, and one by one where not', async () => {
    const old = await start();
    await write(old, { ...MANIFEST, tags: ['a', 'b', 'c'] });
    expect(old.asked()).toEqual([`PUT ${DIGEST}?tag=a&tag=b&tag=c`, 'PUT a', 'PUT b', 'PUT c']);
    expect([...old.repository.tags.keys()]).toEqual(['a', 'b', 'c']);

    const some = await start(async (request, serve) => {
      const answer = await serve(request);
      const tags = request.query.getAll('tag').slice(0, 2);
      return { ...answer, headers: { ...answer?.headers, 'oci-tag': tags } };
    });
    await write(some, { ...MANIFEST, tags: ['a', 'b', 'c'] });
    expect(some.asked()).toEqual([`PUT ${DIGEST}?tag=a&tag=b&tag=c`, 'PUT c']);
  });

  it('named by sha512 are pushed by their digest, and tagged only where the registry can', async () => {
    const digest = digestOf(MANIFEST.bytes, 'sha512');
    for (const can of [true, false]) {
      const world = await start((request) => ({
        status: 201,
        headers: can ? { 'oci-tag': request.query.getAll('tag').join(', ') } : {},
      }));
      const work = write(world, { ...MANIFEST, digest, tags: ['a'] });
      if (can) expect((await work).descriptors[0]?.digest).toBe(digest);
      else expect(await failureOf(work)).toMatchObject({ code: 'UNSUPPORTED' });
      expect(world.asked()).toEqual([`PUT ${digest}?tag=a`]);
    }
  });

  it.each([
    [
      'larger than registries take',
      artifactOf([], { annotations: { a: 'x'.repeat(4 * 1024 * 1024) } }),
      'LIMIT',
    ],
    ['that are no manifest', { bytes: Buffer.from('[]'), mediaType: MEDIA_TYPES.manifest }, 'MALFORMED'],
    ['with another digest', { ...MANIFEST, digest: `sha256:${'0'.repeat(64)}` as Digest }, 'DIGEST_MISMATCH'],
    ['with a tag that is none', { ...MANIFEST, tags: ['a', 'b/c'] }, 'INVALID_REFERENCE'],
    ['with a digest for a tag', { ...MANIFEST, tags: [DIGEST] }, 'INVALID_REFERENCE'],
  ])('%s are not sent', async (_name, manifest, code) => {
    const world = await start();
    expect(await failureOf(write(world, MANIFEST, manifest))).toMatchObject({ code });
    expect(world.asked()).toEqual([]);
  });

  it.each([
    [404, 'MANIFEST_BLOB_UNKNOWN', 'MISSING', 'Push or copy that first'],
    [400, 'MANIFEST_BLOB_UNKNOWN', 'MISSING', 'Push or copy that first'],
    [413, 'SIZE_INVALID', 'LIMIT', 'large'],
    [412, 'PRECONDITION', 'CONFLICT', 'may not move'],
    [403, 'DENIED', 'DENIED', 'may not push'],
    [405, 'UNSUPPORTED', 'UNSUPPORTED', 'read-only'],
    [400, 'MANIFEST_INVALID', 'REGISTRY_ERROR', ''],
  ])('that are refused with %i %s say why', async (status, registryCode, code, hint) => {
    const world = await start(() => failure(status, registryCode, 'no'));
    const error = await failureOf(write(world, { ...MANIFEST, tags: ['1.0'] }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(registryCode);
    expect(error.hint).toContain(hint);
    expect(world.asked()).toHaveLength(1);
  });

  it('are sent again when the registry has trouble, and one that it changed is told', async () => {
    let count = 0;
    const troubled = await start(async (request, serve) => {
      count += 1;
      if (count === 1) return { status: 503 };
      if (count > 2) return undefined;
      await serve(request);
      return { reset: true };
    });
    await write(troubled, { ...MANIFEST, tags: ['1.0'] });
    expect(troubled.repository.tags.get('1.0')).toBe(DIGEST);

    const changing = await start(() => ({
      status: 201,
      headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
    }));
    expect(await failureOf(write(changing, MANIFEST))).toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('after one that was refused are not begun', async () => {
    const world = await start(() => failure(403, 'DENIED', 'no'));
    const many = Array.from({ length: 100 }, (_unused, number) => artifactOf([], { number }));
    expect(await failureOf(write(world, ...many))).toMatchObject({ code: 'DENIED' });
    expect(world.asked().length).toBeLessThan(100);
  });
});

describe('taking a tag away', () => {
  it('leaves the content, and puts it back where the registry took it along', async () => {
    const kind = await start();
    await write(kind, { ...MANIFEST, tags: ['a', 'b'] });
    await kind.writer.untag?.('a', { signal });
    expect([...kind.repository.tags]).toEqual([['b', DIGEST]]);
    expect(kind.warnings).toEqual([]);

    const greedy = await start((request) => {
      if (request.method === 'DELETE') greedy.repository.manifests.delete(DIGEST);
      return undefined;
    });
    await write(greedy, { ...MANIFEST, tags: ['a'] });
    await greedy.writer.untag?.('a', { signal });
    expect(greedy.repository.manifests.has(DIGEST)).toBe(true);
    expect(greedy.warnings.join()).toContain('put back');
  });

  it.each([
    [405, 'UNSUPPORTED'],
    [400, 'UNSUPPORTED'],
    [501, 'UNKNOWN'],
    [400, 'DIGEST_INVALID'],
  ])('that the registry cannot (%i %s) is told', async (status, registryCode) => {
    const world = await start(({ method }) =>
      method === 'DELETE' ? failure(status, registryCode, 'no') : undefined,
    );
    await write(world, { ...MANIFEST, tags: ['a'] });
    expect(await failureOf(world.writer.untag?.('a', { signal }))).toMatchObject({ code: 'UNSUPPORTED' });
    expect(world.repository.tags.has('a')).toBe(true);
  });

  it('that is not there is told before anything is deleted', async () => {
    const world = await start();
    expect(await failureOf(world.writer.untag?.('a', { signal }))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await failureOf(world.writer.untag?.(DIGEST, { signal }))).toMatchObject({
      code: 'INVALID_REFERENCE',
    });
    expect(world.asked().filter((asked) => asked.startsWith('DELETE'))).toEqual([]);
  });
});

describe('removing a manifest', () => {
  const descriptor = { mediaType: MEDIA_TYPES.manifest, digest: DIGEST, size: MANIFEST.bytes.byteLength };

  it.each([
    [405, 'UNSUPPORTED', 'UNSUPPORTED', 'switched it off'],
    [400, 'UNSUPPORTED', 'UNSUPPORTED', 'switched it off'],
    [403, 'DENIED', 'DENIED', 'may not delete'],
    [409, 'CONFLICT', 'CONFLICT', 'something else needs'],
  ])('that is refused with %i %s says why', async (status, registryCode, code, hint) => {
    const world = await start(({ method }) =>
      method === 'DELETE' ? failure(status, registryCode, 'no') : undefined,
    );
    await write(world, MANIFEST);
    const error = await failureOf(world.writer.removeManifest?.(descriptor, { signal }));
    expect(error.code).toBe(code);
    expect(error.hint).toContain(hint);
  });

  it('is done when the answer got lost, and not when it was never there', async () => {
    let count = 0;
    const world = await start(async (request, serve) => {
      if (request.method !== 'DELETE') return undefined;
      count += 1;
      if (count > 1) return undefined;
      await serve(request);
      return { reset: true };
    });
    await write(world, MANIFEST);
    expect(await world.writer.removeManifest?.(descriptor, { signal })).toEqual({ notes: [] });
    expect(await failureOf(world.writer.removeManifest?.(descriptor, { signal }))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('that the registry only claims to have done is told', async () => {
    const world = await start(({ method }) => (method === 'DELETE' ? { status: 202 } : undefined));
    await write(world, MANIFEST);
    const outcome = await world.writer.removeManifest?.(descriptor, { signal });
    expect(outcome?.notes).toMatchObject([{ code: 'CONFLICT' }]);
  });
});
