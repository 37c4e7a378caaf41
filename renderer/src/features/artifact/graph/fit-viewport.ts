/** A view onto the picture, as React Flow has it: the picture is scaled by `zoom`, then moved by x and y. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

interface Extent {
  readonly width: number;
  readonly height: number;
}

interface Bounds extends Extent {
  readonly x: number;
  readonly y: number;
}

/** Smallest zoom at which a card's title can be read; fitting goes no further out. */
export const READABLE_ZOOM = 0.6;
/** Room around a fitted picture. */
const PADDING = 16;
/** Room that the controls below take. */
const PADDING_BOTTOM = 56;

/** Shows the whole picture in the middle, never enlarged; where it is too large to be read, its root and what is right of it. */
export function fitViewport(bounds: Bounds, pane: Extent, root: Bounds): Viewport {
  const width = Math.max(1, pane.width - 2 * PADDING);
  const height = Math.max(1, pane.height - PADDING - PADDING_BOTTOM);
  const ideal = Math.min(1, width / Math.max(1, bounds.width), height / Math.max(1, bounds.height));
  const zoom = Math.max(READABLE_ZOOM, ideal);
  const fitsAcross = bounds.width * zoom <= width + 1;
  const fitsDown = bounds.height * zoom <= height + 1;
  return {
    zoom,
    x: fitsAcross
      ? PADDING + (width - bounds.width * zoom) / 2 - bounds.x * zoom
      : PADDING - Math.max(bounds.x, root.x - root.width) * zoom,
    y: fitsDown
      ? PADDING + (height - bounds.height * zoom) / 2 - bounds.y * zoom
      : PADDING + height / 2 - (root.y + root.height / 2) * zoom,
  };
}

/** The least move after which a box can be seen whole with some room around it; the same view when it can already. */
export function revealBox(view: Viewport, box: Bounds, pane: Extent): Viewport {
  return {
    zoom: view.zoom,
    x: view.x + shiftInto(view.x + box.x * view.zoom, box.width * view.zoom, pane.width, PADDING, PADDING),
    y:
      view.y +
      shiftInto(view.y + box.y * view.zoom, box.height * view.zoom, pane.height, PADDING, PADDING_BOTTOM),
  };
}

/** The view that has a box in its middle. */
export function centreBox(view: Viewport, box: Bounds, pane: Extent): Viewport {
  return {
    zoom: view.zoom,
    x: pane.width / 2 - (box.x + box.width / 2) * view.zoom,
    y: pane.height / 2 - (box.y + box.height / 2) * view.zoom,
  };
}

/** True when all of the picture can be seen. */
export function showsAll(view: Viewport, bounds: Bounds, pane: Extent): boolean {
  const left = view.x + bounds.x * view.zoom;
  const top = view.y + bounds.y * view.zoom;
  return (
    left >= 0 &&
    top >= 0 &&
    left + bounds.width * view.zoom <= pane.width &&
    top + bounds.height * view.zoom <= pane.height
  );
}

function shiftInto(start: number, length: number, room: number, before: number, after: number): number {
  if (length > room - before - after || start < before) return before - start;
  return Math.min(0, room - after - (start + length));
}
