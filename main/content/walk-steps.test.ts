import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { GraphEdge, GraphNode, GraphStep } from '../../shared/contract/graph.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { recognise } from '../artifacts/recognise.ts';
import { MemoryPlace, type MemoryTargetOptions } from '../testing/memory-target.ts';
import { WALK_CONCURRENCY, WALK_STEP_SIZE } from './limits.ts';
import { walkGraph, type Graph, type WalkGraphOptions } from './walk-graph.ts';

const withApi: MemoryTargetOptions = { referrers: 'referrers-api' };

function walk(
  place: MemoryPlace,
  target: MemoryTargetOptions,
  options: Partial<WalkGraphOptions> = {},
): Promise<Graph> {
  const { signal } = new AbortController();
  return walkGraph({ target: place.target(target), reference: 'v1', recognise, signal, ...options });
}

/** An image with `counts[0]` referrers, which have `counts[1]` referrers among them, and so on. */
function tree(place: MemoryPlace, counts: readonly number[]): void {
  let level: Descriptor[] = [place.image('app', 'v1')];
  for (const [depth, count] of counts.entries()) {
    level = Array.from({ length: count }, (_, number) =>
      place.attach(level[number % level.length]!, MEDIA_TYPES.sarif, `${depth} ${number}`),
    );
  }
}

/** What a window has after it applied all steps. */
function apply(steps: readonly GraphStep[]): {
  nodes: Map<string, GraphNode>;
  edges: Map<string, GraphEdge>;
} {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  for (const step of steps) {
    for (const node of step.nodes) nodes.set(node.digest, node);
    for (const edge of step.edges) edges.set(`${edge.from} ${edge.to}`, edge);
  }
  return { nodes, edges };
}

describe('a growing graph', () => {
  it('is whole once every step was applied, and steps lead nowhere that is unknown', async () => {
    const place = new MemoryPlace();
    tree(place, [10, 30, 60]);
    const steps: GraphStep[] = [];

    const graph = await walk(place, { ...withApi, delay: 5 }, { onStep: (step) => steps.push(step) });

    const { nodes, edges } = apply(steps);
    const sorted = <Value>(values: Iterable<Value>): string[] =>
      [...values].map((value) => JSON.stringify(value)).sort();
    expect(sorted(nodes.values())).toEqual(sorted(graph.nodes));
    expect(sorted(edges.values())).toEqual(sorted(graph.edges));
    expect(steps.length).toBeGreaterThan(3);
    expect(steps.at(-1)?.pending).toBe(0);
    for (let count = 1; count <= steps.length; count++) {
      const known = apply(steps.slice(0, count));
      for (const edge of known.edges.values())
        expect(known.nodes.has(edge.from) && known.nodes.has(edge.to)).toBe(true);
    }
  });

  it('shows children as soon as their index is read, while they are still being read', async () => {
    const place = new MemoryPlace();
    const image = place.image('app');
    place.index([{ ...image, platform: { os: 'linux', architecture: 'arm64' } }], 'v1');
    const steps: GraphStep[] = [];
    await walk(place, { ...withApi, delay: 40 }, { onStep: (step) => steps.push(step) });
    const states = steps.flatMap((step) => step.nodes).filter((node) => node.digest === image.digest);
    expect(states[0]).toMatchObject({ state: 'pending', kind: 'image', title: 'linux/arm64' });
    expect(states.at(-1)).toMatchObject({ state: 'ok', kind: 'image', title: 'linux/arm64' });
  });

  it('never leaves a node pending', async () => {
    const place = new MemoryPlace();
    tree(place, [5, 10]);
    const graph = await walk(place, { ...withApi, inspectBlobs: true });
    expect(graph.nodes.filter((node) => node.state === 'pending')).toEqual([]);
  });

  it('comes in steps of a bounded size', async () => {
    const place = new MemoryPlace();
    tree(place, [2_500]);
    const steps: GraphStep[] = [];
    await walk(place, withApi, { onStep: (step) => steps.push(step), limits: { manifests: 10 } });
    expect(Math.max(...steps.map((step) => step.nodes.length + step.edges.length))).toBeLessThanOrEqual(
      WALK_STEP_SIZE,
    );
  });

  it('comes in the same order whichever answer was first', async () => {
    const place = new MemoryPlace();
    tree(place, [6, 12]);
    const quick = await walk(place, withApi);
    const target = place.target(withApi);
    const shuffled: typeof target = {
      ...target,
      async fetchManifest(reference, options) {
        await pause(Math.random() * 10);
        return target.fetchManifest(reference, options);
      },
    };
    const slow = await walk(place, withApi, { target: shuffled });
    expect(slow.nodes.map((node) => node.digest)).toEqual(quick.nodes.map((node) => node.digest));
    expect(slow.edges).toEqual(quick.edges);
  });
});

describe('the questions of a walk', () => {
  it('run many at once and never more than allowed', async () => {
    const place = new MemoryPlace();
    tree(place, [60]);
    await walk(place, { ...withApi, delay: 2 });
    expect(place.mostRunning).toBe(WALK_CONCURRENCY);

    const other = new MemoryPlace();
    tree(other, [20]);
    await walk(other, { ...withApi, delay: 2 }, { concurrency: 3 });
    expect(other.mostRunning).toBe(3);
  });

  it('need a few round trips for 100 referrers over three levels, not one for each', async () => {
    const place = new MemoryPlace();
    tree(place, [10, 30, 60]);
    const delay = 50;
    const started = performance.now();
    const graph = await walk(place, { ...withApi, delay });
    const roundTrips = (performance.now() - started) / delay;
    expect(graph.nodes.filter((node) => node.kind === 'sarif')).toHaveLength(100);
    // One after the other they would be more than 200. The goal is 14; on a busy machine timers are late.
    expect(roundTrips).toBeLessThan(25);
  });

  it.each([0, 1, 5, 20, 45, 80])('all stop when the walk is cancelled after %i ms', async (after) => {
    const place = new MemoryPlace();
    tree(place, [10, 30, 60]);
    const controller = new AbortController();
    let steps = 0;
    const walking = walk(
      place,
      { ...withApi, delay: 15 },
      { signal: controller.signal, onStep: () => (steps += 1) },
    );
    const cancelledAt = pause(after).then(() => {
      controller.abort();
      return performance.now();
    });
    await expect(walking).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(performance.now() - (await cancelledAt)).toBeLessThan(100);

    const { length } = place.requests;
    const stepsThen = steps;
    await pause(60);
    expect(place.running).toBe(0);
    expect(place.requests).toHaveLength(length);
    expect(steps).toBe(stepsThen);
  });

  it('are not begun when the walk was cancelled before it began', async () => {
    const place = new MemoryPlace();
    tree(place, [1]);
    await expect(walk(place, withApi, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(place.requests).toEqual([]);
  });

  it('stop when whoever takes the steps fails', async () => {
    const place = new MemoryPlace();
    tree(place, [10, 30]);
    const onStep = (): void => {
      throw new Error('The window is gone.');
    };
    await expect(walk(place, { ...withApi, delay: 10 }, { onStep })).rejects.toThrow('The window is gone.');
    const { length } = place.requests;
    await pause(40);
    expect(place.requests).toHaveLength(length);
  });

  it('stop when the reference does not exist', async () => {
    const place = new MemoryPlace();
    tree(place, [1]);
    await expect(walk(place, { ...withApi, delay: 5 }, { reference: 'v2' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await pause(20);
    expect(place.running).toBe(0);
  });
});
