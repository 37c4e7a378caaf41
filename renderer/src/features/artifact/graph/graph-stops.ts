import type { Arrangement } from '../layout/arrangement.ts';
import { CARD_HEIGHT, TRAY_HEADER, TRAY_PADDING } from '../layout/metrics.ts';

export type Direction = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

/** Something in the picture that the keyboard can stand on: a card, a closed cluster, or the header of an opened one. */
interface Stop {
  readonly id: string;
  readonly column: number;
  /** Left side; what has the same one stands below each other. */
  readonly lane: number;
  /** Middle of the card or header. */
  readonly middle: number;
  readonly anchor: string | undefined;
  readonly tray: string | undefined;
}

/** Finds the way from stop to stop with the arrow keys. */
export interface GraphStops {
  /** Where a key leads; undefined at an edge of the picture. */
  move(from: string, direction: Direction): string | undefined;
  has(id: string): boolean;
}

/**
 * The ways through a picture: left to what a card belongs to, right to the nearest of what stands beside it, up and down
 * to the neighbours in its column. Inside an opened cluster the arrows first move within its grid.
 */
export function graphStops(picture: Arrangement): GraphStops {
  const stops = new Map<string, Stop>();
  for (const { id, column, x, y, anchor, open } of picture.clusters) {
    const middle = y + (open ? TRAY_HEADER : CARD_HEIGHT) / 2;
    stops.set(id, { id, column, lane: open ? x + TRAY_PADDING : x, middle, anchor, tray: undefined });
  }
  for (const { id, column, x, y, anchor, tray } of picture.cards) {
    stops.set(id, { id, column, lane: x, middle: y + CARD_HEIGHT / 2, anchor, tray });
  }

  const lanes = new Map<number, Stop[]>();
  const beside = new Map<string, Stop[]>();
  for (const stop of stops.values()) {
    append(lanes, stop.lane, stop);
    const holder = stop.tray ?? stop.anchor;
    if (holder !== undefined) append(beside, holder, stop);
  }
  for (const list of [...lanes.values(), ...beside.values()]) list.sort((a, b) => a.middle - b.middle);

  function move(from: string, direction: Direction): string | undefined {
    const stop = stops.get(from);
    if (stop === undefined) return undefined;
    const lane = lanes.get(stop.lane) ?? [];
    switch (direction) {
      case 'left':
        return besideInTray(stop, -1) ?? stop.tray ?? stop.anchor;
      case 'right':
        return besideInTray(stop, 1) ?? nearestRight(stop);
      case 'up':
        return lane[lane.indexOf(stop) - 1]?.id ?? stop.tray;
      case 'down':
        return lane[lane.indexOf(stop) + 1]?.id;
      case 'first':
        return lane[0]?.id;
      case 'last':
        return lane.at(-1)?.id;
    }
  }

  function besideInTray(stop: Stop, step: -1 | 1): string | undefined {
    if (stop.tray === undefined) return undefined;
    const row = (beside.get(stop.tray) ?? []).filter((other) => other.middle === stop.middle);
    row.sort((a, b) => a.lane - b.lane);
    return row[row.indexOf(stop) + step]?.id;
  }

  function nearestRight(stop: Stop): string | undefined {
    const candidates = beside.get(stop.id) ?? [];
    const right = candidates.filter((other) => other.column > stop.column);
    let nearest: Stop | undefined;
    for (const other of right.length > 0 ? right : candidates) {
      // Of two that are as near, the upper one: middles are rounded to whole units.
      if (nearest === undefined || distance(other, stop) < distance(nearest, stop) - 1) nearest = other;
    }
    return nearest?.id;
  }

  return { move, has: (id) => stops.has(id) };
}

function distance(a: Stop, b: Stop): number {
  return Math.abs(a.middle - b.middle);
}

function append<Key>(map: Map<Key, Stop[]>, key: Key, stop: Stop): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [stop]);
  else list.push(stop);
}
