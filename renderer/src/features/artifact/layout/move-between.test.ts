import { describe, expect, it } from 'vitest';
import type { Link } from '../model/links.ts';
import { arrange } from './arrange.ts';
import type { ArrangeInput } from './arrangement.ts';
import { between, countMoved, holdInPlace } from './move-between.ts';

function wall(count: number, openClusters: readonly string[] = []): ArrangeInput {
  const reports = Array.from({ length: count }, (_, index) => ({
    id: `r${index}`,
    kind: 'sarif' as const,
    family: 'sarif',
    sortText: `${index}`,
  }));
  const others = ['a', 'b'].map((id) => ({
    id,
    kind: 'sbom-spdx' as const,
    family: 'sbom-spdx',
    sortText: id,
  }));
  const nodes = [
    { id: 'image', kind: 'image' as const, family: 'image', sortText: '' },
    ...others,
    ...reports,
  ];
  const links = nodes
    .slice(1)
    .map((node): Link => ({ left: 'image', right: node.id, form: 'referrer', vias: ['referrers-api'] }));
  return { nodes, links, roots: ['image'], openClusters, settled: true };
}

describe('between', () => {
  const from = arrange(wall(4));
  const to = arrange(wall(7));

  it('is the second picture in the end, and has what is new in its place all the time', () => {
    expect(between(from, to, 1)).toEqual(to);
    const half = between(from, to, 0.5);
    expect(half.cards.find((card) => card.id === 'r6')).toEqual(to.cards.find((card) => card.id === 'r6'));
  });

  it('has what both have half way at half time', () => {
    const y = (picture: typeof from): number => picture.cards.find((card) => card.id === 'r0')!.y;
    expect(y(between(from, to, 0.5))).toBe((y(from) + y(to)) / 2);
    expect(countMoved(from, to)).toBeGreaterThan(0);
    expect(countMoved(to, to)).toBe(0);
  });
});

describe('holdInPlace', () => {
  const closed = arrange(wall(40));
  const cluster = closed.clusters[0]!;
  const open = arrange(wall(40, [cluster.id]));

  it('keeps a cluster where it was when it opens, and moves the rest', () => {
    const held = holdInPlace(open, closed, cluster.id);
    const tray = held.clusters[0]!;
    expect(tray.x + 12).toBe(cluster.x);
    expect(tray.y + 16).toBe(cluster.y + 25);
    expect(held.cards).toHaveLength(open.cards.length);
    expect(held.bounds).toMatchObject({ width: open.bounds.width, height: open.bounds.height });
  });

  it('keeps the root where it was otherwise, also after a cluster was held', () => {
    const held = holdInPlace(open, closed, cluster.id);
    const next = holdInPlace(arrange(wall(41, [cluster.id])), held, undefined);
    const root = (picture: typeof held): unknown =>
      picture.cards.filter((card) => card.id === 'image').map(({ x, y }) => [x, y]);
    expect(root(next)).toEqual(root(held));
  });

  it('changes nothing where there was no picture before', () => {
    expect(holdInPlace(open, undefined, cluster.id)).toBe(open);
  });
});
