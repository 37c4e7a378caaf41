import { describe, expect, it } from 'vitest';
import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { EMPTY_DESCRIPTOR } from '../../shared/oci/empty-descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { cosignTag, referrersTag } from '../../shared/oci/referrers-tag.ts';
import { imageManifest, MemoryPlace, type MemoryTargetOptions } from '../testing/memory-target.ts';
import { memoryWriter, type MemoryWriterOptions } from '../testing/memory-writer.ts';
import { copyGraph } from './copy-graph.ts';
import type { CopyOptions, CopyResult } from './copy-options.ts';
import { planCopy } from './plan-copy.ts';
import type { TargetWriter } from './target-writer.ts';
import type { CarriedItem } from './transfer-report.ts';

const { signal } = new AbortController();

interface Copied {
  readonly result: CopyResult;
  readonly to: MemoryPlace;
  readonly steps: readonly string[];
}

async function copy(
  from: MemoryPlace,
  options: Partial<CopyOptions> & {
    readonly reference?: string | Descriptor;
    readonly tags?: readonly string[];
  } = {},
  places: {
    readonly from?: MemoryTargetOptions;
    readonly to?: MemoryWriterOptions;
    readonly place?: MemoryPlace;
  } = {},
): Promise<Copied> {
  const to = places.place ?? new MemoryPlace();
  const writer = memoryWriter(to, places.to);
  const { reference = 'v1', tags = ['v1'], ...more } = options;
  const result = await copyGraph({
    from: from.target({ referrers: 'referrers-api', ...places.from }),
    to: writer,
    roots: [{ reference, tags }],
    referrers: true,
    signal,
    ...more,
  });
  return { result, to, steps: writer.steps };
}

const before = (steps: readonly string[], first: string, second: string): boolean =>
  steps.includes(first) && steps.includes(second) && steps.indexOf(first) < steps.indexOf(second);

describe('a copy', () => {
  it('carries an image with its digest, blobs first, its tag last', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    const { result, to, steps } = await copy(from, { tags: ['v1', 'latest'] });
    expect(result).toMatchObject({
      roots: [{ digest: image.digest, size: image.size }],
      sent: { blobs: 2 },
      skipped: { blobs: 0, bytes: 0 },
      manifests: 1,
      referrers: 0,
      notes: [],
    });
    expect(to.manifests.get(image.digest)?.bytes).toEqual(from.manifests.get(image.digest)?.bytes);
    expect([...to.blobs.keys()].sort()).toEqual([...from.blobs.keys()].sort());
    expect(steps.slice(-3)).toEqual([`manifest ${image.digest}`, 'tag v1', 'tag latest']);
  });

  it('carries referrers of every node, over several levels, each after its subject', async () => {
    const from = new MemoryPlace();
    const children = [from.image('amd64'), from.image('arm64')];
    const index = from.index(children, 'v1');
    const sbom = from.attach(children[0]!, 'application/spdx+json');
    const scan = from.attach(sbom, 'application/sarif+json');
    const signature = from.attach(index, 'application/vnd.cncf.notary.signature');
    const { result, to, steps } = await copy(from);
    expect(result).toMatchObject({ manifests: 6, referrers: 3 });
    expect([...to.manifests.keys()].sort()).toEqual([...from.manifests.keys()].sort());
    const order = [
      [children[0]!, index],
      [children[1]!, index],
      [children[0]!, sbom],
      [sbom, scan],
      [index, signature],
    ] as const;
    for (const [first, second] of order)
      expect(before(steps, `manifest ${first.digest}`, `manifest ${second.digest}`)).toBe(true);
    expect(steps.at(-1)).toBe('tag v1');
    expect((await copy(from, { referrers: false })).result).toMatchObject({ manifests: 3, referrers: 0 });
  });

  it('goes on below a manifest that is stored, while what makes it findable is still being written', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    const sbom = from.attach(image, 'application/spdx+json');
    from.attach(sbom, 'application/sarif+json');
    const writer = memoryWriter(new MemoryPlace());
    let stored = 0;
    let allStored = (): void => undefined;
    const everything = new Promise<void>((resolve) => (allStored = resolve));
    const to: TargetWriter = {
      ...writer,
      async writeManifests(manifests, options) {
        const written = await writer.writeManifests(manifests, options);
        for (const { digest } of written.descriptors) options.onStored?.(digest);
        stored += manifests.length;
        if (stored === 3) allStored();
        await everything; // nothing is findable before all of it is stored
        return written;
      },
    };
    expect((await copy(from, { to })).result).toMatchObject({ manifests: 3, referrers: 2 });
  });

  it('writes the referrers of one subject together', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    for (let number = 0; number < 20; number += 1) from.attach(image, 'text/plain', `note ${number}`);
    const writer = memoryWriter(new MemoryPlace());
    const waves: number[] = [];
    const to: TargetWriter = {
      ...writer,
      writeManifests(manifests, options) {
        waves.push(manifests.length);
        return writer.writeManifests(manifests, options);
      },
    };
    await copy(from, { to });
    expect(waves.reduce((sum, count) => sum + count, 0)).toBe(21);
    expect(waves.length).toBeLessThan(8);
  });

  it('finds referrers by fallback tags, and does not copy their index', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    const note = from.attach(image, 'text/plain');
    const fallback = from.index([{ ...note, artifactType: 'text/plain' }], referrersTag(image.digest));
    const { result, to } = await copy(from, {}, { from: { referrersUnsupported: true } });
    expect(result.referrers).toBe(1);
    expect(to.manifests.has(note.digest)).toBe(true);
    expect(to.manifests.has(fallback.digest)).toBe(false);
    expect([...to.tags.keys()]).toEqual(['v1']);
  });

  it('takes cosign’s tags along as tags, and says when one named something else', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    const tag = cosignTag(image.digest, 'sig');
    const signature = from.image('signature', tag);
    const place = new MemoryPlace();
    const other = place.image('older signature', tag);
    for (const listDescriptors of [false, true]) {
      const { result, to } = await copy(from, {}, { place, from: { listDescriptors } });
      expect(result.companionTags).toEqual([tag]);
      expect(to.tags.get(tag)).toBe(signature.digest);
      if (!listDescriptors)
        expect(result.notes).toMatchObject([
          { code: 'CONFLICT', details: { tag, before: other.digest, after: signature.digest } },
        ]);
      else expect(result.notes).toEqual([]);
    }
    const without = await copy(from, { referrers: false });
    expect([...without.to.tags.keys()]).toEqual(['v1']);
  });

  it('leaves out what claims to be a referrer and names another subject', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    const other = from.image('other');
    const about = from.attach(other, 'text/plain');
    from.list(image.digest, about);
    const child = from.attach(about, 'text/plain', 'more');
    const { to } = await copy(from);
    expect(to.manifests.size).toBe(1);
    expect(to.manifests.has(child.digest)).toBe(false);
  });

  it('notes a referrer that is listed and not there, and fails on one that is damaged', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    const gone = from.attach(image, 'text/plain');
    from.manifests.delete(gone.digest);
    expect((await copy(from)).result.notes).toMatchObject([
      { code: 'MISSING', details: { digest: gone.digest } },
    ]);
    from.manifests.set(gone.digest, { bytes: Buffer.from('['), mediaType: MEDIA_TYPES.manifest });
    await expect(copy(from)).rejects.toMatchObject({
      code: 'MALFORMED',
      message: expect.stringContaining(gone.digest) as string,
    });
  });

  it('fails when it cannot be told whether there are more referrers', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    const onRequest = (request: string): void => {
      if (request === `referrers ${image.digest}`)
        throw new TallymanError({ code: 'REGISTRY_ERROR', message: 'It answered 500.' });
    };
    const failed = copy(from, {}, { from: { onRequest } });
    await expect(failed).rejects.toMatchObject({ code: 'REGISTRY_ERROR' });
    expect((await copy(from, { referrers: false }, { from: { onRequest } })).result.manifests).toBe(1);
  });

  it('does not send what is there, and sends each blob once', async () => {
    const from = new MemoryPlace();
    const shared = from.blob('shared layer');
    const config = from.blob('{}', MEDIA_TYPES.imageConfig);
    const images = ['a', 'b', 'c'].map((name) =>
      from.manifest(imageManifest({ config, layers: [shared, from.blob(name)] })),
    );
    from.index(images, 'v1');
    const first = await copy(from);
    expect(first.steps.filter((step) => step === `blob ${shared.digest}`)).toHaveLength(1);
    expect(first.result.sent).toEqual({ blobs: 5, bytes: 12 + 2 + 3 });
    const again = await copy(from, {}, { place: first.to });
    expect(again.result).toMatchObject({
      sent: { blobs: 0, bytes: 0 },
      skipped: { blobs: 5, bytes: 17 },
    });
  });

  it('mounts what a neighbour in the same place has, and sends what cannot be mounted', async () => {
    const from = new MemoryPlace();
    from.image('app', 'v1');
    const [config, layer] = [...from.blobs.keys()] as [Digest, Digest];
    const neighbour = new MemoryPlace();
    neighbour.blobs.set(layer, from.blobs.get(layer)!);
    const source = { ...from.target(), mountSource: { place: 'registry:here', repository: 'team/from' } };
    const to = new MemoryPlace();
    const options = {
      neighbours: new Map([['team/from', neighbour]]),
      mountSource: { place: 'registry:here', repository: 'team/to' },
    };
    const { result } = await copy(from, { from: source }, { place: to, to: options });
    expect(result).toMatchObject({ mounted: { blobs: 1 }, sent: { blobs: 1 } });
    expect([...to.blobs.keys()].sort()).toEqual([config, layer].sort());
    const plan = await planCopy({
      from: source,
      to: memoryWriter(new MemoryPlace(), options),
      roots: [{ reference: 'v1', tags: [] }],
      referrers: true,
      signal,
    });
    expect(plan).toMatchObject({ mountable: { blobs: 2 }, toSend: { blobs: 0 }, manifests: 1 });
  });

  it('honours content inside descriptors and never fetches the empty object', async () => {
    const from = new MemoryPlace();
    const inline = from.blob('inline layer');
    const data = Buffer.from('inline layer').toString('base64');
    const wrong = from.blob('fetched after all');
    const note = from.manifest(
      imageManifest({
        artifactType: 'text/plain',
        config: { ...EMPTY_DESCRIPTOR, data: undefined },
        layers: [
          { ...inline, data },
          { ...wrong, data: Buffer.from('something else here').toString('base64') },
        ],
      }),
    );
    const child = from.manifests.get(note.digest)!;
    from.index([{ ...note, data: Buffer.from(child.bytes).toString('base64') }], 'v1');
    from.blobs.delete(inline.digest);
    from.manifests.delete(note.digest);
    const { to } = await copy(from, { referrers: false });
    expect([...to.blobs.keys()].sort()).toEqual(
      [EMPTY_DESCRIPTOR.digest, inline.digest, wrong.digest].sort(),
    );
    expect(from.requests.filter((request) => request.startsWith('blob '))).toEqual([`blob ${wrong.digest}`]);
    expect(from.requests).not.toContain(`manifest ${note.digest}`);
  });

  it('leaves layers where they are that must not be distributed, and says so', async () => {
    const from = new MemoryPlace();
    const config = from.blob('{}', MEDIA_TYPES.imageConfig);
    const foreign = from.blob('windows', MEDIA_TYPES.dockerForeignLayer);
    const elsewhere = { ...from.blob('elsewhere'), urls: ['https://example.org/layer'] };
    const both = { ...from.blob('here as well'), urls: ['https://example.org/other'] };
    from.blobs.delete(elsewhere.digest);
    from.manifest(
      imageManifest({ config, layers: [{ ...foreign, urls: ['https://example.org/w'] }, elsewhere, both] }),
      { tag: 'v1' },
    );
    const { result, to } = await copy(from);
    expect([...to.blobs.keys()].sort()).toEqual([config.digest, both.digest].sort());
    expect(result.notes).toMatchObject([{ code: 'UNSUPPORTED', details: { count: 2, bytes: 16 } }]);
  });

  it('writes nothing but blobs before it has seen everything, where that is asked for', async () => {
    const from = new MemoryPlace();
    const good = from.image('good');
    const bad = from.image('bad');
    from.index([good, bad], 'v1');
    from.manifests.delete(bad.digest);
    const to = new MemoryPlace();
    await expect(copy(from, { manifestsLast: true }, { place: to })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(to.manifests.size).toBe(0);
    from.manifest(imageManifest({ config: EMPTY_DESCRIPTOR, layers: [] }));
    const whole = new MemoryPlace();
    whole.image('x', 'v1');
    const { result, steps } = await copy(whole, { manifestsLast: true });
    expect(result.manifests).toBe(1);
    expect(steps.at(-1)).toBe('tag v1');
  });

  it('copies several roots at once, by tag, digest and descriptor', async () => {
    const from = new MemoryPlace();
    const [a, b, c] = [from.image('a', 'a'), from.image('b'), from.image('c')];
    const { result, to } = await copy(from, {
      roots: [
        { reference: 'a', tags: ['one'] },
        { reference: b.digest, tags: ['two', 'zwei'] },
        { reference: c, tags: [] },
      ],
    });
    expect(result.roots.map(({ digest }) => digest)).toEqual([a.digest, b.digest, c.digest]);
    expect(Object.fromEntries(to.tags)).toEqual({ one: a.digest, two: b.digest, zwei: b.digest });
  });

  it('reports every blob from waiting to done', async () => {
    const from = new MemoryPlace();
    from.image('app', 'v1');
    const items: CarriedItem[] = [];
    await copy(from, { report: { onItem: (item) => items.push(item) } });
    const [config] = [...from.blobs.keys()];
    expect(
      items.filter(({ digest }) => digest === config).map(({ name, state }) => `${name} ${state}`),
    ).toEqual(['config waiting', 'config running', 'config done']);
  });

  it('opens, finishes and closes the writer of a target, and only closes it when it failed', async () => {
    const from = new MemoryPlace();
    from.image('app', 'v1');
    const writer = memoryWriter(new MemoryPlace());
    const to = { ...writer.target, openWriter: () => Promise.resolve(writer) };
    await copy(from, { to });
    expect(writer.ended).toEqual(['finish', 'close']);
    await expect(copy(from, { to, reference: 'absent' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(writer.ended).toEqual(['finish', 'close', 'close']);
    await expect(copy(from, { to: from.target() })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('says when the copied artifact is about something that is not at the destination', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    const sbom = from.attach(image, 'application/spdx+json');
    const lone = await copy(from, { reference: sbom.digest, tags: ['sbom'] });
    expect(lone.result.notes).toMatchObject([{ code: 'MISSING', details: { subject: image.digest } }]);
    const place = new MemoryPlace();
    await copy(from, { referrers: false }, { place });
    expect((await copy(from, { reference: sbom.digest }, { place })).result.notes).toEqual([]);
  });

  it('refuses what names something that would be lost', async () => {
    const from = new MemoryPlace();
    const layer = from.blob('layer');
    from.manifest(
      imageManifest({
        config: layer,
        layers: [layer, { mediaType: 'text/plain', digest: 'sha256:no', size: 1 }],
      }),
      { tag: 'v1' },
    );
    await expect(copy(from)).rejects.toMatchObject({
      code: 'MALFORMED',
      message: expect.stringContaining('would be lost') as string,
    });
    from.manifest(
      { schemaVersion: 1, fsLayers: [], mediaType: 'application/vnd.docker.distribution.manifest.v1+json' },
      { tag: 'v1' },
    );
    await expect(copy(from)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    from.manifest(imageManifest({ config: layer, layers: [layer, { ...layer, size: 9 }] }), { tag: 'v1' });
    await expect(copy(from)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
    from.manifest(imageManifest({ config: layer, layers: [layer], annotations: { odd: 7 } }), { tag: 'v1' });
    expect((await copy(from)).result.manifests).toBe(1); // nothing is lost of that one
  });

  it('stops at once when it is cancelled, and sets no tag', async () => {
    const from = new MemoryPlace();
    const children = Array.from({ length: 20 }, (_unused, index) => from.image(`image ${index}`));
    from.index(children, 'v1');
    const to = new MemoryPlace();
    const stop = new AbortController();
    let steps = 0;
    const onStep = (): void => {
      steps += 1;
      if (steps === 15) stop.abort();
    };
    await expect(copy(from, { signal: stop.signal }, { place: to, to: { onStep } })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    const after = [to.blobs.size, to.manifests.size, from.requests.length];
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([to.blobs.size, to.manifests.size, from.requests.length]).toEqual(after);
    expect(to.tags.size).toBe(0);
  });
});

describe('a chosen platform', () => {
  const linux = (architecture: string) => ({ os: 'linux', architecture });
  const attests = (digest: string) => ({
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': digest,
  });

  function multi(): {
    from: MemoryPlace;
    amd: Descriptor;
    arm: Descriptor;
    s390: Descriptor;
    attestation: Descriptor;
    index: Descriptor;
  } {
    const from = new MemoryPlace();
    const [amd, arm, s390] = [from.image('amd'), from.image('arm'), from.image('s390')];
    const attestation = from.image('attests amd');
    const index = from.index(
      [
        { ...amd, platform: linux('amd64') },
        { ...arm, platform: linux('arm64') },
        { ...s390, platform: linux('s390x') },
        {
          ...attestation,
          platform: { os: 'unknown', architecture: 'unknown' },
          annotations: attests(amd.digest),
        },
      ],
      'v1',
    );
    return { from, amd, arm, s390, attestation, index };
  }

  it('alone is its own manifest, with its referrers', async () => {
    const { from, arm, amd } = multi();
    const sbom = from.attach(arm, 'application/spdx+json');
    from.attach(amd, 'application/spdx+json');
    const { result, to } = await copy(from, { platforms: [linux('arm64')] });
    expect(result.roots).toMatchObject([{ digest: arm.digest }]);
    expect([...to.manifests.keys()].sort()).toEqual([arm.digest, sbom.digest].sort());
    expect(to.tags.get('v1')).toBe(arm.digest);
    expect(result.notes).toMatchObject([{ code: 'UNSUPPORTED' }]);
  });

  it('with all others is the index as it is', async () => {
    const { from, index } = multi();
    const platforms = ['amd64', 'arm64', 's390x'].map(linux);
    const { result, to } = await copy(from, { platforms });
    expect(result.roots).toMatchObject([{ digest: index.digest }]);
    expect([to.manifests.size, result.notes]).toEqual([5, []]);
  });

  it('with some others is a new index of these and their attestations, and says so', async () => {
    const { from, amd, arm, attestation, index } = multi();
    from.attach(index, 'application/vnd.cncf.notary.signature');
    const { result, to } = await copy(from, { platforms: [linux('arm64'), linux('amd64')] });
    const [root] = result.roots;
    expect(root?.digest).not.toBe(index.digest);
    const written = JSON.parse(Buffer.from(to.manifests.get(root!.digest)!.bytes).toString()) as {
      manifests: Descriptor[];
    };
    expect(written.manifests.map(({ digest }) => digest)).toEqual([
      amd.digest,
      arm.digest,
      attestation.digest,
    ]);
    expect(to.manifests.size).toBe(4);
    expect(result.notes.map(({ message }: ErrorData) => message).join()).toContain(index.digest);
  });

  it('that is not there fails with those that are', async () => {
    const { from } = multi();
    await expect(copy(from, { platforms: [linux('riscv64')] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      hint: expect.stringContaining('linux/s390x') as string,
    });
  });

  it('has to be that of an image that is no index', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    expect((await copy(from, { platforms: [linux('amd64')] })).result.roots).toMatchObject([
      { digest: image.digest },
    ]);
    await expect(copy(from, { platforms: [linux('arm64')] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    from.attach(image, 'text/plain');
    const [note] = from.listed.get(image.digest)!;
    await expect(copy(from, { reference: note!.digest, platforms: [linux('amd64')] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });
});

describe('a plan', () => {
  it('says what would be carried and what is there, and changes nothing', async () => {
    const from = new MemoryPlace();
    const image = from.image('app', 'v1');
    from.attach(image, 'text/plain');
    const to = new MemoryPlace();
    const [config] = [...from.blobs] as [[string, Uint8Array]];
    to.blobs.set(...config);
    const writer = memoryWriter(to);
    const plan = await planCopy({
      from: from.target({ referrers: 'referrers-api' }),
      to: writer,
      roots: [{ reference: 'v1', tags: ['v1'] }],
      referrers: true,
      signal,
    });
    expect(plan).toMatchObject({
      manifests: 2,
      referrers: 1,
      present: { blobs: 1 },
      toSend: { blobs: 3 },
      notes: [],
    });
    expect(plan.roots).toMatchObject([{ digest: image.digest }]);
    expect(plan.blobs.map(({ state }) => state).sort()).toEqual(['missing', 'missing', 'missing', 'present']);
    expect(writer.steps.every((step) => step.startsWith('has '))).toBe(true);
    expect([to.manifests.size, to.tags.size]).toEqual([0, 0]);
  });
});
