import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NODE_KINDS } from '../../../../../shared/contract/graph-words.ts';
import type { Link } from '../model/links.ts';
import { arrange } from './arrange.ts';
import type { ArrangeInput, ArrangeNode, Arrangement } from './arrangement.ts';
import { clustersAround } from './group-units.ts';
import { CARD_HEIGHT, CARD_WIDTH, CLUSTER_THRESHOLD, COLUMN_PITCH } from './metrics.ts';

function node(id: string, kind: ArrangeNode['kind'] = 'other'): ArrangeNode {
  return { id, kind, family: kind, sortText: id };
}

function child(left: string, right: string): Link {
  return { left, right, form: 'child', vias: ['child'] };
}

function referrer(left: string, right: string): Link {
  return { left, right, form: 'referrer', vias: ['referrers-api'] };
}

function input(
  nodes: readonly ArrangeNode[],
  links: readonly Link[],
  more: Partial<ArrangeInput> = {},
): ArrangeInput {
  return {
    nodes,
    links,
    roots: nodes.slice(0, 1).map((first) => first.id),
    openClusters: [],
    settled: true,
    ...more,
  };
}

interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Every pair of boxes that lie on each other, apart from cards in their own tray. */
function collisions(picture: Arrangement): string[] {
  const cards = picture.cards.map((card) => ({ ...card, width: CARD_WIDTH, height: CARD_HEIGHT }));
  const found: string[] = [];
  cards.forEach((card, index) => {
    for (const other of cards.slice(index + 1))
      if (overlaps(card, other)) found.push(`${card.id} / ${other.id}`);
    for (const cluster of picture.clusters) {
      if (card.tray !== cluster.id && overlaps(card, cluster)) found.push(`${card.id} / ${cluster.id}`);
    }
  });
  picture.clusters.forEach((cluster, index) => {
    for (const other of picture.clusters.slice(index + 1)) {
      if (overlaps(cluster, other)) found.push(`${cluster.id} / ${other.id}`);
    }
  });
  return found;
}

const kinds = fc.constantFrom(...NODE_KINDS);

/** Graphs of any shape: trees with wide fans, diamonds, circles, loose parts. */
const graphs = fc
  .array(fc.record({ kind: kinds, parent: fc.nat(), attached: fc.boolean() }), {
    minLength: 1,
    maxLength: 120,
  })
  .chain((plan) =>
    fc.record({
      plan: fc.constant(plan),
      extra: fc.array(fc.tuple(fc.nat(plan.length - 1), fc.nat(plan.length - 1)), { maxLength: 20 }),
      fan: fc.integer({ min: 1, max: plan.length }),
      settled: fc.boolean(),
      reveal: fc.nat(plan.length - 1),
      openAll: fc.boolean(),
    }),
  )
  .map(({ plan, extra, fan, settled, reveal, openAll }): ArrangeInput => {
    const nodes = plan.map(({ kind }, index) => node(`n${index}`, kind));
    const links = plan.slice(1).map(({ parent, attached }, index): Link => {
      const left = `n${parent % Math.min(index + 1, fan)}`;
      return attached ? referrer(left, `n${index + 1}`) : child(left, `n${index + 1}`);
    });
    for (const [from, to] of extra) {
      if (from !== to && !links.some((link) => link.left === `n${from}` && link.right === `n${to}`)) {
        links.push(referrer(`n${from}`, `n${to}`));
      }
    }
    const closed = input(nodes, links, { settled });
    const all = arrange(closed).clusters.map((cluster) => cluster.id);
    return { ...closed, openClusters: openAll ? all : clustersAround(`n${reveal}`, closed) };
  });

describe('arrange', () => {
  it('puts the first root at 0, 0 and each column right of the one before', () => {
    const picture = arrange(
      input(
        [node('index', 'index'), node('image', 'image'), node('sbom', 'sbom-spdx')],
        [child('index', 'image'), referrer('image', 'sbom')],
      ),
    );
    const x = Object.fromEntries(picture.cards.map((card) => [card.id, card.x]));
    expect(x).toEqual({ index: 0, image: COLUMN_PITCH, sbom: 2 * COLUMN_PITCH });
    expect(picture.cards.find((card) => card.id === 'index')?.y).toBe(0);
  });

  it('puts the subject of what was asked for to its left', () => {
    const picture = arrange(
      input([node('sbom', 'sbom-spdx'), node('index', 'index')], [referrer('index', 'sbom')], {
        roots: ['sbom'],
      }),
    );
    expect(picture.cards.find((card) => card.id === 'index')?.x).toBe(-COLUMN_PITCH);
  });

  it('puts a BuildKit attestation beside its image although the index names it too', () => {
    const picture = arrange(
      input(
        [node('index', 'index'), node('image', 'image'), node('attestation', 'attestation')],
        [child('index', 'image'), child('index', 'attestation'), referrer('image', 'attestation')],
      ),
    );
    expect(picture.cards.find((card) => card.id === 'attestation')).toMatchObject({
      column: 2,
      anchor: 'image',
    });
    expect(picture.wires.filter((wire) => !wire.placing)).toMatchObject([
      { source: 'index', target: 'attestation' },
    ]);
  });

  it('stands the signature of a report above the report', () => {
    const picture = arrange(
      input(
        [
          node('image', 'image'),
          node('sbom', 'sbom-spdx'),
          node('sarif', 'sarif'),
          node('signature', 'signature-cosign'),
        ],
        [referrer('image', 'sbom'), referrer('sbom', 'sarif'), referrer('sarif', 'signature')],
      ),
    );
    const at = new Map(picture.cards.map((card) => [card.id, card]));
    expect(at.get('signature')?.x).toBe(at.get('sarif')?.x);
    expect(at.get('signature')!.y).toBeLessThan(at.get('sarif')!.y);
    expect(picture.wires.find((wire) => wire.target === 'signature')?.shape).toBe('down');
  });

  it('keeps a signature beside an image, where a column more costs nothing', () => {
    const picture = arrange(
      input(
        [node('image', 'image'), node('signature', 'signature-cosign')],
        [referrer('image', 'signature')],
      ),
    );
    expect(picture.cards.find((card) => card.id === 'signature')?.column).toBe(1);
  });

  const wall = (count: number): ArrangeInput => {
    const reports = Array.from({ length: count }, (_, index) => node(`report${index}`, 'sarif'));
    return input(
      [node('image', 'image'), ...reports],
      reports.map((report) => referrer('image', report.id)),
    );
  };

  it('shows a dozen reports as a dozen cards and one more as a cluster', () => {
    expect(arrange(wall(CLUSTER_THRESHOLD))).toMatchObject({ clusters: [] });
    const crowded = arrange(wall(CLUSTER_THRESHOLD + 1));
    expect(crowded.cards.map((card) => card.id)).toEqual(['image']);
    expect(crowded.clusters).toMatchObject([{ kind: 'sarif', open: false }]);
    expect(crowded.clusters[0]?.members).toHaveLength(CLUSTER_THRESHOLD + 1);
    expect(crowded.wires).toHaveLength(1);
  });

  it('makes no cluster of artifacts of many unknown types', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      ...node(`n${index}`),
      family: `other type${index}`,
    }));
    const picture = arrange(
      input(
        [node('image', 'image'), ...many],
        many.map((one) => referrer('image', one.id)),
      ),
    );
    expect(picture.clusters).toEqual([]);
  });

  it('opens a cluster in place, with one line to its frame', () => {
    const closed = arrange(wall(40));
    const open = arrange({ ...wall(40), openClusters: [closed.clusters[0]!.id] });
    expect(open.cards).toHaveLength(41);
    expect(open.wires).toHaveLength(1);
    expect(open.clusters[0]).toMatchObject({ open: true, id: closed.clusters[0]?.id });
    expect(collisions(open)).toEqual([]);
  });

  it('opens the cluster of a node that must be seen', () => {
    const picture = arrange({ ...wall(40), openClusters: clustersAround('report17', wall(40)) });
    expect(picture.cards.some((card) => card.id === 'report17')).toBe(true);
  });

  it('draws a circle of subjects once, cut at what was asked for', () => {
    const picture = arrange(
      input([node('a'), node('b'), node('c')], [referrer('a', 'b'), referrer('b', 'c'), referrer('c', 'a')], {
        roots: ['b'],
      }),
    );
    expect(picture.cards.map((card) => [card.id, card.column]).sort()).toEqual([
      ['a', 2],
      ['b', 0],
      ['c', 1],
    ]);
    expect(picture.wires.filter((wire) => wire.shape === 'back')).toHaveLength(1);
  });

  it('never lays two boxes on each other', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        expect(collisions(arrange(graph))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('shows every node exactly once, by a card of its own or inside one closed cluster', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const picture = arrange(graph);
        const ids = picture.cards.map((card) => card.id);
        expect(new Set(ids).size).toBe(ids.length);
        const closed = picture.clusters.filter((cluster) => !cluster.open);
        const inside = closed.reduce((sum, cluster) => sum + cluster.members.length + cluster.hidden, 0);
        expect(ids.length + inside).toBe(graph.nodes.length);
      }),
      { numRuns: 300 },
    );
  });

  it('gives any node a card of its own once the clusters around it are open', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), (graph, pick) => {
        const { id } = graph.nodes[pick % graph.nodes.length]!;
        const picture = arrange({ ...graph, openClusters: clustersAround(id, graph) });
        expect(picture.cards.map((card) => card.id)).toContain(id);
      }),
    );
  });

  it('puts everything one column right of its anchor, or above it', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const picture = arrange(graph);
        const boxes = [...picture.cards, ...picture.clusters];
        const at = new Map(boxes.map((box) => [box.id, box]));
        for (const box of boxes) {
          if (box.anchor === undefined) continue;
          const anchor = at.get(box.anchor)!;
          if (box.column === anchor.column) expect(box.y).toBeLessThan(anchor.y);
          else expect(box.column - anchor.column).toBe(1);
        }
      }),
    );
  });

  it('draws every link between two different boxes, and no line to nowhere', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const picture = arrange(graph);
        const ids = new Set([...picture.cards, ...picture.clusters].map((box) => box.id));
        for (const wire of picture.wires) {
          expect(ids.has(wire.source) && ids.has(wire.target)).toBe(true);
          expect(wire.source).not.toBe(wire.target);
        }
        if (picture.clusters.length === 0) expect(picture.wires).toHaveLength(graph.links.length);
      }),
    );
  });

  it('is the same whatever the order in which attached nodes came, once the walk has ended', () => {
    fc.assert(
      fc.property(
        fc.array(kinds, { minLength: 2, maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        (list, random) => {
          const attached = list.map((kind, index) => node(`n${index}`, kind));
          const shuffled = [...attached].sort(() => (random.next().value ?? 0) % 2 || -1);
          const build = (order: readonly ArrangeNode[]): Arrangement =>
            arrange(
              input(
                [node('root', 'image'), ...order],
                order.map((one) => referrer('root', one.id)),
              ),
            );
          const places = (picture: Arrangement): [string, number, number][] =>
            picture.cards.map((card): [string, number, number] => [card.id, card.x, card.y]).sort();
          expect(places(build(shuffled))).toEqual(places(build(attached)));
        },
      ),
    );
  });

  it('lays out a chain of 20,000 referrers without running out of stack', () => {
    const nodes = Array.from({ length: 20_000 }, (_, index) => node(`n${index}`));
    const links = nodes.slice(1).map((one, index) => referrer(`n${index}`, one.id));
    expect(arrange(input(nodes, links)).cards).toHaveLength(20_000);
  });
});
