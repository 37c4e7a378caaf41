import { describe, expect, it } from 'vitest';
import type { NodeKind } from '../../../../../shared/contract/graph-words.ts';
import { arrange } from '../layout/arrange.ts';
import type { ArrangeInput } from '../layout/arrangement.ts';
import type { Link } from '../model/links.ts';
import { graphStops, type Direction } from './graph-stops.ts';

function input(
  kinds: Readonly<Record<string, NodeKind>>,
  links: readonly (readonly [string, string])[],
): ArrangeInput {
  const nodes = Object.entries(kinds).map(([id, kind]) => ({ id, kind, family: kind, sortText: id }));
  const list = links.map(([left, right]): Link => ({
    left,
    right,
    form: 'referrer',
    vias: ['referrers-api'],
  }));
  return {
    nodes,
    links: list,
    roots: nodes.slice(0, 1).map(({ id }) => id),
    openClusters: [],
    settled: true,
  };
}

function way(
  stops: ReturnType<typeof graphStops>,
  from: string,
  ...directions: readonly Direction[]
): (string | undefined)[] {
  let at: string | undefined = from;
  return directions.map((direction) => (at = at === undefined ? undefined : stops.move(at, direction)));
}

describe('graphStops', () => {
  const stops = graphStops(
    arrange(
      input(
        {
          image: 'image',
          sbom: 'sbom-spdx',
          signature: 'signature-cosign',
          sarif: 'sarif',
          seal: 'signature-cosign',
        },
        [
          ['image', 'sbom'],
          ['image', 'signature'],
          ['sbom', 'sarif'],
          ['sarif', 'seal'],
        ],
      ),
    ),
  );

  it('goes right along the lines, and left back to where they come from', () => {
    expect(way(stops, 'image', 'right', 'right')).toEqual(['sbom', 'sarif']);
    expect(way(stops, 'sarif', 'left', 'left')).toEqual(['sbom', 'image']);
  });

  it('goes up and down to the neighbours in the column', () => {
    expect(way(stops, 'sbom', 'down', 'up')).toEqual(['signature', 'sbom']);
    expect(way(stops, 'sbom', 'last', 'first')).toEqual(['signature', 'sbom']);
  });

  it('reaches the signature above a report from the report, and the report from it', () => {
    expect(way(stops, 'sarif', 'up', 'down')).toEqual(['seal', 'sarif']);
    expect(way(stops, 'seal', 'left')).toEqual(['sarif']);
    expect(way(stops, 'sarif', 'right')).toEqual(['seal']);
  });

  it('stays where there is nothing further', () => {
    expect(stops.move('image', 'left')).toBeUndefined();
    expect(stops.move('nowhere', 'right')).toBeUndefined();
  });

  const crowd = Object.fromEntries(
    Array.from({ length: 30 }, (_, index): [string, NodeKind] => [
      `r${String(index).padStart(2, '0')}`,
      'sarif',
    ]),
  );
  const wall = input(
    { image: 'image', ...crowd },
    Object.keys(crowd).map((id) => ['image', id] as const),
  );

  it('stands on a closed cluster as on a card', () => {
    const closed = graphStops(arrange(wall));
    const cluster = closed.move('image', 'right');
    expect(cluster).toMatch(/^cluster/);
    expect(closed.move(cluster!, 'left')).toBe('image');
  });

  it('walks the grid of an opened cluster, and leaves it by its header', () => {
    const cluster = arrange(wall).clusters[0]!.id;
    const open = graphStops(arrange({ ...wall, openClusters: [cluster] }));
    expect(way(open, cluster, 'right', 'right', 'left', 'left', 'left')).toEqual([
      'r00',
      'r01',
      'r00',
      cluster,
      'image',
    ]);
    expect(way(open, 'r01', 'down', 'up', 'up')).toEqual(['r04', 'r01', cluster]);
  });

  it('reaches every card and cluster from the root with the arrow keys alone', () => {
    for (const graph of [wall, { ...wall, openClusters: [arrange(wall).clusters[0]!.id] }]) {
      const picture = arrange(graph);
      const ways = graphStops(picture);
      const reached = new Set(['image']);
      for (const id of reached) {
        for (const direction of ['left', 'right', 'up', 'down'] as const) {
          const next = ways.move(id, direction);
          if (next !== undefined) reached.add(next);
        }
      }
      expect([...reached].sort()).toEqual([...picture.cards, ...picture.clusters].map(({ id }) => id).sort());
    }
  });
});
