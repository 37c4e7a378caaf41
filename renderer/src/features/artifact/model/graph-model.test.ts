import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applySteps, EMPTY_GRAPH, type GraphModel } from './graph-model.ts';

const digest = fc.integer({ min: 0, max: 12 }).map((number) => `sha256:${String(number).padStart(64, '0')}`);

const step = fc.record({
  nodes: fc.array(
    fc.record({
      digest,
      mediaType: fc.constantFrom('a/b', 'c/d'),
      size: fc.nat(),
      kind: fc.constantFrom('image' as const, 'sarif' as const),
      tags: fc.array(fc.string(), { maxLength: 2 }),
      state: fc.constantFrom('pending' as const, 'ok' as const),
      title: fc.string(),
    }),
    { maxLength: 5 },
  ),
  edges: fc.array(
    fc.record({
      from: digest,
      to: digest,
      via: fc.subarray(['child', 'referrers-api', 'cosign-tag'] as const),
    }),
    { maxLength: 5 },
  ),
  lookups: fc.array(
    fc.record({
      subject: digest,
      source: fc.constantFrom('referrers-api' as const, 'fallback-tag' as const),
      outcome: fc.constantFrom('unsupported' as const, 'failed' as const),
    }),
    { maxLength: 3 },
  ),
  pending: fc.nat(),
});

function plain(model: GraphModel): unknown {
  return {
    nodes: [...model.nodes],
    edges: [...model.edges],
    lookups: [...model.lookups],
    pending: model.pending,
  };
}

describe('applySteps', () => {
  it('gives the same model whatever the batches in which the same steps came', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 12 }),
        fc.array(fc.nat(12), { maxLength: 6 }),
        (steps, cuts) => {
          const whole = applySteps(EMPTY_GRAPH, steps);
          let split = EMPTY_GRAPH;
          let from = 0;
          for (const cut of [...cuts.sort((a, b) => a - b), steps.length]) {
            split = applySteps(split, steps.slice(from, Math.max(from, cut)));
            from = Math.max(from, cut);
          }
          expect(plain(split)).toEqual(plain(whole));
        },
      ),
    );
  });

  it('replaces a node by its digest and keeps its place', () => {
    const node = {
      digest: 'sha256:1',
      mediaType: 'a/b',
      size: 1,
      kind: 'image' as const,
      tags: [],
      title: 'One',
    };
    const other = { ...node, digest: 'sha256:2', state: 'ok' as const };
    const rest = { edges: [], lookups: [], pending: 0 };
    const model = applySteps(EMPTY_GRAPH, [
      { ...rest, nodes: [{ ...node, state: 'pending' }, other] },
      { ...rest, nodes: [{ ...node, state: 'ok' }] },
    ]);
    expect([...model.nodes.values()].map(({ digest: id, state }) => [id, state])).toEqual([
      ['sha256:1', 'ok'],
      ['sha256:2', 'ok'],
    ]);
  });

  it('leaves the model before as it was, and is that model where there are no steps', () => {
    const before = applySteps(EMPTY_GRAPH, []);
    expect(before).toBe(EMPTY_GRAPH);
    applySteps(before, [
      { nodes: [], edges: [{ from: 'a', to: 'b', via: ['child'] }], lookups: [], pending: 3 },
    ]);
    expect(before.edges.size).toBe(0);
  });
});
