import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { EMPTY_DESCRIPTOR } from '../../../shared/oci/empty-descriptor.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { cosignTag, referrersTag } from '../../../shared/oci/referrers-tag.ts';
import { imageManifest, MemoryPlace, type MemoryTargetOptions } from '../../testing/memory-target.ts';
import { ATTACHED_READ_LIMIT, type Attachments, findAttachments } from './attachments.ts';
import { createCompanionTags } from './companion-tags.ts';

interface Options extends MemoryTargetOptions {
  /** Tags of a listing that was just read; not listed when absent. */
  readonly listed?: readonly string[];
  readonly attestations?: readonly Descriptor[];
}

function attachments(
  place: MemoryPlace,
  { digest }: Descriptor,
  options: Options = {},
): Promise<Attachments> {
  const tags = createCompanionTags();
  if (options.listed !== undefined) tags.remember('place', options.listed);
  return findAttachments({
    target: place.target(options),
    subject: digest,
    attestations: Promise.resolve(options.attestations ?? []),
    tags: tags.lookup('place'),
    ask: (question) => question(),
    signal,
  });
}

const { signal } = new AbortController();
setMaxListeners(0, signal); // as the dispatcher does for every call

const api: Options = { referrers: 'referrers-api' };

describe('what is attached to a row', () => {
  it('is counted by kind, from the referrers API, without reading what its list tells', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    place.attach(image, MEDIA_TYPES.spdxJson);
    place.attach(image, MEDIA_TYPES.sarif, 'one');
    place.attach(image, MEDIA_TYPES.sarif, 'two');
    expect(await attachments(place, image, { ...api, listed: [] })).toEqual({
      attached: [
        { kind: 'sbom-spdx', count: 1 },
        { kind: 'sarif', count: 2 },
      ],
    });
    expect(place.requests).toEqual([`referrers ${image.digest}`]);
  });

  it('is none, not unknown, when every source answers that there is nothing', async () => {
    const place = new MemoryPlace();
    expect(await attachments(place, place.image('app'), api)).toEqual({ attached: [] });
  });

  it('merges fallback tag, cosign tags and API, each referrer once', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    const sbom = place.attach(image, MEDIA_TYPES.spdxJson);
    const notation = place.manifest(
      imageManifest({
        config: place.blob('{}', MEDIA_TYPES.notationSignature),
        layers: [place.blob('x', MEDIA_TYPES.notationJws)],
        subject: image,
      }),
    );
    const fallback = place.index([sbom, notation], referrersTag(image.digest));
    const signature = place.manifest(
      imageManifest({
        config: place.blob('{}', MEDIA_TYPES.imageConfig),
        layers: [place.blob('s', MEDIA_TYPES.cosignSimpleSigning)],
      }),
      { tag: cosignTag(image.digest, 'sig') },
    );
    const found = await attachments(place, image, {
      ...api,
      listed: [referrersTag(image.digest), cosignTag(image.digest, 'sig')],
    });
    expect(new Map(found.attached?.map(({ kind, count }) => [kind, count]))).toEqual(
      new Map([
        ['sbom-spdx', 1],
        ['signature-notation', 1],
        ['signature-cosign', 1],
      ]),
    );
    expect([fallback, signature]).toHaveLength(2);
  });

  it('includes BuildKit’s attestations of an index', async () => {
    const place = new MemoryPlace();
    const attestation = place.image('attestation');
    expect(
      await attachments(place, place.index([attestation]), { ...api, attestations: [attestation] }),
    ).toEqual({
      attached: [{ kind: 'attestation', count: 1 }],
    });
  });

  it('is not the subject itself, whatever a fallback tag says', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    place.index([image], referrersTag(image.digest));
    expect(await attachments(place, image)).toEqual({ attached: [] });
    place.tags.set(referrersTag(image.digest), image.digest);
    expect(await attachments(place, image)).toEqual({ attached: [] });
  });

  it('is what could be found, with the reason why it may not be all, when one source fails', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    place.index([place.attach(image, MEDIA_TYPES.spdxJson)], referrersTag(image.digest));
    const onRequest = (request: string): void => {
      if (request.startsWith('referrers'))
        throw new TallymanError({ code: 'TIMEOUT', message: 'Nothing came.' });
    };
    expect(await attachments(place, image, { ...api, onRequest })).toEqual({
      attached: [{ kind: 'sbom-spdx', count: 1 }],
      attachedError: { code: 'TIMEOUT', message: 'Nothing came.' },
    });
  });

  it('is unknown, not none, when no source could be asked', async () => {
    const place = new MemoryPlace();
    const onRequest = (): never => {
      throw new TallymanError({ code: 'UNREACHABLE', message: 'No route.' });
    };
    expect(await attachments(place, place.image('app'), { ...api, onRequest })).toEqual({
      attachedError: { code: 'UNREACHABLE', message: 'No route.' },
    });
  });

  it('takes “unsupported” for no failure when the other sources answer', async () => {
    const place = new MemoryPlace();
    expect(await attachments(place, place.image('app'), { ...api, referrersUnsupported: true })).toEqual({
      attached: [],
    });
  });

  it('reads a bounded number of manifests and counts the others all the same', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    const count = ATTACHED_READ_LIMIT + 20;
    for (let index = 0; index < count; index += 1) {
      const unknown = place.manifest(
        imageManifest({
          config: EMPTY_DESCRIPTOR,
          layers: [place.blob(`${index}`, 'application/x')],
          subject: image,
        }),
      );
      place.list(image.digest, unknown);
    }
    expect(await attachments(place, image, { ...api, listed: [] })).toEqual({
      attached: [{ kind: 'other', count }],
    });
    expect(place.requests.filter((request) => request.startsWith('manifest'))).toHaveLength(
      ATTACHED_READ_LIMIT,
    );
  });
});
