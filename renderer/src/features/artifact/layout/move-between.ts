import type { Arrangement } from './arrangement.ts';
import { CARD_HEIGHT, TRAY_HEADER, TRAY_PADDING } from './metrics.ts';

interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** How many things stand elsewhere in the second of two pictures. */
export function countMoved(from: Arrangement, to: Arrangement): number {
  const before = positions(from);
  return [...to.cards, ...to.clusters].filter((box) => {
    const old = before.get(box.id);
    return old !== undefined && (old.x !== box.x || old.y !== box.y);
  }).length;
}

/** A picture on the way between two: what both have is `progress` (0 to 1) of the way; what is new is in its place. */
export function between(from: Arrangement, to: Arrangement, progress: number): Arrangement {
  const before = positions(from);
  const move = <Box extends Placed>(box: Box): Box => {
    const old = before.get(box.id);
    if (old === undefined || (old.x === box.x && old.y === box.y)) return box;
    return { ...box, x: old.x + (box.x - old.x) * progress, y: old.y + (box.y - old.y) * progress };
  };
  return { ...to, cards: to.cards.map(move), clusters: to.clusters.map(move) };
}

function positions(picture: Arrangement): ReadonlyMap<string, Placed> {
  return new Map([...picture.cards, ...picture.clusters].map((box) => [box.id, box]));
}

/**
 * The next picture moved as a whole so that one thing in it stays where it is in the picture before: a cluster that was
 * opened or closed, otherwise the root. What a person has just pressed does not run away from under the pointer.
 */
export function holdInPlace(
  next: Arrangement,
  before: Arrangement | undefined,
  held: string | undefined,
): Arrangement {
  const id = [held, next.root].find((one) => one !== undefined && grip(next, one) !== undefined);
  if (before === undefined || id === undefined) return next;
  const from = grip(before, id);
  const to = grip(next, id);
  if (from === undefined || to === undefined || (from.x === to.x && from.y === to.y)) return next;
  const [x, y] = [from.x - to.x, from.y - to.y];
  return {
    ...next,
    cards: next.cards.map((card) => ({ ...card, x: card.x + x, y: card.y + y })),
    clusters: next.clusters.map((cluster) => ({ ...cluster, x: cluster.x + x, y: cluster.y + y })),
    bounds: { ...next.bounds, x: next.bounds.x + x, y: next.bounds.y + y },
  };
}

/** The point of a card or cluster that is the same whether a cluster is open or closed. */
function grip(picture: Arrangement, id: string): { readonly x: number; readonly y: number } | undefined {
  const card = picture.cards.find((each) => each.id === id);
  if (card !== undefined) return { x: card.x, y: card.y + CARD_HEIGHT / 2 };
  const cluster = picture.clusters.find((each) => each.id === id);
  if (cluster === undefined) return undefined;
  return cluster.open
    ? { x: cluster.x + TRAY_PADDING, y: cluster.y + TRAY_HEADER / 2 }
    : { x: cluster.x, y: cluster.y + CARD_HEIGHT / 2 };
}
