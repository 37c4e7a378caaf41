import { describe, expect, it } from 'vitest';
import type { EdgeVia } from '../../../../../shared/contract/graph-words.ts';
import type { GraphEdge, GraphNode } from '../../../../../shared/contract/graph.ts';
import { applySteps, EMPTY_GRAPH, type GraphModel } from './graph-model.ts';
import { foundByWords, linksOf } from './links.ts';

function graph(
  ids: readonly string[],
  edges: readonly (readonly [from: string, to: string, ...via: EdgeVia[]])[],
): GraphModel {
  const nodes = ids.map((digest): GraphNode => ({
    digest,
    mediaType: 'a/b',
    size: 1,
    kind: 'other',
    tags: [],
    state: 'ok',
    title: digest,
  }));
  const list = edges.map(([from, to, ...via]): GraphEdge => ({ from, to, via }));
  return applySteps(EMPTY_GRAPH, [{ nodes, edges: list, lookups: [], pending: 0 }]);
}

describe('linksOf', () => {
  it('turns children to the right of their parent and referrers to the right of their subject', () => {
    expect(
      linksOf(
        graph(
          ['index', 'image', 'sbom'],
          [
            ['index', 'image', 'child'],
            ['sbom', 'image', 'referrers-api', 'fallback-tag'],
          ],
        ),
      ),
    ).toEqual([
      { left: 'index', right: 'image', form: 'child', vias: ['child'] },
      { left: 'image', right: 'sbom', form: 'referrer', vias: ['referrers-api', 'fallback-tag'] },
    ]);
  });

  it('makes one link of an index that names an attestation which refers back to it', () => {
    expect(
      linksOf(
        graph(
          ['index', 'attestation'],
          [
            ['index', 'attestation', 'child'],
            ['attestation', 'index', 'layout-link'],
          ],
        ),
      ),
    ).toEqual([{ left: 'index', right: 'attestation', form: 'child', vias: ['child', 'layout-link'] }]);
  });

  it('keeps an edge that only the referrer itself states, and says so', () => {
    const [link] = linksOf(graph(['image', 'sbom'], [['sbom', 'image']]));
    expect(link).toEqual({ left: 'image', right: 'sbom', form: 'referrer', vias: [] });
    expect(foundByWords(link!)).toEqual(['its own subject field']);
  });

  it('leaves out edges to what is not known yet, and of a node to itself', () => {
    expect(
      linksOf(
        graph(
          ['a'],
          [
            ['a', 'later', 'child'],
            ['a', 'a', 'referrers-api'],
          ],
        ),
      ),
    ).toEqual([]);
  });
});
