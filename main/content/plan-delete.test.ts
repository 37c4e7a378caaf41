import { describe, expect, it } from 'vitest';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { cosignTag, referrersTag } from '../../shared/oci/referrers-tag.ts';
import { MemoryPlace } from '../testing/memory-target.ts';
import { memoryWriter } from '../testing/memory-writer.ts';
import { executeDelete } from './execute-delete.ts';
import { planDelete } from './plan-delete.ts';
import type { TargetWriter } from './target-writer.ts';

const { signal } = new AbortController();
const digests = (manifests: readonly { readonly descriptor: Descriptor }[]): readonly string[] =>
  manifests.map(({ descriptor }) => descriptor.digest);

describe('plan of a deletion', () => {
  it('names every tag of the digest, every referrer over all levels, and every index that contains it', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', '1.0');
    place.tags.set('latest', image.digest);
    const other = place.image('other', '2.0');
    const inner = place.index([image]);
    place.index([inner, other], 'all');
    place.index([other], 'unrelated');
    const sbom = place.attach(image, 'application/spdx+json');
    const signature = place.attach(sbom, 'application/vnd.example.signature');
    for (const listDescriptors of [false, true]) {
      const target = place.target({ referrers: 'referrers-api', listDescriptors });
      const plan = await planDelete(target, '1.0', { signal });
      expect(plan.tag).toBe('1.0');
      expect(plan.root.descriptor.digest).toBe(image.digest);
      expect([...plan.root.tags].sort()).toEqual(['1.0', 'latest']);
      expect(digests(plan.referrers)).toEqual([signature.digest, sbom.digest]);
      expect(plan.referrers.map(({ subject }) => subject)).toEqual([sbom.digest, image.digest]);
      expect(digests(plan.indexes)).toEqual([inner.digest]);
      expect(plan.indexes[0]?.contains).toEqual([image.digest]);
      expect(plan.unseen).toEqual([]);
      expect((await planDelete(target, inner.digest, { signal })).indexes.map(({ tags }) => tags)).toEqual([
        ['all'],
      ]);
    }
  });

  it('counts the bytes of what a manifest stands for, each blob once', async () => {
    const place = new MemoryPlace();
    const config = place.blob('{}', 'application/vnd.example.config');
    const layer = place.blob('x'.repeat(1000));
    const image = place.manifest(
      {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config,
        layers: [layer, layer],
      },
      { tag: '1.0' },
    );
    const plan = await planDelete(place.target(), '1.0', { signal });
    expect(plan.root.bytes).toBe(image.size + 2 + 1000);
    expect(plan.tag).toBe('1.0');
  });

  it('finds referrers by the fallback tag and by cosign’s, and does not count the index of referrers as one', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', '1.0');
    const sbom = place.attach(image, 'application/spdx+json');
    place.listed.clear();
    place.index([sbom], referrersTag(image.digest));
    const signature = place.image('signature', cosignTag(image.digest, 'sig'));
    const plan = await planDelete(place.target(), image.digest, { signal });
    expect(plan.tag).toBeUndefined();
    expect(new Set(digests(plan.referrers))).toEqual(new Set([sbom.digest, signature.digest]));
    expect(plan.indexes).toEqual([]);
  });

  it('believes no listing that a manifest itself denies, and ends although referrers go in a circle', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', '1.0');
    const stranger = place.image('stranger');
    place.list(image.digest, stranger);
    place.list(image.digest, image);
    const sbom = place.attach(image, 'application/spdx+json');
    place.list(sbom.digest, sbom);
    const plan = await planDelete(place.target({ referrers: 'referrers-api' }), '1.0', { signal });
    expect(digests(plan.referrers)).toEqual([sbom.digest]);
  });

  it.each([
    ['the listing', /^list/],
    ['the referrers', /^referrers/],
    ['a tag', /^resolve 2\.0/],
    ['an index', /^manifest sha256:/],
  ])('says that %s could not be looked at, and never reads it as none', async (_name, broken) => {
    const place = new MemoryPlace();
    place.image('app', '1.0');
    place.index([place.image('other')], '2.0');
    const onRequest = (request: string): void => {
      if (broken.test(request))
        throw new TallymanError({ code: 'REGISTRY_ERROR', message: 'The registry has trouble.' });
    };
    const plan = await planDelete(place.target({ referrers: 'referrers-api', onRequest }), '1.0', { signal });
    expect(plan.unseen.map(({ code }) => code)).toContain('REGISTRY_ERROR');
  });

  it('says that a place does not list its tags', async () => {
    const place = new MemoryPlace();
    place.image('app', '1.0');
    // No listing at all.
    const plan = await planDelete(place.target({ pageSize: 0 }), '1.0', { signal });
    expect(plan.unseen).toMatchObject([{ code: 'UNSUPPORTED' }]);
  });

  it('is refused for what is not there, and stops when it is told to', async () => {
    const place = new MemoryPlace();
    place.image('app', '1.0');
    await expect(planDelete(place.target(), 'nothing', { signal })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const controller = new AbortController();
    const onRequest = (request: string): void => {
      if (request.startsWith('list')) controller.abort();
    };
    const stopping = planDelete(place.target({ onRequest }), '1.0', { signal: controller.signal });
    await expect(stopping).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a deletion', () => {
  /** The memory writer does not delete: a writer that does, and notes the order. */
  function deleting(place: MemoryPlace, refuse?: string): { writer: TargetWriter; removed: string[] } {
    const removed: string[] = [];
    const writer: TargetWriter = {
      ...memoryWriter(place),
      target: place.target(),
      removeManifest({ digest }) {
        if (digest === refuse)
          return Promise.reject(new TallymanError({ code: 'DENIED', message: 'Not this one.' }));
        if (!place.manifests.delete(digest))
          return Promise.reject(new TallymanError({ code: 'NOT_FOUND', message: 'Gone.' }));
        removed.push(digest);
        return Promise.resolve({ notes: [] });
      },
    };
    return { writer, removed };
  }

  it('takes referrers before what they refer to, by choice', async () => {
    for (const referrers of [true, false]) {
      const place = new MemoryPlace();
      const image = place.image('app', '1.0');
      const sbom = place.attach(image, 'application/spdx+json');
      const signature = place.attach(sbom, 'application/vnd.example.signature');
      const plan = await planDelete(place.target({ referrers: 'referrers-api' }), '1.0', { signal });
      const { writer, removed } = deleting(place);
      const states: string[] = [];
      await executeDelete({
        plan,
        writer,
        referrers,
        signal,
        report: { onItem: ({ name, state }) => states.push(`${name.slice(0, 10)} ${state}`) },
      });
      expect(removed).toEqual((referrers ? [signature, sbom, image] : [image]).map(({ digest }) => digest));
      expect(states.at(-1)).toBe('1.0 done');
    }
  });

  it('goes on when somebody else deleted a referrer, and stops before the subject when one cannot be deleted', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', '1.0');
    const [first, second] = [place.attach(image, 'a/a'), place.attach(image, 'b/b')];
    const plan = await planDelete(place.target({ referrers: 'referrers-api' }), '1.0', { signal });
    place.manifests.delete(second.digest);
    const { writer, removed } = deleting(place, image.digest);
    const work = executeDelete({ plan, writer, referrers: true, signal });
    await expect(work).rejects.toMatchObject({
      code: 'DENIED',
      message: 'Not this one. 1 of 3 manifests were deleted before.',
    });
    expect(removed).toEqual([first.digest]);
  });

  it('does nothing when the tag means something else by now, or the place does not delete', async () => {
    const place = new MemoryPlace();
    place.image('app', '1.0');
    const plan = await planDelete(place.target(), '1.0', { signal });
    await expect(
      executeDelete({ plan, writer: memoryWriter(place), referrers: false, signal }),
    ).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    place.image('newer', '1.0');
    const { writer, removed } = deleting(place);
    await expect(executeDelete({ plan, writer, referrers: false, signal })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(removed).toEqual([]);
  });
});
