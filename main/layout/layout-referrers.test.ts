import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { referrersTag } from '../../shared/oci/referrers-tag.ts';
import { WALK_DEPTH_LIMIT } from '../content/limits.ts';
import type { ReferrersAnswer } from '../content/target.ts';
import { LayoutFiles, named } from '../testing/make-layout.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { Layout } from './open-layout.ts';
import { openLayout } from './open-layout.ts';

const signal = new AbortController().signal;

async function open(files: LayoutFiles): Promise<Layout> {
  return openLayout(await files.writeTo(path.join(await temporaryFolder(), 'layout')), { signal });
}

async function ask(
  layout: Layout,
  subject: Digest,
): Promise<Extract<ReferrersAnswer, { outcome: 'listed' }>> {
  const answer = await layout.target.referrers!.list(subject, { signal });
  if (answer.outcome !== 'listed') throw new Error(answer.reason);
  return answer;
}

const digests = (descriptors: readonly Descriptor[]): readonly string[] =>
  descriptors.map(({ digest }) => digest).sort();

describe('referrers of a layout', () => {
  it('finds untagged entries and children of indexes, with artifactType and annotations of the manifest', async () => {
    const files = new LayoutFiles();
    const image = files.manifest({ annotations: { is: 'image' } });
    const sbom = files.manifest({
      subject: image,
      artifactType: 'application/spdx+json',
      annotations: { made: 'today' },
    });
    const nested = files.manifest({
      subject: image,
      config: files.blob('x', 'application/vnd.example.config'),
    });
    files.setEntries([named(image, 'v1'), sbom, files.index([files.index([nested])])]);
    const answer = await ask(await open(files), image.digest);
    expect(answer.failures).toBeUndefined();
    expect([...answer.referrers].sort((left, right) => (left.digest < right.digest ? -1 : 1))).toEqual(
      [
        { ...sbom, artifactType: 'application/spdx+json', annotations: { made: 'today' } },
        { ...nested, artifactType: 'application/vnd.example.config' },
      ].sort((left, right) => (left.digest < right.digest ? -1 : 1)),
    );
  });

  it('leaves to the fallback tag what only its index lists, and keeps what is listed beside it', async () => {
    const files = new LayoutFiles();
    const image = files.manifest({ annotations: { is: 'image' } });
    const hidden = files.manifest({ subject: image, annotations: { is: 'hidden' } });
    const both = files.manifest({ subject: image, annotations: { is: 'listed twice' } });
    const fallback = files.index([hidden, both]);
    files.setEntries([named(image, 'v1'), named(fallback, referrersTag(image.digest)), both]);
    expect(digests((await ask(await open(files), image.digest)).referrers)).toEqual([both.digest]);
  });

  it('counts the children of an index that olareg keeps as its answer', async () => {
    const files = new LayoutFiles();
    const image = files.manifest({ annotations: { is: 'image' } });
    const sbom = files.manifest({ subject: image });
    const response = files.index([sbom]);
    files.setEntries([
      named(image, 'v1'),
      { ...response, annotations: { 'org.olareg.referrer.subject': image.digest } },
    ]);
    expect(digests((await ask(await open(files), image.digest)).referrers)).toEqual([sbom.digest]);
  });

  it('says what could not be read, and still answers with the rest', async () => {
    const files = new LayoutFiles();
    const image = files.manifest({ annotations: { is: 'image' } });
    const good = files.manifest({ subject: image });
    const html = files.blob('<html></html>', image.mediaType);
    const damaged = files.manifest({ subject: image, annotations: { is: 'damaged' } });
    files.files.set(`blobs/${damaged.digest.replace(':', '/')}`, Buffer.from('x'.repeat(damaged.size)));
    const absent = { ...image, digest: `sha256:${'0'.repeat(64)}` };
    files.setEntries([named(image, 'v1'), good, html, damaged, absent]);
    const { referrers, failures } = await ask(await open(files), image.digest);
    expect(digests(referrers)).toEqual([good.digest]);
    expect(failures?.map(({ code, details }) => [code, details?.['digest']]).sort()).toEqual(
      [
        ['MALFORMED', html.digest],
        ['DIGEST_MISMATCH', damaged.digest],
      ].sort(),
    );
  });

  it('says that it stopped at a limit instead of answering none', async () => {
    const files = new LayoutFiles();
    const image = files.manifest();
    let index = files.manifest({ subject: image });
    for (let level = 0; level <= WALK_DEPTH_LIMIT; level += 1) index = files.index([index]);
    files.setEntries([named(image, 'v1'), index]);
    const { referrers, failures } = await ask(await open(files), image.digest);
    expect(referrers).toEqual([]);
    expect(failures?.map(({ code }) => code)).toEqual(['LIMIT']);
  });

  it('sees what another program adds, and reads again only what is new', async () => {
    const files = new LayoutFiles();
    const image = files.manifest({ annotations: { is: 'image' } });
    const first = files.manifest({ subject: image, annotations: { is: 'first' } });
    files.setEntries([named(image, 'v1'), first]);
    const layout = await open(files);
    expect(digests((await ask(layout, image.digest)).referrers)).toEqual([first.digest]);

    const second = files.manifest({ subject: image, annotations: { is: 'second' } });
    files.setEntries([named(image, 'v1'), first, second]);
    await files.writeTo(layout.path);
    await rm(path.join(layout.path, 'blobs', ...first.digest.split(':'))); // known by its digest for ever
    expect(digests((await ask(layout, image.digest)).referrers)).toEqual(
      [first.digest, second.digest].sort(),
    );
  });

  it('tries again after a while when something could not be read', async () => {
    const files = new LayoutFiles();
    const image = files.manifest({ annotations: { is: 'image' } });
    const sbom = files.manifest({ subject: image });
    files.setEntries([named(image, 'v1'), sbom]);
    const layout = await open(files);
    const file = path.join(layout.path, 'blobs', ...sbom.digest.split(':'));
    await writeFile(file, 'torn');
    expect((await ask(layout, image.digest)).failures).toHaveLength(1);
    await files.writeTo(layout.path); // index.json is new as well, so the answer is
    expect(digests((await ask(layout, image.digest)).referrers)).toEqual([sbom.digest]);
  });

  it('goes on for others when one of those who ask gives up', async () => {
    const files = new LayoutFiles();
    const image = files.manifest({ annotations: { is: 'image' } });
    const referrers = Array.from({ length: 40 }, (_, number) =>
      files.manifest({ subject: image, annotations: { number: String(number) } }),
    );
    files.setEntries([named(image, 'v1'), ...referrers]);
    const layout = await open(files);
    const controller = new AbortController();
    const given = layout.target.referrers!.list(image.digest, { signal: controller.signal });
    const kept = ask(layout, image.digest);
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'CANCELLED' });
    expect((await kept).referrers).toHaveLength(40);
  });
});
