import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { EMPTY_DESCRIPTOR } from '../../../shared/oci/empty-descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { referrersTag } from '../../../shared/oci/referrers-tag.ts';
import type { ManifestToWrite, TargetWriter } from '../../content/target-writer.ts';
import {
  addManifest,
  emptyContent,
  failure,
  repositoryIn,
  type ScriptedRepository,
} from '../../testing/content-script.ts';
import { openTestRegistry, quietSignal, startForTest } from '../../testing/open-registry.ts';
import type { Script, ScriptedAnswer, ScriptedRequest } from '../../testing/scripted-registry.ts';
import { takeUploads, type ScriptedUploadOptions } from '../../testing/scripted-uploads.ts';
import { artifactOf } from '../../testing/write-small-graph.ts';

const signal = quietSignal();
const INDEX = MEDIA_TYPES.index;

type Fault = (
  request: ScriptedRequest,
  serve: Script,
) => ScriptedAnswer | undefined | Promise<ScriptedAnswer | undefined>;

interface World {
  readonly host: string;
  readonly repository: ScriptedRepository;
  readonly requests: readonly ScriptedRequest[];
  readonly subject: Descriptor;
  /** The referrers tag of the subject. */
  readonly tag: string;
  /** A writer as another process would have it. */
  writer(): Promise<TargetWriter>;
  /** What the referrers tag lists. */
  listed(): readonly Descriptor[];
}

/** A registry without the referrers API that holds a subject. */
async function start(
  fault: Fault = () => undefined,
  options: ScriptedUploadOptions = { silentAboutSubjects: true },
): Promise<World> {
  const content = emptyContent({ referrersApi: options.silentAboutSubjects !== true });
  const repository = repositoryIn(content, 'team/app');
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: EMPTY_DESCRIPTOR,
    layers: [],
  };
  const digest = addManifest(repository, manifest, MEDIA_TYPES.manifest, '1.0') as Digest;
  const size = repository.manifests.get(digest)?.bytes.byteLength ?? 0;
  const { script } = takeUploads(content, options);
  const server = await startForTest(async (request) => (await fault(request, script)) ?? script(request));
  const tag = referrersTag(digest);
  return {
    host: server.host,
    repository,
    requests: server.requests,
    subject: { mediaType: MEDIA_TYPES.manifest, digest, size },
    tag,
    async writer() {
      const { registry } = openTestRegistry({ host: server.host, plainHttp: true });
      const writer = await registry.repository('team/app').openWriter?.({ signal });
      if (writer === undefined) throw new Error('It can be written to.');
      return writer;
    },
    listed() {
      const index = repository.manifests.get(repository.tags.get(tag) ?? '');
      if (index === undefined) return [];
      return (JSON.parse(Buffer.from(index.bytes).toString()) as { manifests: Descriptor[] }).manifests;
    },
  };
}

function referrer({ subject }: World, number: number): ManifestToWrite {
  return artifactOf([EMPTY_DESCRIPTOR], { subject, annotations: { number: String(number) } });
}

async function attach(world: World, number: number): Promise<Descriptor> {
  const writer = await world.writer();
  const { descriptors } = await writer.writeManifests([referrer(world, number)], { signal });
  await writer.finish({ signal });
  await writer.close();
  const [descriptor] = descriptors;
  if (descriptor === undefined) throw new Error('One manifest was written.');
  return descriptor;
}

async function failureOf(work: Promise<unknown>): Promise<TallymanError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof TallymanError) return outcome;
  throw new Error('It did not fail as it should.', { cause: outcome });
}

const putsOf = ({ requests, tag }: World): number =>
  requests.filter(({ method, path }) => method === 'PUT' && path.endsWith(`/${tag}`)).length;

describe('referrers tag', () => {
  it('lists a new referrer as the specification says', async () => {
    const world = await start();
    const attached = await attach(world, 1);
    const index = world.repository.manifests.get(world.repository.tags.get(world.tag) ?? '');
    expect(index?.mediaType).toBe(INDEX);
    expect(JSON.parse(Buffer.from(index?.bytes ?? []).toString())).toEqual({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [
        { ...attached, artifactType: 'application/vnd.example.thing', annotations: { number: '1' } },
      ],
    });
  });

  it('has the type of the config where a manifest has none of its own, and none for an index', async () => {
    const world = await start();
    const writer = await world.writer();
    const config = { ...EMPTY_DESCRIPTOR, mediaType: 'application/vnd.example.config' };
    const image = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      config,
      layers: [],
      subject: world.subject,
    };
    const index = { schemaVersion: 2, mediaType: INDEX, manifests: [], subject: world.subject };
    await writer.writeManifests(
      [image, index].map((document) => ({
        bytes: Buffer.from(JSON.stringify(document)),
        mediaType: document.mediaType,
      })),
      { signal },
    );
    expect(world.listed().map(({ artifactType }) => artifactType)).toEqual([
      'application/vnd.example.config',
      undefined,
    ]);
  });

  it('is written once for a whole wave, and not at all for what it lists already', async () => {
    const world = await start();
    const writer = await world.writer();
    const wave = Array.from({ length: 20 }, (_unused, number) => referrer(world, number));
    await writer.writeManifests(wave, { signal });
    await writer.finish({ signal });
    expect(world.listed()).toHaveLength(20);
    expect(putsOf(world)).toBe(1);
    await writer.writeManifests(wave.slice(3, 9), { signal });
    expect(world.listed()).toHaveLength(20);
    expect(putsOf(world)).toBe(1);
  });

  it('keeps what it does not understand', async () => {
    const world = await start();
    const strange = { mediaType: 'x/y', digest: `blake3:${'0'.repeat(64)}`, size: 3, extra: { a: [1] } };
    const before = {
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [strange, 7],
      annotations: { a: 'b' },
      more: true,
    };
    addManifest(world.repository, before, INDEX, world.tag);
    await attach(world, 1);
    const bytes = world.repository.manifests.get(world.repository.tags.get(world.tag) ?? '')?.bytes ?? [];
    const after = JSON.parse(Buffer.from(bytes).toString()) as typeof before;
    expect(after).toEqual({ ...before, manifests: [strange, 7, after.manifests[2]] });
  });

  it('is left alone where it names another manifest, or the subject itself (GitLab)', async () => {
    const world = await start();
    const other = addManifest(world.repository, { schemaVersion: 2, layers: [] }, MEDIA_TYPES.manifest);
    for (const digest of [other, world.subject.digest]) {
      world.repository.tags.set(world.tag, digest);
      const writer = await world.writer();
      const { notes } = await writer.writeManifests([referrer(world, 1)], { signal });
      await writer.finish({ signal });
      expect(notes).toMatchObject([{ code: 'CONFLICT' }]);
      expect(notes[0]?.message).toContain(world.tag);
      expect(world.repository.tags.get(world.tag)).toBe(digest);
      expect(world.repository.manifests.has(world.subject.digest)).toBe(true);
    }
    expect(putsOf(world)).toBe(0);
  });

  it.each([
    ['500', { status: 500 }],
    ['403', failure(403, 'DENIED', 'no')],
    ['a web page', { status: 404, headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>lost' }],
    ['no answer', { reset: true }],
  ])('that cannot be read (%s) counts as no empty one', async (_name, answer) => {
    const world = await start((request) =>
      request.method === 'GET' && request.path.endsWith(`/${world.tag}`) ? answer : undefined,
    );
    addManifest(world.repository, { schemaVersion: 2, mediaType: INDEX, manifests: [] }, INDEX, world.tag);
    await failureOf(attach(world, 1));
    expect(putsOf(world)).toBe(0);
  });

  it('is read again when its write fails for the moment', async () => {
    let count = 0;
    const world = await start(async (request, serve) => {
      if (request.method !== 'PUT' || !request.path.endsWith(`/${world.tag}`)) return undefined;
      count += 1;
      if (count === 1) return { status: 503 };
      if (count > 2) return undefined;
      await serve(request);
      return { reset: true };
    });
    await attach(world, 1);
    expect(world.listed()).toHaveLength(1);
    expect(count).toBe(2);
  });
});

// Check 12 of the reliability bar.
describe('eight at once', () => {
  const eight = (world: World): Promise<readonly Descriptor[]> =>
    Promise.all(Array.from({ length: 8 }, (_unused, number) => attach(world, number)));

  it.each([
    ['without conditions', { silentAboutSubjects: true }],
    ['with ETag', { silentAboutSubjects: true, conditions: true }],
  ])('from eight processes are all listed in the end, %s', async (_name, options) => {
    const world = await start(undefined, options);
    const attached = await eight(world);
    const listed = new Set(world.listed().map(({ digest }) => digest));
    expect(attached.filter(({ digest }) => !listed.has(digest))).toEqual([]);
    expect(world.repository.manifests.has(world.subject.digest)).toBe(true);
  });

  it('from one process disturb each other never', async () => {
    const world = await start();
    const { registry } = openTestRegistry({ host: world.host, plainHttp: true });
    await Promise.all(
      Array.from({ length: 8 }, async (_unused, number) => {
        const writer = await registry.repository('team/app').openWriter?.({ signal });
        await writer?.writeManifests([referrer(world, number)], { signal });
      }),
    );
    expect(world.listed()).toHaveLength(8);
    expect(putsOf(world)).toBe(8);
  });

  it('with somebody who takes it away every time end with an error that says so', async () => {
    const world = await start(async (request, serve) => {
      if (request.method !== 'PUT' || !request.path.endsWith(`/${world.tag}`)) return undefined;
      const answer = await serve(request);
      const empty = { schemaVersion: 2, mediaType: INDEX, manifests: [] };
      addManifest(world.repository, empty, INDEX, world.tag);
      return answer;
    });
    expect(await failureOf(attach(world, 1))).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('removing a referrer', () => {
  it('takes its line out, and the tag away with the last one', async () => {
    const world = await start();
    const [first, second] = [await attach(world, 1), await attach(world, 2)];
    const writer = await world.writer();
    expect(await writer.removeManifest?.(first, { signal })).toEqual({ notes: [] });
    expect(world.listed().map(({ digest }) => digest)).toEqual([second.digest]);
    await writer.removeManifest?.(second, { signal });
    expect(world.repository.tags.has(world.tag)).toBe(false);
    expect(world.repository.manifests.has(world.subject.digest)).toBe(true);
  });

  it('leaves an empty index where tags cannot be deleted', async () => {
    const world = await start((request) =>
      request.method === 'DELETE' && request.path.endsWith(`/${world.tag}`)
        ? failure(405, 'UNSUPPORTED', 'not tags')
        : undefined,
    );
    const attached = await attach(world, 1);
    await (await world.writer()).removeManifest?.(attached, { signal });
    expect(world.repository.tags.has(world.tag)).toBe(true);
    expect(world.listed()).toEqual([]);
  });

  it('leaves alone what is no index of referrers', async () => {
    const world = await start();
    const attached = await attach(world, 1);
    world.repository.tags.set(world.tag, world.subject.digest);
    expect(await (await world.writer()).removeManifest?.(attached, { signal })).toEqual({ notes: [] });
    expect(world.repository.tags.get(world.tag)).toBe(world.subject.digest);
    expect(world.repository.manifests.has(world.subject.digest)).toBe(true);
  });

  it('says when the list could not be changed, since the referrer is gone', async () => {
    const world = await start();
    const attached = await attach(world, 1);
    const broken = await start((request) =>
      request.method === 'PUT' && request.path.endsWith(`/${broken.tag}`) ? { status: 403 } : undefined,
    );
    expect(attached.digest).toBeTruthy();
    addManifest(
      broken.repository,
      {
        schemaVersion: 2,
        mediaType: INDEX,
        manifests: [attached, { ...attached, digest: EMPTY_DESCRIPTOR.digest }],
      },
      INDEX,
      broken.tag,
    );
    broken.repository.manifests.set(attached.digest, {
      mediaType: MEDIA_TYPES.manifest,
      bytes: referrer(broken, 1).bytes,
    });
    const outcome = await (await broken.writer()).removeManifest?.(attached, { signal });
    expect(outcome?.notes).toMatchObject([{ code: 'DENIED' }]);
    expect(broken.repository.manifests.has(attached.digest)).toBe(false);
  });
});

describe('a registry that says it keeps the list', () => {
  it('is believed, and no tag is written', async () => {
    const world = await start(undefined, {});
    await attach(world, 1);
    expect(world.repository.tags.has(world.tag)).toBe(false);
  });

  it('gets the tag all the same when it has no list to show (Docker Hub)', async () => {
    const world = await start(
      (request) =>
        request.path.includes('/referrers/') ? { status: 404, body: '404 page not found' } : undefined,
      {},
    );
    const attached = await attach(world, 1);
    expect(world.listed().map(({ digest }) => digest)).toEqual([attached.digest]);
  });

  it('is pushed to again what it lost of several, and told about when it loses it again', async () => {
    let pushes = 0;
    const loses = async (isForEver: boolean): Promise<World> => {
      const world = await start(async (request, serve) => {
        if (request.method === 'PUT') pushes += 1;
        if (!request.path.includes('/referrers/') || (pushes > 3 && !isForEver)) return undefined;
        const answer = await serve(request);
        const index = JSON.parse(answer?.body as string) as { manifests: Descriptor[] };
        return { ...answer, body: JSON.stringify({ ...index, manifests: index.manifests.slice(0, 1) }) };
      }, {});
      return world;
    };
    for (const isForEver of [false, true]) {
      pushes = 0;
      const world = await loses(isForEver);
      const writer = await world.writer();
      const three = [1, 2, 3].map((number) => referrer(world, number));
      const { notes } = await writer.writeManifests(three, { signal });
      expect(notes).toMatchObject(isForEver ? [{ code: 'PROTOCOL' }] : []);
      expect(pushes).toBe(5);
    }
  });
});
