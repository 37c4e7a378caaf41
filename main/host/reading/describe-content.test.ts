import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { imageManifest, MemoryPlace, type MemoryTargetOptions } from '../../testing/memory-target.ts';
import { describeContent } from './describe-content.ts';

const describeIn = (
  place: MemoryPlace,
  node: Descriptor,
  options: MemoryTargetOptions & { isManifest?: boolean } = {},
) => describeContent(place.target(options), node, options.isManifest ?? true, new AbortController().signal);

describe('description of a node', () => {
  it('tells an image: links in order, totals, platform, settings and history of its config', async () => {
    const place = new MemoryPlace();
    const config = place.blob(
      JSON.stringify({
        created: '2026-01-02T03:04:05Z',
        author: 'Ada',
        os: 'linux',
        architecture: 'amd64',
        config: {
          Entrypoint: ['/app'],
          Cmd: ['--serve'],
          User: '1000',
          WorkingDir: '/srv',
          Env: ['A=b'],
          ExposedPorts: { '80/tcp': {} },
          Labels: { l: 'x' },
        },
        rootfs: { type: 'layers', diff_ids: [] },
        history: [{ created: '2026-01-02T03:04:05Z', created_by: 'RUN make' }, { empty_layer: true }],
      }),
      MEDIA_TYPES.imageConfig,
    );
    const layer = { ...place.blob('layer'), annotations: { 'org.opencontainers.image.title': 'root.tar' } };
    const image = place.manifest(imageManifest({ config, layers: [layer], annotations: { note: 'hello' } }));
    expect(await describeIn(place, image)).toEqual({
      digest: image.digest,
      mediaType: MEDIA_TYPES.manifest,
      kind: 'image',
      size: image.size,
      totalSize: image.size + config.size + layer.size,
      created: '2026-01-02T03:04:05Z',
      platform: { os: 'linux', architecture: 'amd64' },
      links: [
        { role: 'config', digest: config.digest, mediaType: config.mediaType, size: config.size },
        {
          role: 'layer 1',
          digest: layer.digest,
          mediaType: layer.mediaType,
          size: layer.size,
          title: 'root.tar',
        },
      ],
      annotations: { note: 'hello' },
      image: {
        author: 'Ada',
        entrypoint: ['/app'],
        command: ['--serve'],
        user: '1000',
        workingDirectory: '/srv',
        environment: ['A=b'],
        exposedPorts: ['80/tcp'],
        labels: { l: 'x' },
        history: [
          { created: '2026-01-02T03:04:05Z', createdBy: 'RUN make', emptyLayer: false },
          { emptyLayer: true },
        ],
      },
      errors: [],
    });
  });

  it('names the children of an index by their platforms, and a subject', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    const index = place.manifest({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.index,
      manifests: [
        { ...image, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        image,
        { ...image, platform: { os: 'unknown', architecture: 'unknown' } },
      ],
      subject: image,
    });
    const { links, subject, kind } = await describeIn(place, index);
    expect(kind).toBe('index');
    expect(links.map(({ role }) => role)).toEqual(['linux/arm64/v8', 'manifest 2', 'manifest 3']);
    expect(subject).toMatchObject({ role: 'subject', digest: image.digest });
  });

  it.each([
    ['missing', (place: MemoryPlace) => place.manifests.clear(), 'MISSING'],
    [
      'no JSON',
      (place: MemoryPlace, { digest }: Descriptor) =>
        place.manifests.set(digest, { bytes: Buffer.from('<html>'), mediaType: MEDIA_TYPES.manifest }),
      'MALFORMED',
    ],
    [
      'two documents in one',
      (place: MemoryPlace, { digest }: Descriptor) =>
        place.manifests.set(digest, {
          bytes: Buffer.from('{"schemaVersion":2,"manifests":[],"layers":[]}'),
          mediaType: MEDIA_TYPES.manifest,
        }),
      'AMBIGUOUS',
    ],
  ])('gives a manifest that is %s as an error among its facts', async (_what, damage, code) => {
    const place = new MemoryPlace();
    const image = place.image('app');
    damage(place, image);
    expect(await describeIn(place, image)).toMatchObject({
      digest: image.digest,
      links: [],
      errors: [{ code, message: expect.any(String) }],
    });
  });

  it('keeps what could be read when the config is missing or damaged', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    place.blobs.clear();
    const { links, errors, kind } = await describeIn(place, image);
    expect({ kind, links: links.length, errors }).toMatchObject({
      kind: 'image',
      links: 2,
      errors: [{ code: 'MISSING' }],
    });
  });

  it('throws when it could not look at all', async () => {
    const place = new MemoryPlace();
    const onRequest = (): never => {
      throw new TallymanError({ code: 'UNREACHABLE', message: 'No route.' });
    };
    await expect(describeIn(place, place.image('app'), { onRequest })).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
  });

  it.each([
    [MEDIA_TYPES.imageConfig, 'config'],
    [MEDIA_TYPES.dockerImageConfig, 'config'],
    [MEDIA_TYPES.helmConfig, 'config'],
    [MEDIA_TYPES.layerTarGzip, 'layer'],
    [MEDIA_TYPES.dockerLayerTarGzip, 'layer'],
    [MEDIA_TYPES.sarif, 'other'],
  ])('asks nothing about a blob of type %s: %s', async (mediaType, kind) => {
    const place = new MemoryPlace();
    const blob = place.blob('content', mediaType);
    expect(await describeIn(place, blob, { isManifest: false })).toEqual({
      ...blob,
      kind,
      links: [],
      annotations: {},
      errors: [],
    });
    expect(place.requests).toEqual([]);
  });
});
