import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Link } from '../model/links.ts';
import { arrange } from './arrange.ts';
import { PASSING_LIMIT, visibleWires } from './visible-wires.ts';
import { wireGeometries } from './wire-geometry.ts';

/** One image and as many artifacts of as many types: no cluster, one line each. */
function fan(count: number): ReturnType<typeof wireGeometries> {
  const nodes = Array.from({ length: count + 1 }, (_, index) => ({
    id: `n${index}`,
    kind: 'other' as const,
    family: `type ${index}`,
    sortText: String(index),
  }));
  const links = nodes
    .slice(1)
    .map(({ id }): Link => ({ left: 'n0', right: id, form: 'referrer', vias: ['referrers-api'] }));
  return wireGeometries(arrange({ nodes, links, roots: ['n0'], openClusters: [], settled: true }));
}

const AROUND_ROOT = { left: -100, top: -400, right: 900, bottom: 400 };

describe('visibleWires', () => {
  it('draws every line of a small picture', () => {
    expect(visibleWires(fan(8), AROUND_ROOT)).toHaveLength(8);
  });

  it('draws what ends in sight, and of a thousand lines that only pass a handful', () => {
    const wires = fan(1000);
    const visible = visibleWires(wires, AROUND_ROOT);
    const ending = wires.filter(
      ({ target }) => target.y >= AROUND_ROOT.top && target.y <= AROUND_ROOT.bottom,
    );
    expect(visible).toEqual(expect.arrayContaining(ending));
    expect(visible).toHaveLength(ending.length + 2 * PASSING_LIMIT);
  });

  it('never leaves out a line that ends in sight, nor draws one that is nowhere near', () => {
    const wires = fan(300);
    fc.assert(
      fc.property(
        fc.integer({ min: -12_000, max: 12_000 }),
        fc.integer({ min: -500, max: 800 }),
        (top, left) => {
          const part = { left, top, right: left + 900, bottom: top + 700 };
          const visible = new Set(visibleWires(wires, part));
          for (const wire of wires) {
            const isNear = wire.right >= part.left && wire.left <= part.right;
            if (isNear && wire.target.y >= part.top && wire.target.y <= part.bottom)
              expect(visible).toContain(wire);
            if (!isNear) expect(visible).not.toContain(wire);
          }
          expect(visible.size).toBeLessThan(40);
        },
      ),
    );
  });
});
