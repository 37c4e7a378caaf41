import type { Arrangement, PlacedWire } from './arrangement.ts';
import { CARD_HEIGHT, CARD_WIDTH, TRAY_HEADER } from './metrics.ts';
import { wirePath } from './wire-path.ts';
import { wireLabels, type WireLabel } from './wire-labels.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Where lines meet its sides: the middle of a card, or of a tray's header. */
  readonly middle: number;
}

/** Where a line begins and ends, and the box that it lies in with its labels. */
export interface WireGeometry {
  readonly wire: PlacedWire;
  readonly source: Point;
  readonly target: Point;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Room around the ends of a line that its curve and its labels may take. */
const SPREAD = 60;

/** The SVG path of a line. */
export function pathOf({ wire, source, target }: WireGeometry): string {
  return wirePath(wire.shape, source, target);
}

/** What is written beside a line. */
export function labelsOf({ wire, source, target }: WireGeometry): readonly WireLabel[] {
  return wire.placing ? wireLabels(wire.shape, wire, source, target) : [];
}

/** Every line of a picture. */
export function wireGeometries(picture: Arrangement): readonly WireGeometry[] {
  const boxes = new Map<string, Box>();
  for (const { id, x, y } of picture.cards) {
    boxes.set(id, { x, y, width: CARD_WIDTH, height: CARD_HEIGHT, middle: y + CARD_HEIGHT / 2 });
  }
  for (const { id, x, y, width, height, open } of picture.clusters) {
    boxes.set(id, { x, y, width, height, middle: y + (open ? TRAY_HEADER : height) / 2 });
  }
  return picture.wires.flatMap((wire) => {
    const source = boxes.get(wire.source);
    const target = boxes.get(wire.target);
    return source === undefined || target === undefined ? [] : [geometry(wire, source, target)];
  });
}

function geometry(wire: PlacedWire, from: Box, to: Box): WireGeometry {
  const across = wire.shape === 'across';
  const source = across
    ? { x: from.x + from.width, y: from.middle }
    : { x: from.x + from.width / 2, y: wire.shape === 'down' ? from.y : from.y + from.height };
  const target = across ? { x: to.x, y: to.middle } : { x: to.x + to.width / 2, y: to.y + to.height };
  return {
    wire,
    source,
    target,
    left: Math.min(source.x, target.x) - SPREAD,
    right: Math.max(source.x, target.x) + SPREAD,
    top: Math.min(source.y, target.y) - SPREAD,
    bottom: Math.max(source.y, target.y) + SPREAD,
  };
}
