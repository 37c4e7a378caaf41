import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centreBox, fitViewport, READABLE_ZOOM, revealBox, showsAll } from './fit-viewport.ts';

const PANE = { width: 860, height: 720 };
const CARD = { width: 196, height: 50 };
const ROOT = { x: 0, y: 0, ...CARD };

describe('fitViewport', () => {
  it('shows a small picture at its own size in the middle', () => {
    const view = fitViewport({ x: 0, y: -100, width: 600, height: 250 }, PANE, ROOT);
    expect(view.zoom).toBe(1);
    expect(showsAll(view, { x: 0, y: -100, width: 600, height: 250 }, PANE)).toBe(true);
  });

  it('shows all of a picture that can still be read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2000, max: 2000 }),
        fc.integer({ min: 1, max: 1300 }),
        fc.integer({ min: 1, max: 1000 }),
        (x, width, height) => {
          const bounds = { x, y: -x, width, height };
          const view = fitViewport(bounds, PANE, ROOT);
          expect(view.zoom).toBeGreaterThanOrEqual(READABLE_ZOOM);
          expect(showsAll(view, bounds, PANE)).toBe(true);
        },
      ),
    );
  });

  it('begins with the root where a picture is too large to be read as a whole', () => {
    const view = fitViewport({ x: 0, y: -5000, width: 4000, height: 10_000 }, PANE, ROOT);
    expect(view.zoom).toBe(READABLE_ZOOM);
    const root = { left: view.x, top: view.y };
    const moved = fitViewport({ x: 900, y: -4000, width: 4000, height: 10_000 }, PANE, {
      ...ROOT,
      x: 900,
      y: 1000,
    });
    expect(moved.x + 900 * moved.zoom).toBe(root.left);
    expect(moved.y + 1000 * moved.zoom).toBe(root.top);
    expect(root.left).toBeGreaterThanOrEqual(0);
    expect(root.left).toBeLessThan(PANE.width / 4);
    expect(Math.abs(root.top - PANE.height / 2)).toBeLessThan(80);
  });
});

describe('revealBox', () => {
  it('does not move for what can be seen already', () => {
    const view = { x: 10, y: 10, zoom: 1 };
    expect(revealBox(view, { x: 100, y: 100, ...CARD }, PANE)).toEqual(view);
  });

  it('moves anything that has room into the pane, and never zooms', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -9000, max: 9000 }),
        fc.integer({ min: -9000, max: 9000 }),
        fc.double({ min: 0.2, max: 2, noNaN: true }),
        (x, y, zoom) => {
          const view = revealBox({ x: 0, y: 0, zoom }, { x, y, ...CARD }, PANE);
          expect(view.zoom).toBe(zoom);
          expect(showsAll(view, { x, y, ...CARD }, { width: PANE.width + 1, height: PANE.height + 1 })).toBe(
            true,
          );
        },
      ),
    );
  });
});

describe('centreBox', () => {
  it('has the middle of the box in the middle of the pane', () => {
    expect(centreBox({ x: 0, y: 0, zoom: 2 }, { x: 100, y: 50, width: 200, height: 100 }, PANE)).toEqual({
      x: 430 - 400,
      y: 360 - 200,
      zoom: 2,
    });
  });
});
