/**
 * The outline of a sub-tree, column by column: how far it reaches up and down from a common zero line. Packing
 * sub-trees by their outlines lets a deep one and a shallow one stand closer than their boxes would.
 *
 * Values are kept from the last column to the first, so that a parent is added with a push, and joining two costs only
 * as much as the shallower one is deep: packing a whole graph takes linear time. Functions here use up their arguments.
 */
export interface Contour {
  readonly top: number[];
  readonly bottom: number[];
  /** Added to every value. */
  shift: number;
}

/** The outline of one box that reaches over `span` columns. */
export function boxContour(span: number, above: number, below: number): Contour {
  return {
    top: Array.from({ length: span }, () => -above),
    bottom: Array.from({ length: span }, () => below),
    shift: 0,
  };
}

/** How far `lower` has to move down to clear `upper` by `gap` in every column that both have; both begin in one column. */
export function clearance(upper: Contour, lower: Contour, gap: number): number {
  let distance = -Infinity;
  const common = Math.min(upper.bottom.length, lower.top.length);
  for (let depth = 1; depth <= common; depth++) {
    const floor = (upper.bottom.at(-depth) ?? 0) + upper.shift;
    const ceiling = (lower.top.at(-depth) ?? 0) + lower.shift;
    distance = Math.max(distance, floor + gap - ceiling);
  }
  return distance;
}

/** The common outline of two that begin in one column, the second moved down by `offset`. */
export function join(upper: Contour, lower: Contour, offset: number): Contour {
  lower.shift += offset;
  const [deep, shallow] = upper.top.length >= lower.top.length ? [upper, lower] : [lower, upper];
  const shift = shallow.shift - deep.shift;
  for (let depth = 1; depth <= shallow.top.length; depth++) {
    const at = deep.top.length - depth;
    deep.top[at] = Math.min(deep.top[at] ?? 0, (shallow.top.at(-depth) ?? 0) + shift);
    deep.bottom[at] = Math.max(deep.bottom[at] ?? 0, (shallow.bottom.at(-depth) ?? 0) + shift);
  }
  return deep;
}

/** The outline of a parent box with what stands right of it. */
export function withParent(children: Contour, above: number, below: number): Contour {
  children.top.push(-above - children.shift);
  children.bottom.push(below - children.shift);
  return children;
}
