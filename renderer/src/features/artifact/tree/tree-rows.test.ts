import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EdgeVia, NodeKind } from '../../../../../shared/contract/graph-words.ts';
import type { GraphEdge, GraphNode } from '../../../../../shared/contract/graph.ts';
import { applySteps, EMPTY_GRAPH } from '../model/graph-model.ts';
import { pictureSource, type PictureSource } from '../model/picture-source.ts';
import { placeNodes } from '../model/placement.ts';
import { linksByLeft } from '../model/sibling-order.ts';
import { rowTitle } from './row-words.ts';
import { keysAbove, treeRows, type TreeRow } from './tree-rows.ts';

type EdgeText = readonly [from: string, to: string, ...via: EdgeVia[]];

function node(digest: string, kind: NodeKind = 'other'): GraphNode {
  return { digest, mediaType: 'a/b', size: 10, kind, tags: [], state: 'ok', title: digest };
}

function source(nodes: readonly GraphNode[], edges: readonly EdgeText[], root?: string): PictureSource {
  const list = edges.map(([from, to, ...via]): GraphEdge => ({ from, to, via }));
  const model = applySteps(EMPTY_GRAPH, [{ nodes: [...nodes], edges: list, lookups: [], pending: 0 }]);
  return pictureSource(model, root === undefined ? [] : [root]);
}

function rowsOf(
  from: PictureSource,
  toggled: readonly string[] = [],
  contentShown = false,
): readonly TreeRow[] {
  const placement = placeNodes([...from.nodes.keys()], from.links, from.roots);
  const beside = linksByLeft(from.links, true, from.sortables);
  return treeRows({ nodes: from.nodes, beside, placement, toggled: new Set(toggled), contentShown });
}

function outline(rows: readonly TreeRow[]): string[] {
  return rows.map(
    (row) =>
      `${'  '.repeat(row.level - 1)}${rowTitle(row)}${row.type === 'reference' ? ` (${row.place})` : ''}`,
  );
}

const IMAGE = source(
  [
    node('index', 'index'),
    node('image', 'image'),
    node('config', 'config'),
    node('layer', 'layer'),
    node('sbom', 'sbom-spdx'),
    node('sarif', 'sarif'),
  ],
  [
    ['index', 'image', 'child'],
    ['image', 'config', 'config'],
    ['image', 'layer', 'layer'],
    ['sbom', 'image', 'referrers-api'],
    ['sarif', 'sbom', 'fallback-tag'],
  ],
);

describe('treeRows', () => {
  it('shows children, folded content and what is attached, each under what it belongs to', () => {
    expect(outline(rowsOf(IMAGE))).toEqual([
      'index',
      '  image',
      '    Config and 1 layer',
      '    sbom',
      '      sarif',
    ]);
  });

  it('unfolds config and layers on request, for one manifest or for all', () => {
    const unfolded = [
      'index',
      '  image',
      '    Config and 1 layer',
      '      config',
      '      layer',
      '    sbom',
      '      sarif',
    ];
    expect(outline(rowsOf(IMAGE, ['content image']))).toEqual(unfolded);
    expect(outline(rowsOf(IMAGE, [], true))).toEqual(unfolded);
    expect(outline(rowsOf(IMAGE, ['content image'], true))).toEqual(outline(rowsOf(IMAGE)));
  });

  it('shows a node of two parents once, and refers to that place elsewhere', () => {
    const diamond = source(
      [node('index', 'index'), node('a', 'image'), node('b', 'image'), node('shared', 'sbom-spdx')],
      [
        ['index', 'a', 'child'],
        ['index', 'b', 'child'],
        ['shared', 'a', 'referrers-api'],
        ['shared', 'b', 'referrers-api'],
      ],
    );
    expect(outline(rowsOf(diamond))).toEqual(['index', '  a', '    shared', '  b', '    shared (above)']);
  });

  it('shows a BuildKit attestation under its image, and refers to it from the index', () => {
    const buildkit = source(
      [node('index', 'index'), node('attestation', 'attestation'), node('image', 'image')],
      [
        ['index', 'attestation', 'child'],
        ['index', 'image', 'child'],
        ['attestation', 'image', 'buildkit-attestation'],
      ],
    );
    expect(outline(rowsOf(buildkit))).toEqual([
      'index',
      '  attestation (below)',
      '  image',
      '    attestation',
    ]);
  });

  it('ends a circle of subjects with a reference to where it began', () => {
    const circle = source(
      [node('a'), node('b'), node('c')],
      [
        ['b', 'a', 'referrers-api'],
        ['c', 'b', 'referrers-api'],
        ['a', 'c', 'referrers-api'],
      ],
      'b',
    );
    expect(outline(rowsOf(circle))).toEqual(['b', '  c', '    a', '      b (above)']);
  });

  it('leaves out what is under a closed row', () => {
    expect(outline(rowsOf(IMAGE, ['sbom']))).toEqual([
      'index',
      '  image',
      '    Config and 1 layer',
      '    sbom',
    ]);
    expect(outline(rowsOf(IMAGE, ['index']))).toEqual(['index']);
  });

  const graphs = fc
    .array(fc.tuple(fc.nat(), fc.boolean()), { minLength: 1, maxLength: 40 })
    .chain((plan) =>
      fc.tuple(
        fc.constant(plan),
        fc.array(fc.tuple(fc.nat(plan.length - 1), fc.nat(plan.length - 1)), { maxLength: 15 }),
      ),
    )
    .map(([plan, extra]) =>
      source(
        plan.map((_, index) => node(`n${index}`, index % 3 === 0 ? 'layer' : 'image')),
        [
          ...plan.slice(1).map(([parent, attached], index): EdgeText => {
            const [self, other] = [`n${index + 1}`, `n${parent % (index + 1)}`];
            return attached
              ? [self, other, 'referrers-api']
              : [other, self, (index + 1) % 3 === 0 ? 'layer' : 'child'];
          }),
          ...extra.map(([from, to]): EdgeText => [`n${from}`, `n${to}`, 'cosign-tag']),
        ],
      ),
    );

  it('gives every node exactly one row of its own and every row a key of its own, in any graph', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const rows = rowsOf(graph, [], true);
        const own = rows.flatMap((row) => (row.type === 'node' ? [row.node.digest] : []));
        expect(own.sort()).toEqual([...graph.nodes.keys()].sort());
        expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
      }),
      { numRuns: 300 },
    );
  });

  it('has a row for every link, counts siblings right, and steps down one level at a time', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const rows = rowsOf(graph, [], true);
        const tops = rows.filter((row) => row.level === 1).length;
        expect(rows.filter((row) => row.type !== 'content')).toHaveLength(graph.links.length + tops);
        let before = 0;
        for (const row of rows) {
          expect(row.level).toBeLessThanOrEqual(before + 1);
          before = row.level;
          const siblings = rows.filter((other) => other.parent === row.parent);
          expect(siblings).toHaveLength(row.siblings);
          expect(siblings[row.position - 1]?.key).toBe(row.key);
        }
      }),
    );
  });

  it('names what must be open for a node to be seen', () => {
    const placement = placeNodes([...IMAGE.nodes.keys()], IMAGE.links, IMAGE.roots);
    expect(keysAbove('layer', placement)).toEqual(['index', 'image', 'content image']);
  });
});
