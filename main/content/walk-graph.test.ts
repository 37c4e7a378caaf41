import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../../shared/contract/graph.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { EMPTY_DESCRIPTOR } from '../../shared/oci/empty-descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { cosignTag, referrersTag } from '../../shared/oci/referrers-tag.ts';
import { recognise } from '../artifacts/recognise.ts';
import { imageManifest, MemoryPlace, type MemoryTargetOptions } from '../testing/memory-target.ts';
import { walkGraph, type Graph, type WalkGraphOptions } from './walk-graph.ts';

type Rest = Partial<Omit<WalkGraphOptions, 'target' | 'recognise'>>;

function walk(
  place: MemoryPlace,
  target: MemoryTargetOptions,
  options: Rest = { reference: 'v1' },
): Promise<Graph> {
  return walkGraph({
    target: place.target(target),
    recognise,
    signal: new AbortController().signal,
    ...options,
  });
}

const nodeOf = (graph: Graph, { digest }: Pick<Descriptor, 'digest'>): GraphNode | undefined =>
  graph.nodes.find((node) => node.digest === digest);
const viaOf = (
  graph: Graph,
  from: Pick<Descriptor, 'digest'>,
  to: Pick<Descriptor, 'digest'>,
): readonly string[] | undefined =>
  graph.edges.find((edge) => edge.from === from.digest && edge.to === to.digest)?.via;

const withApi: MemoryTargetOptions = { referrers: 'referrers-api' };
const withoutApi: MemoryTargetOptions = { referrers: 'referrers-api', referrersUnsupported: true };

describe('walkGraph', () => {
  it('finds children, configs, layers and referrers of every level', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    const index = place.index([{ ...image, platform: { os: 'linux', architecture: 'amd64' } }], 'v1');
    const sbom = place.attach(image, MEDIA_TYPES.spdxJson);
    const signature = place.attach(sbom, MEDIA_TYPES.sarif);

    const graph = await walk(place, withApi);

    expect(graph.roots).toEqual([index.digest]);
    expect(graph.nodes.map((node) => node.kind)).toEqual([
      'index',
      'image',
      'config',
      'layer',
      'sbom-spdx',
      'config',
      'layer',
      'sarif',
      'layer',
    ]);
    expect(viaOf(graph, index, image)).toEqual(['child']);
    expect(viaOf(graph, sbom, image)).toEqual(['referrers-api']);
    expect(viaOf(graph, signature, sbom)).toEqual(['referrers-api']);
    expect(nodeOf(graph, image)).toMatchObject({ state: 'ok', title: 'linux/amd64', tags: [] });
    expect(nodeOf(graph, index)).toMatchObject({ tags: ['v1'] });
    expect(graph.summary).toMatchObject({ root: index.digest, complete: true, problems: 0, limits: [] });
  });

  it('goes up from a referrer to its subject and finds the other referrers there', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    const sbom = place.attach(image, MEDIA_TYPES.spdxJson);
    const report = place.attach(image, MEDIA_TYPES.sarif);

    const graph = await walk(place, withApi, { reference: sbom.digest });

    expect(viaOf(graph, sbom, image)).toEqual(['referrers-api']);
    expect(viaOf(graph, report, image)).toEqual(['referrers-api']);
  });

  it('names every way in which one referrer was found, in a fixed order', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const sbom = place.attach(image, MEDIA_TYPES.spdxJson);
    place.index([sbom], referrersTag(image.digest));
    place.tags.set(cosignTag(image.digest, 'sbom'), sbom.digest);

    const graph = await walk(place, withApi);

    expect(viaOf(graph, sbom, image)).toEqual(['referrers-api', 'fallback-tag', 'cosign-tag']);
    expect(nodeOf(graph, sbom)?.tags).toEqual([cosignTag(image.digest, 'sbom')]);
    expect(graph.nodes.filter((node) => node.kind === 'index')).toEqual([]);
  });

  it('takes the fallback tag where the place has no referrers API, and says that it has none', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const sbom = place.attach(image, MEDIA_TYPES.spdxJson);
    place.index([sbom], referrersTag(image.digest));

    const graph = await walk(place, withoutApi);

    expect(viaOf(graph, sbom, image)).toEqual(['fallback-tag']);
    expect(graph.lookups).toContainEqual({
      subject: image.digest,
      source: 'referrers-api',
      outcome: 'unsupported',
      reason: 'It has no referrers API.',
    });
    expect(graph.summary.complete).toBe(true);
  });

  it('keeps a failed lookup apart from "none"', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const onRequest = (request: string): void => {
      if (request.startsWith('referrers'))
        throw new TallymanError({ code: 'DENIED', message: 'Not for you.' });
    };

    const graph = await walk(place, { ...withApi, onRequest });

    expect(graph.lookups).toEqual([
      {
        subject: image.digest,
        source: 'referrers-api',
        outcome: 'failed',
        error: { code: 'DENIED', message: 'Not for you.' },
      },
    ]);
    expect(graph.summary).toMatchObject({ complete: false, problems: 1 });
  });

  it('does not believe a listing: a referrer is what names the subject itself', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const stranger = place.attach(place.image('other'), MEDIA_TYPES.spdxJson);
    const unlinked = place.image('no subject at all');
    place.list(image.digest, stranger);
    place.list(image.digest, unlinked);
    place.list(image.digest, image);

    const graph = await walk(place, withApi);

    expect(graph.nodes.map((node) => node.kind)).toEqual(['image', 'config', 'layer']);
    expect(graph.edges.every((edge) => edge.from === image.digest)).toBe(true);
  });

  it('keeps a listed referrer that cannot be read, with the reason', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const sbom = place.attach(image, MEDIA_TYPES.spdxJson);
    const gone = place.attach(image, MEDIA_TYPES.sarif);
    place.manifests.delete(gone.digest);
    const onRequest = (request: string): void => {
      if (request === `manifest ${sbom.digest}`)
        throw new TallymanError({ code: 'TIMEOUT', message: 'Too slow.' });
    };

    const graph = await walk(place, { ...withApi, onRequest });

    expect(nodeOf(graph, sbom)).toMatchObject({
      kind: 'sbom-spdx',
      state: 'failed',
      error: { code: 'TIMEOUT' },
    });
    expect(nodeOf(graph, gone)).toMatchObject({
      kind: 'other',
      state: 'missing',
      error: { code: 'MISSING' },
    });
    expect(viaOf(graph, sbom, image)).toEqual(['referrers-api']);
    expect(graph.summary).toMatchObject({ complete: false, problems: 2 });
  });

  it('ignores a fallback tag that names the subject itself or no index (oras-go#1396)', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    place.tags.set(referrersTag(image.digest), image.digest);
    expect((await walk(place, withoutApi)).nodes).toHaveLength(3);

    place.tags.set(referrersTag(image.digest), place.attach(image, MEDIA_TYPES.spdxJson).digest);
    const graph = await walk(place, withoutApi);
    expect(graph.nodes).toHaveLength(3);
    expect(graph.summary.complete).toBe(true);
  });

  it('joins BuildKit attestations to the image they speak of, and keeps them as children', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    const layers = [place.blob('{}', MEDIA_TYPES.inToto)];
    const attestation = place.manifest(
      imageManifest({ config: place.blob('{"os":""}', MEDIA_TYPES.imageConfig), layers }),
    );
    const annotations = {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': image.digest,
    };
    const index = place.index(
      [image, { ...attestation, annotations, platform: { os: 'unknown', architecture: 'unknown' } }],
      'v1',
    );

    const graph = await walk(place, withApi);

    expect(viaOf(graph, attestation, image)).toEqual(['buildkit-attestation']);
    expect(viaOf(graph, index, attestation)).toEqual(['child']);
    expect(nodeOf(graph, attestation)?.kind).toBe('attestation');
  });

  it('asks no request for each companion tag when it has the listing', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    place.attach(image, MEDIA_TYPES.spdxJson);

    await walk(place, withApi);

    expect([...place.requests].sort()).toEqual(
      [
        'list',
        'manifest v1',
        ...[...place.manifests.keys()].map((digest) => `referrers ${digest}`),
        `manifest ${[...place.manifests.keys()].at(-1)}`,
      ].sort(),
    );
  });

  it('looks companion tags up one by one where there is no listing', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const signature = place.manifest(
      imageManifest({ layers: [place.blob('{}', MEDIA_TYPES.cosignSimpleSigning)] }),
      {
        tag: cosignTag(image.digest, 'sig'),
      },
    );

    const graph = await walk(place, { pageSize: 0 });

    expect(viaOf(graph, signature, image)).toEqual(['cosign-tag']);
    expect(nodeOf(graph, signature)).toMatchObject({
      kind: 'signature-cosign',
      tags: [cosignTag(image.digest, 'sig')],
    });
    expect(place.requests).toContain(`manifest ${referrersTag(image.digest)}`);
    expect(graph.lookups).toEqual([]);
  });

  it('leads from a companion tag to what it is about', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const sbom = place.attach(image, MEDIA_TYPES.spdxJson);
    const fallback = place.index([sbom], referrersTag(image.digest));
    const tag = cosignTag(image.digest, 'sig');
    const signature = place.manifest(
      imageManifest({ layers: [place.blob('{}', MEDIA_TYPES.cosignSimpleSigning)] }),
      { tag },
    );

    const bySignature = await walk(place, withoutApi, { reference: tag });
    expect(viaOf(bySignature, signature, image)).toEqual(['cosign-tag']);
    expect(viaOf(bySignature, sbom, image)).toEqual(['fallback-tag']);
    expect(nodeOf(bySignature, fallback)).toBeUndefined();

    const byFallback = await walk(place, withoutApi, { reference: referrersTag(image.digest) });
    expect(viaOf(byFallback, fallback, image)).toEqual(['fallback-tag']);
    expect(viaOf(byFallback, fallback, sbom)).toEqual(['child']);
  });

  it('names an image by the platform that an index gives it, also when the image is an entry by itself', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'alone');
    place.index([{ ...image, platform: { os: 'linux', architecture: 'arm64' } }], 'v1');

    const graph = await walk(place, withApi, {});

    expect(graph.roots[0]).toBe(image.digest);
    expect(nodeOf(graph, image)).toMatchObject({ title: 'linux/arm64', tags: ['alone'] });
  });

  it('walks every entry of a place when no reference is given', async () => {
    const place = new MemoryPlace();
    const first = place.image('first', 'v1');
    const second = place.image('second', 'v2');
    place.tags.set('latest', second.digest);

    const graph = await walk(place, { listDescriptors: true, referrers: 'layout-link' }, {});

    expect(graph.roots).toEqual([first.digest, second.digest]);
    expect(nodeOf(graph, second)?.tags).toEqual(['v2', 'latest']);
    expect(graph.nodes).toHaveLength(6);
  });

  it('counts a subject named by a manifest of a layout as a link of the layout, listed or not', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    const sbom = place.attach(image, MEDIA_TYPES.spdxJson);
    place.listed.clear();

    const inLayout = await walk(place, { referrers: 'layout-link' }, { reference: sbom.digest });
    expect(viaOf(inLayout, sbom, image)).toEqual(['layout-link']);

    const inRegistry = await walk(place, withApi, { reference: sbom.digest });
    expect(viaOf(inRegistry, sbom, image)).toEqual([]);
  });

  it('shows a missing child, subject and config where they are named', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    const gone = place.image('gone');
    const index = place.index([image, { ...gone, platform: { os: 'linux', architecture: 'arm64' } }], 'v1');
    const orphan = place.attach(
      { ...image, digest: `sha256:${'0'.repeat(64)}` as Digest },
      MEDIA_TYPES.spdxJson,
    );
    place.manifests.delete(gone.digest);

    const graph = await walk(place, withApi);
    expect(nodeOf(graph, gone)).toMatchObject({
      state: 'missing',
      kind: 'other',
      title: 'linux/arm64',
      error: { code: 'MISSING' },
    });
    expect(viaOf(graph, index, gone)).toEqual(['child']);
    expect(nodeOf(graph, image)?.state).toBe('ok');

    const upwards = await walk(place, withApi, { reference: orphan.digest });
    expect(upwards.nodes.find((node) => node.digest.endsWith('0000'))).toMatchObject({ state: 'missing' });
  });

  it('refuses an ambiguous manifest and shows what is right of a malformed one', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    const both = place.manifest(imageManifest({ layers: [], manifests: [] }));
    const malformed = place.manifest(
      imageManifest({
        config: place.blob('{}', MEDIA_TYPES.imageConfig),
        layers: [{ digest: 'x' }, place.blob('layer')],
      }),
    );
    place.index([image, both, malformed], 'v1');

    const graph = await walk(place, withApi);

    expect(nodeOf(graph, both)).toMatchObject({ state: 'refused', error: { code: 'AMBIGUOUS' } });
    expect(nodeOf(graph, malformed)).toMatchObject({
      state: 'refused',
      kind: 'image',
      error: { code: 'MALFORMED' },
    });
    expect(graph.edges.filter((edge) => edge.from === malformed.digest)).toHaveLength(2);
    expect(graph.summary.problems).toBe(2);
  });

  it('shows content that is named with a wrong size, and marks it as damaged (bar, B6)', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    place.index([{ ...image, size: image.size + 7 }], 'v1');
    const onRequest = (): void => undefined;

    const graph = await walk(place, { ...withApi, onRequest });

    expect(nodeOf(graph, image)).toMatchObject({
      state: 'damaged',
      kind: 'image',
      error: { code: 'SIZE_MISMATCH' },
    });
    expect(graph.edges.filter((edge) => edge.from === image.digest)).toHaveLength(2);
  });

  it('reads on by digest where the place refuses the announced size', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    place.index([image], 'v1');
    let refused = false;
    const onRequest = (request: string): void => {
      if (request !== `manifest ${image.digest}` || refused) return;
      refused = true;
      throw new TallymanError({ code: 'SIZE_MISMATCH', message: 'Too long.' });
    };

    const graph = await walk(place, { ...withApi, onRequest });

    expect(nodeOf(graph, image)).toMatchObject({
      state: 'damaged',
      kind: 'image',
      error: { message: 'Too long.' },
    });
    expect(graph.edges.filter((edge) => edge.from === image.digest)).toHaveLength(2);
  });

  it('marks content that is named as two types of manifest', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    place.index([image, { ...image, mediaType: MEDIA_TYPES.dockerManifest }], 'v1');
    expect(nodeOf(await walk(place, withApi), image)).toMatchObject({
      state: 'refused',
      error: { code: 'MEDIA_TYPE_MISMATCH' },
    });
  });

  it('fails when the reference itself does not exist', async () => {
    await expect(walk(new MemoryPlace(), withApi)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('shows a tag whose content is damaged as a node that says so', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const onRequest = (request: string): void => {
      if (request.startsWith('manifest'))
        throw new TallymanError({ code: 'DIGEST_MISMATCH', message: 'Other bytes.' });
    };
    const graph = await walk(place, { ...withApi, onRequest });
    expect(graph.nodes).toHaveLength(1);
    expect(nodeOf(graph, image)).toMatchObject({
      state: 'damaged',
      tags: ['v1'],
      error: { message: 'Other bytes.' },
    });
  });

  describe('of a place whose blobs cost nothing to look at', () => {
    const local: MemoryTargetOptions = {
      referrers: 'layout-link',
      listDescriptors: true,
      inspectBlobs: true,
    };

    it('verifies blobs, and tells missing from damaged', async () => {
      const place = new MemoryPlace();
      const [right, short, wrong, gone] = ['right', 'short', 'wrong', 'gone'].map((text) => place.blob(text));
      place.blobs.set(short!.digest, Buffer.from('sho'));
      place.blobs.set(wrong!.digest, Buffer.from('wRong'));
      place.blobs.delete(gone!.digest);
      place.manifest(imageManifest({ config: right, layers: [short, wrong, gone] }), { tag: 'v1' });

      const graph = await walk(place, local);

      expect(nodeOf(graph, right!)?.state).toBe('ok');
      expect(nodeOf(graph, short!)).toMatchObject({ state: 'damaged', error: { code: 'SIZE_MISMATCH' } });
      expect(nodeOf(graph, wrong!)).toMatchObject({ state: 'damaged', error: { code: 'DIGEST_MISMATCH' } });
      expect(nodeOf(graph, gone!)).toMatchObject({ state: 'missing', error: { code: 'MISSING' } });
      expect(graph.summary.problems).toBe(3);
    });

    it('takes the absence of a foreign layer for normal', async () => {
      const place = new MemoryPlace();
      const layer = { ...place.blob('windows'), urls: ['https://layers.example/1'] };
      place.blobs.clear();
      place.manifest(imageManifest({ config: place.blob('{}'), layers: [layer] }), { tag: 'v1' });
      const graph = await walk(place, local);
      expect(nodeOf(graph, layer)).toMatchObject({ state: 'unchecked' });
      expect(graph.summary.complete).toBe(true);
    });

    it('takes the data field for the content when it is right, and never when it is wrong', async () => {
      const place = new MemoryPlace();
      const right = { ...place.blob('right'), data: Buffer.from('right').toString('base64') };
      const wrong = { ...place.blob('wrong'), data: Buffer.from('right').toString('base64') };
      place.blobs.clear();
      place.manifest(imageManifest({ layers: [right, wrong] }), { tag: 'v1' });
      const graph = await walk(place, local);
      expect(nodeOf(graph, right)?.state).toBe('ok');
      expect(nodeOf(graph, wrong)?.state).toBe('missing');
    });
  });

  it('leaves blobs of a registry unchecked, except those whose content came along', async () => {
    const place = new MemoryPlace();
    const layer = place.blob('layer');
    const config = { ...EMPTY_DESCRIPTOR, data: 'e30=' };
    place.manifest(imageManifest({ config, layers: [layer] }), { tag: 'v1' });
    const graph = await walk(place, withApi);
    expect(nodeOf(graph, layer)?.state).toBe('unchecked');
    expect(nodeOf(graph, config)?.state).toBe('ok');
    expect(
      place.requests.some((request) => request.startsWith('blob') || request.startsWith('inspect')),
    ).toBe(false);
  });
});
