import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { EMPTY_DESCRIPTOR } from '../../../shared/oci/empty-descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { imageManifest, MemoryPlace } from '../../testing/memory-target.ts';
import { readRowFacts, type RowFacts } from './row-facts.ts';

const CREATED = 'org.opencontainers.image.created';

function facts(place: MemoryPlace, { digest }: Descriptor): Promise<RowFacts> {
  return readRowFacts(place.target(), digest, (question) => question(), new AbortController().signal);
}

/** An image whose config says when and for what it was made. */
function image(place: MemoryPlace, config: object, annotations?: object): Descriptor {
  const described = place.blob(JSON.stringify(config), MEDIA_TYPES.imageConfig);
  return place.manifest(
    imageManifest({
      config: described,
      layers: [place.blob('layer')],
      ...(annotations === undefined ? {} : { annotations }),
    }),
  );
}

describe('facts of a row', () => {
  it('are platform, age and size of an image, by its config', async () => {
    const place = new MemoryPlace();
    const config = {
      os: 'linux',
      architecture: 'arm64',
      variant: 'v8',
      created: '2026-01-02T03:04:05Z',
      rootfs: { type: 'layers', diff_ids: [] },
    };
    const made = image(place, config);
    expect(await facts(place, made)).toEqual({
      row: {
        kind: 'image',
        mediaType: MEDIA_TYPES.manifest,
        what: 'linux/arm64/v8',
        created: '2026-01-02T03:04:05Z',
        platforms: [{ os: 'linux', architecture: 'arm64', variant: 'v8' }],
        size: made.size + JSON.stringify(config).length + 'layer'.length,
      },
      attestations: [],
    });
  });

  it('call an image an image when its config names no platform', async () => {
    const place = new MemoryPlace();
    const made = image(place, { os: '', architecture: '', rootfs: { type: 'layers', diff_ids: [] } });
    expect((await facts(place, made)).row).toMatchObject({ kind: 'image', what: 'Image', platforms: [] });
  });

  it('prefer the date of the annotation', async () => {
    const place = new MemoryPlace();
    const made = image(
      place,
      { os: 'linux', architecture: 'amd64', created: '2000-01-01T00:00:00Z' },
      { [CREATED]: '2026-01-01T00:00:00Z' },
    );
    expect((await facts(place, made)).row.created).toBe('2026-01-01T00:00:00Z');
  });

  it('count the platforms of an index without BuildKit’s attestations, and its date is that of its first image', async () => {
    const place = new MemoryPlace();
    const first = image(place, { os: 'linux', architecture: 'amd64', created: '2026-02-03T00:00:00Z' });
    const second = image(place, { os: 'linux', architecture: 'arm64' });
    const attestation = {
      ...place.image('attestation'),
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': first.digest,
      },
    };
    const index = place.index([
      { ...first, platform: { os: 'linux', architecture: 'amd64' } },
      { ...second, platform: { os: 'linux', architecture: 'arm64' } },
      attestation,
    ]);
    const { row, attestations } = await facts(place, index);
    expect(row).toMatchObject({
      kind: 'index',
      what: '2 platforms',
      created: '2026-02-03T00:00:00Z',
      size: index.size + first.size + second.size + attestation.size,
    });
    expect(attestations.map(({ digest }) => digest)).toEqual([attestation.digest]);
  });

  it.each([
    ['one platform', [{ os: 'linux', architecture: 'amd64' }], 'linux/amd64'],
    [
      'one platform twice',
      [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'amd64' },
      ],
      'linux/amd64',
    ],
    ['no platform', [undefined], '1 manifest'],
    ['nothing', [], '0 manifests'],
  ])('name an index with %s', async (_what, platforms, expected) => {
    const place = new MemoryPlace();
    const children = platforms.map((platform, index) => ({
      ...place.image(`app ${index}`),
      ...(platform === undefined ? {} : { platform }),
    }));
    expect((await facts(place, place.index(children))).row.what).toBe(expected);
  });

  it('count content that is named twice once', async () => {
    const place = new MemoryPlace();
    const layer = place.blob('layer');
    const made = place.manifest(
      imageManifest({ config: EMPTY_DESCRIPTOR, layers: [layer, layer], artifactType: 'application/x' }),
    );
    expect((await facts(place, made)).row.size).toBe(made.size + EMPTY_DESCRIPTOR.size + layer.size);
  });

  it('name the version of a chart, from its config', async () => {
    const place = new MemoryPlace();
    const config = place.blob(JSON.stringify({ name: 'boats', version: '1.8.2' }), MEDIA_TYPES.helmConfig);
    const chart = place.manifest(
      imageManifest({ config, layers: [place.blob('chart', MEDIA_TYPES.helmChart)] }),
    );
    expect((await facts(place, chart)).row).toMatchObject({ kind: 'helm-chart', what: 'Helm 1.8.2' });
  });

  it('show the real type of everything else', async () => {
    const place = new MemoryPlace();
    const config = place.blob('{}', 'application/vnd.acme.rocket.config.v1+json');
    const rocket = place.manifest(imageManifest({ config, layers: [place.blob('x')] }));
    expect((await facts(place, rocket)).row).toMatchObject({
      kind: 'other',
      what: 'application/vnd.acme.rocket.config.v1+json',
      artifactType: 'application/vnd.acme.rocket.config.v1+json',
    });
    expect(place.requests).not.toContain(`blob ${config.digest}`); // only configs of images and charts are read
  });

  it('keep a row whose config is missing, with the reason', async () => {
    const place = new MemoryPlace();
    const made = image(place, { os: 'linux', architecture: 'amd64' });
    place.blobs.clear();
    expect((await facts(place, made)).row).toMatchObject({
      kind: 'image',
      what: MEDIA_TYPES.imageConfig,
      error: { code: 'MISSING' },
    });
  });

  it('flag a document with wrong fields', async () => {
    const place = new MemoryPlace();
    const made = place.manifest(
      imageManifest({
        config: place.blob('{}', MEDIA_TYPES.imageConfig),
        layers: [{ digest: 'sha256:short' }],
      }),
    );
    expect((await facts(place, made)).row).toMatchObject({ kind: 'image', error: { code: 'MALFORMED' } });
  });
});
