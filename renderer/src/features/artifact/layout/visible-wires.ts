import type { WireGeometry } from './wire-geometry.ts';

/** A part of the plane. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Of the lines that leave one card and only pass through, this many are drawn in each direction. Further ones run so close
 * beside them that nobody could tell them apart.
 */
export const PASSING_LIMIT = 12;

/**
 * The lines to draw for a part of the plane: every line that ends in it, and of those that pass through the nearest. A
 * card with a thousand attached ones thus costs what is in sight, not what there is.
 */
export function visibleWires(wires: readonly WireGeometry[], part: Part): readonly WireGeometry[] {
  const visible: WireGeometry[] = [];
  const passing = new Map<string, WireGeometry[]>();
  for (const wire of wires) {
    if (wire.right < part.left || wire.left > part.right || wire.bottom < part.top || wire.top > part.bottom)
      continue;
    const isBelow = wire.target.y > part.bottom;
    if (!isBelow && wire.target.y >= part.top) {
      visible.push(wire);
      continue;
    }
    const bundle = `${isBelow ? 'down' : 'up'} ${wire.wire.source}`;
    const others = passing.get(bundle);
    if (others === undefined) passing.set(bundle, [wire]);
    else others.push(wire);
  }
  for (const [bundle, bundled] of passing) {
    // The nearest end first: just below the part, or just above it.
    const sign = bundle.startsWith('down') ? 1 : -1;
    bundled.sort((a, b) => sign * (a.target.y - b.target.y));
    visible.push(...bundled.slice(0, PASSING_LIMIT));
  }
  return visible;
}
