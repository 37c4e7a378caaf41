import { describe, expect, it } from 'vitest';
import type { GraphStep } from '../../shared/contract/graph.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { recognise } from '../artifacts/recognise.ts';
import { imageManifest, MemoryPlace, type MemoryTargetOptions } from '../testing/memory-target.ts';
import { WALK_DEPTH_LIMIT } from './limits.ts';
import { walkGraph, type Graph, type WalkGraphOptions } from './walk-graph.ts';

/** A digest that no content has: only a place that lies can answer to it. */
function falseDigest(number: number): Digest {
  return `sha256:${number.toString(16).padStart(64, '0')}` as Digest;
}

function pointer(number: number, mediaType: string = MEDIA_TYPES.index): Descriptor {
  return { mediaType, digest: falseDigest(number), size: 100 };
}

/** Stores an index or manifest under a false digest, padded to the size that `pointer` announces. */
function store(place: MemoryPlace, number: number, fields: object, tag?: string): void {
  place.manifest(
    { schemaVersion: 2, ...fields },
    { digest: falseDigest(number), ...(tag === undefined ? {} : { tag }) },
  );
}

const withApi: MemoryTargetOptions = { referrers: 'referrers-api' };

function walk(place: MemoryPlace, options: Partial<WalkGraphOptions> = {}): Promise<Graph> {
  const { signal } = new AbortController();
  return walkGraph({ target: place.target(withApi), reference: 'v1', recognise, signal, ...options });
}

/** Names of the limits that a walk reached. */
const limitsOf = (graph: Graph): readonly string[] => graph.summary.limits.map((limit) => limit.name);

describe('a walk through content that no honest place could hold (bar, check 13)', () => {
  it('ends in a circle of indexes', async () => {
    const place = new MemoryPlace();
    store(place, 1, { mediaType: MEDIA_TYPES.index, manifests: [pointer(2)] }, 'v1');
    store(place, 2, { mediaType: MEDIA_TYPES.index, manifests: [pointer(3)] });
    store(place, 3, { mediaType: MEDIA_TYPES.index, manifests: [pointer(1)] });
    const graph = await walk(place);
    expect(graph.nodes).toHaveLength(3);
    expect(graph.edges).toHaveLength(3);
    expect(place.requests.filter((request) => request.startsWith('manifest'))).toHaveLength(3);
  });

  it('ends at content that names itself as child or subject', async () => {
    const place = new MemoryPlace();
    store(
      place,
      1,
      { mediaType: MEDIA_TYPES.index, manifests: [pointer(1), pointer(2, MEDIA_TYPES.manifest)] },
      'v1',
    );
    store(
      place,
      2,
      imageManifest({ config: place.blob('{}'), layers: [], subject: pointer(2, MEDIA_TYPES.manifest) }),
    );
    place.list(falseDigest(2), pointer(2, MEDIA_TYPES.manifest));
    const graph = await walk(place);
    expect(graph.edges.map((edge) => edge.via)).toEqual([['child'], ['config']]);
  });

  it('ends in a circle of subjects', async () => {
    const place = new MemoryPlace();
    for (const [number, subject] of [
      [1, 2],
      [2, 3],
      [3, 1],
    ] as const) {
      store(
        place,
        number,
        imageManifest({
          config: place.blob('{}'),
          layers: [],
          subject: pointer(subject, MEDIA_TYPES.manifest),
        }),
      );
      place.list(falseDigest(subject), pointer(number, MEDIA_TYPES.manifest));
    }
    place.tags.set('v1', falseDigest(1));
    const graph = await walk(place);
    expect(graph.edges.filter((edge) => edge.via.includes('referrers-api'))).toHaveLength(3);
  });

  it('stops at the depth limit of a chain of 200 indexes, names it, and shows where it stopped', async () => {
    const place = new MemoryPlace();
    for (let number = 0; number < 200; number++) {
      store(
        place,
        number,
        { mediaType: MEDIA_TYPES.index, manifests: [pointer(number + 1)] },
        number === 0 ? 'v1' : undefined,
      );
    }
    const graph = await walk(place);
    expect(graph.nodes).toHaveLength(WALK_DEPTH_LIMIT + 2);
    expect(graph.nodes.at(-1)).toMatchObject({ state: 'limited', error: { code: 'LIMIT' } });
    expect(limitsOf(graph)).toEqual(['depth']);
    expect(graph.summary.complete).toBe(false);
  });

  it('stops at the depth limit of a chain of 200 referrers', async () => {
    const place = new MemoryPlace();
    let subject = place.image('app', 'v1');
    for (let number = 0; number < 200; number++)
      subject = place.attach(subject, MEDIA_TYPES.sarif, `note ${number}`);
    const graph = await walk(place);
    expect(graph.nodes.filter((node) => node.kind === 'sarif')).toHaveLength(WALK_DEPTH_LIMIT + 1);
    expect(limitsOf(graph)).toEqual(['depth']);
  });

  it('visits each node of a diamond of 2^20 ways once', async () => {
    const place = new MemoryPlace();
    const levels = 20;
    for (let level = 0; level < levels; level++) {
      for (const side of [0, 1]) {
        const below = [pointer(2 * (level + 1)), pointer(2 * (level + 1) + 1)];
        store(place, 2 * level + side, {
          mediaType: MEDIA_TYPES.index,
          manifests: level === levels - 1 ? [] : below,
        });
      }
    }
    place.tags.set('v1', falseDigest(0));
    const graph = await walk(place, { limits: { depth: levels } });
    expect(graph.nodes).toHaveLength(2 * levels - 1);
    expect(place.requests.filter((request) => request.startsWith('manifest'))).toHaveLength(2 * levels - 1);
    expect(graph.summary.limits).toEqual([]);
  });

  it('takes the shorter way to a node that it met on a long one first', async () => {
    const place = new MemoryPlace();
    for (let number = 1; number < 5; number++)
      store(place, number, { mediaType: MEDIA_TYPES.index, manifests: [pointer(number + 1)] });
    store(place, 5, { mediaType: MEDIA_TYPES.index, manifests: [pointer(7)] });
    store(place, 6, { mediaType: MEDIA_TYPES.index, manifests: [pointer(5)] });
    store(place, 7, { mediaType: MEDIA_TYPES.index, manifests: [] });
    store(place, 0, { mediaType: MEDIA_TYPES.index, manifests: [pointer(1), pointer(6)] }, 'v1');
    // 0 → 6 → 5 → 7 is short but slow; 0 → 1 → 2 → 3 → 4 → 5 is long and quick.
    const target = place.target(withApi);
    const slow: typeof target = {
      ...target,
      async fetchManifest(reference, options) {
        const wait = typeof reference !== 'string' && reference.digest === falseDigest(6) ? 50 : 0;
        await new Promise((resolve) => setTimeout(resolve, wait));
        return target.fetchManifest(reference, options);
      },
    };
    const graph = await walk(place, { target: slow, limits: { depth: 4 } });
    expect(graph.nodes.every((node) => node.state === 'damaged' || node.state === 'ok')).toBe(true);
    expect(graph.nodes).toHaveLength(8);
    expect(graph.summary.limits).toEqual([]);
  });

  it('reads no more manifests than its limit, and shows the rest of 5,000 referrers as not read', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    for (let number = 0; number < 5_000; number++) place.attach(image, MEDIA_TYPES.sarif, `note ${number}`);
    const before = process.memoryUsage().rss;
    const started = performance.now();
    let shown = 0;
    const onStep = (step: GraphStep): void => void (shown += step.nodes.length);

    const graph = await walk(place, { limits: { manifests: 1_000 }, onStep });

    expect(performance.now() - started).toBeLessThan(10_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
    const referrers = graph.nodes.filter((node) =>
      graph.edges.some((edge) => edge.from === node.digest && edge.to === image.digest),
    );
    expect(referrers).toHaveLength(5_000);
    expect(referrers.filter((node) => node.state === 'limited')).toHaveLength(4_001);
    expect(limitsOf(graph)).toEqual(['manifests']);
    expect(shown).toBeGreaterThanOrEqual(graph.nodes.length);
    expect(place.requests.filter((request) => request.startsWith('manifest'))).toHaveLength(1_000);
  });

  it('follows no more descriptors than its limit, in manifests and in listings of referrers', async () => {
    const place = new MemoryPlace();
    const layers = Array.from({ length: 500 }, (_, number) => place.blob(`layer ${number}`));
    const image = place.manifest(
      imageManifest({ config: place.blob('{}', MEDIA_TYPES.imageConfig), layers }),
      { tag: 'v1' },
    );
    const graph = await walk(place, { limits: { descriptors: 100 } });
    expect(graph.nodes).toHaveLength(101);
    expect(graph.nodes[0]).toMatchObject({ state: 'limited', kind: 'image', error: { code: 'LIMIT' } });
    expect(limitsOf(graph)).toEqual(['descriptors']);

    for (let number = 0; number < 500; number++) place.attach(image, MEDIA_TYPES.sarif, `note ${number}`);
    const wide = await walk(place, { limits: { descriptors: 600 } });
    expect(wide.nodes.length).toBeLessThan(602);
    expect(limitsOf(wide)).toEqual(['descriptors']);
  });

  it('reads no more bytes of manifests than its limit', async () => {
    const place = new MemoryPlace();
    const children = Array.from({ length: 10 }, (_, number) =>
      place.manifest(
        imageManifest({
          config: place.blob(`${number}`),
          layers: [],
          annotations: { text: 'x'.repeat(1000) },
        }),
      ),
    );
    place.index(children, 'v1');
    const graph = await walk(place, { limits: { manifestBytes: 6_000 } });
    expect(graph.nodes.filter((node) => node.state === 'limited').length).toBeGreaterThan(4);
    expect(limitsOf(graph)).toEqual(['manifest bytes']);
  });

  it('keeps claims of thousands of strangers out of the graph', async () => {
    const place = new MemoryPlace();
    const image = place.image('app', 'v1');
    const other = place.image('other');
    for (let number = 0; number < 300; number++)
      place.list(image.digest, place.attach(other, MEDIA_TYPES.sarif, `note ${number}`));
    const graph = await walk(place);
    expect(graph.nodes).toHaveLength(3);
    expect(graph.edges).toHaveLength(2);
  });
});
