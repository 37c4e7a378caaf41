import { describe, expect, it } from 'vitest';
import type { GraphNode, GraphStep, GraphSummary } from '../../../shared/contract/graph.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { recognise } from '../../artifacts/recognise.ts';
import { walkGraph } from '../../content/walk-graph.ts';
import { MemoryPlace } from '../../testing/memory-target.ts';
import { collectGraph, type CollectedGraph } from './collect-graph.ts';
import { graphOutput } from './graph-json.ts';
import { graphTree } from './graph-tree.ts';

const SUMMARY: GraphSummary = {
  root: 'sha256:a',
  roots: ['sha256:a'],
  complete: true,
  problems: 0,
  limits: [],
};

const node = (digest: string, more: Partial<GraphNode> = {}): GraphNode => ({
  digest,
  mediaType: 'a/b',
  size: 7,
  kind: 'other',
  tags: [],
  state: 'ok',
  title: digest.slice(-1).toUpperCase(),
  ...more,
});

function graphOf(step: Partial<GraphStep>): CollectedGraph {
  const graph = collectGraph();
  graph.add({ nodes: [], edges: [], lookups: [], pending: 0, ...step });
  return graph;
}

describe('JSON of a graph', () => {
  it('has exactly the fields of a node that scripts may rely on, and no others', () => {
    const graph = graphOf({
      nodes: [
        node('sha256:a', {
          artifactType: 'x/y',
          predicateType: 'p',
          title: 'T',
          annotations: { a: 'b' },
          configMediaType: 'c/d',
          platform: { os: 'o', architecture: 'a' },
          tags: ['1'],
        }),
        node('sha256:b'),
      ],
      edges: [{ from: 'sha256:a', to: 'sha256:b', via: ['child'] }],
    });
    expect(graphOutput(graph, SUMMARY)).toEqual({
      root: 'sha256:a',
      nodes: [
        {
          digest: 'sha256:a',
          mediaType: 'a/b',
          artifactType: 'x/y',
          size: 7,
          kind: 'other',
          predicateType: 'p',
          tags: ['1'],
          state: 'ok',
        },
        {
          digest: 'sha256:b',
          mediaType: 'a/b',
          artifactType: null,
          size: 7,
          kind: 'other',
          tags: [],
          state: 'ok',
        },
      ],
      edges: [{ from: 'sha256:a', to: 'sha256:b', via: ['child'] }],
      roots: ['sha256:a'],
    });
  });

  it('takes the last word of the steps about a node and an edge', () => {
    const graph = graphOf({
      nodes: [node('sha256:a', { state: 'pending' }), node('sha256:b')],
      edges: [{ from: 'sha256:b', to: 'sha256:a', via: ['fallback-tag'] }],
    });
    graph.add({
      nodes: [node('sha256:a')],
      edges: [{ from: 'sha256:b', to: 'sha256:a', via: ['referrers-api', 'fallback-tag'] }],
      lookups: [],
      pending: 0,
    });
    const { nodes, edges } = graphOutput(graph, SUMMARY);
    expect(nodes.map(({ state }) => state)).toEqual(['ok', 'ok']);
    expect(edges).toEqual([{ from: 'sha256:b', to: 'sha256:a', via: ['referrers-api', 'fallback-tag'] }]);
  });

  it('comes in one order, whichever answer came first', async () => {
    const outputs = await Promise.all(
      [0, 1].map(async (reverse) => {
        const place = new MemoryPlace();
        const images = ['a', 'b', 'c'].map((name) => place.image(name));
        const index = place.index(images, 'v1');
        for (const image of reverse === 0 ? images : images.toReversed()) {
          place.attach(image, MEDIA_TYPES.spdxJson);
          place.attach(image, MEDIA_TYPES.sarif);
        }
        const graph = collectGraph();
        const onStep = (step: GraphStep): void =>
          graph.add(reverse === 0 ? step : { ...step, nodes: step.nodes.toReversed() });
        const target = place.target({ referrers: 'referrers-api' });
        const { summary } = await walkGraph({
          target,
          reference: 'v1',
          recognise,
          signal: new AbortController().signal,
          onStep,
        });
        expect(summary.root).toBe(index.digest);
        return graphOutput(graph, summary);
      }),
    );
    expect(outputs[1]).toEqual(outputs[0]);
  });

  it('says null for the root of a layout that lists nothing', () => {
    expect(graphOutput(graphOf({}), { ...SUMMARY, root: '', roots: [] })).toEqual({
      root: null,
      nodes: [],
      edges: [],
    });
  });
});

describe('tree of a graph', () => {
  it('shows what a manifest names, then what refers to it and how that was found', () => {
    const graph = graphOf({
      nodes: [
        node('sha256:a', { title: 'Image index', tags: ['1.0', 'latest'] }),
        node('sha256:b', { title: 'linux/amd64' }),
        node('sha256:c', { title: 'SBOM · SPDX' }),
        node('sha256:d', { title: 'Cosign signature' }),
      ],
      edges: [
        { from: 'sha256:a', to: 'sha256:b', via: ['child'] },
        { from: 'sha256:c', to: 'sha256:a', via: ['referrers-api', 'fallback-tag'] },
        { from: 'sha256:d', to: 'sha256:c', via: ['cosign-tag'] },
      ],
    });
    expect(graphTree(graph, SUMMARY)).toBe(
      [
        'Image index  sha256:a  7 B  [1.0, latest]',
        '├─ linux/amd64  b  7 B',
        '└─ ◂ referrers API, fallback tag: SBOM · SPDX  c  7 B',
        '   └─ ◂ cosign tag: Cosign signature  d  7 B',
        '',
        '4 nodes, 3 edges',
        '',
      ].join('\n'),
    );
  });

  it('goes up to the subject when the walk began at a referrer, and shows nothing twice', () => {
    const graph = graphOf({
      nodes: [node('sha256:a'), node('sha256:b'), node('sha256:c')],
      edges: [
        { from: 'sha256:a', to: 'sha256:b', via: ['referrers-api'] },
        { from: 'sha256:b', to: 'sha256:c', via: ['layer'] },
        { from: 'sha256:a', to: 'sha256:c', via: ['layer'] },
      ],
    });
    expect(graphTree(graph, SUMMARY).split('\n').slice(0, 4)).toEqual([
      'A  sha256:a  7 B',
      '├─ C  c  7 B',
      '└─ subject: B  b  7 B',
      '   └─ C  c  (see above)',
    ]);
  });

  it('says at each node what is wrong with it, and at the end what is not whole', () => {
    const graph = graphOf({
      nodes: [
        node('sha256:a', { state: 'missing', error: { code: 'MISSING', message: 'It is not there.' } }),
        node('sha256:b', { state: 'unchecked' }),
      ],
      edges: [{ from: 'sha256:a', to: 'sha256:b', via: ['layer'] }],
      lookups: [
        {
          subject: 'sha256:a',
          source: 'referrers-api',
          outcome: 'failed',
          error: { code: 'TIMEOUT', message: 'Nothing came.' },
        },
        { subject: 'sha256:a', source: 'fallback-tag', outcome: 'unsupported', reason: 'no' },
      ],
    });
    const summary = {
      ...SUMMARY,
      complete: false,
      problems: 1,
      limits: [{ name: 'depth', limit: 16, message: 'Deeper than 16 edges was not read.' }],
    };
    expect(graphTree(graph, summary).split('\n')).toEqual([
      'A  sha256:a  7 B  ✗ missing: It is not there.',
      '└─ B  b  7 B',
      '',
      '2 nodes, 1 edge, 1 problem',
      'Deeper than 16 edges was not read.',
      'Could not look for referrers of a (referrers API): Nothing came.',
      '',
    ]);
  });

  it('makes every control of a foreign text visible, and takes no line break from it', () => {
    const evil = '\u001b]0;owned\u0007\nroot\u202e';
    const graph = graphOf({
      nodes: [
        node('sha256:a', {
          title: evil,
          tags: [evil],
          predicateType: `p${evil}`,
          state: 'failed',
          error: { code: 'PROTOCOL', message: evil },
        }),
      ],
      lookups: [
        {
          subject: 'sha256:a',
          source: 'cosign-tag',
          outcome: 'failed',
          error: { code: 'PROTOCOL', message: evil },
        },
      ],
    });
    const text = graphTree(graph, { ...SUMMARY, limits: [{ name: 'x', limit: 1, message: evil }] });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text.split('\n')).toHaveLength(6);
  });

  it('ends with a cycle and with a chain of ten thousand', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `sha256:${index}`);
    const edges = names.map((from, index) => ({
      from,
      to: names[(index + 1) % names.length]!,
      via: ['child' as const],
    }));
    const graph = graphOf({ nodes: names.map((digest) => node(digest)), edges });
    const text = graphTree(graph, { ...SUMMARY, roots: ['sha256:0'] });
    expect(text).toContain('(see above)');
    expect(text).toContain('10000 nodes, 10000 edges');
  });
});
