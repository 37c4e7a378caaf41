import type { WireShape } from './arrangement.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Width of the curve that leaves a card; what follows is straight and has room for a label. */
const BEND = 56;

/** The SVG path of a line between two cards: a curve out of the source, then straight into the target. */
export function wirePath(shape: WireShape, source: Point, target: Point): string {
  if (shape === 'down') return `M${source.x} ${source.y}L${target.x} ${target.y}`;
  if (shape === 'back') return backPath(source, target);
  const bend = Math.min(BEND, (target.x - source.x) / 2);
  const end = source.x + bend;
  if (source.y === target.y) return `M${source.x} ${source.y}L${target.x} ${target.y}`;
  return `M${source.x} ${source.y}C${source.x + bend * 0.6} ${source.y} ${source.x + bend * 0.4} ${target.y} ${end} ${target.y}L${target.x} ${target.y}`;
}

/** Closes a circle below the cards, so that it is not mistaken for a line that goes on to the right. */
function backPath(source: Point, target: Point): string {
  const drop = 36 + Math.abs(source.x - target.x) * 0.08;
  return `M${source.x} ${source.y}C${source.x} ${source.y + drop} ${target.x} ${target.y + drop} ${target.x} ${target.y}`;
}
