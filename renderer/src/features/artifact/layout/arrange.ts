import type { EdgeVia } from '../../../../../shared/contract/graph-words.ts';
import type { Link } from '../model/links.ts';
import { placeNodes, type Placement } from '../model/placement.ts';
import type {
  ArrangeInput,
  Arrangement,
  PlacedCard,
  PlacedCluster,
  PlacedWire,
  WireShape,
} from './arrangement.ts';
import { boxContour, clearance, join, withParent, type Contour } from './contour.ts';
import { groupUnits, type CardUnit, type ClusterUnit, type Unit } from './group-units.ts';
import {
  CARD_HEIGHT,
  CARD_WIDTH,
  COLUMN_PITCH,
  ROW_GAP,
  STACK_GAP,
  TOP_GAP,
  TRAY_COLUMNS_LIMIT,
  TRAY_GAP,
  TRAY_HEADER,
  TRAY_PADDING,
} from './metrics.ts';

/** A unit with its sub-tree packed: where its children's middle lines lie relative to its own. */
interface Packed {
  readonly contour: Contour;
  readonly offsets: readonly number[];
}

const HALF = CARD_HEIGHT / 2;

/**
 * Where every card, cluster and line of a graph stands: columns from subjects to referrers and from indexes to children,
 * each parent in the middle of what stands beside it, sub-trees packed by their outlines. The same input always gives the
 * same picture, the first root lies at 0, 0, and a column's place does not depend on how full the others are: that keeps
 * a growing picture calm. About linear in nodes and links.
 */
export function arrange(input: ArrangeInput): Arrangement {
  const placement = placeNodes(
    input.nodes.map((node) => node.id),
    input.links,
    input.roots,
  );
  const { tops, shownBy } = groupUnits(input, placement);

  const cards: PlacedCard[] = [];
  const clusters: PlacedCluster[] = [];
  place(tops, cards, clusters);

  const wires = wiresBetween(input.links, placement, shownBy, cards, clusters);
  const root = input.roots[0] === undefined ? undefined : shownBy.get(input.roots[0]);
  return moveToOrigin({ cards, clusters, wires }, root);
}

/** Packs sub-trees from the leaves up, then hands out places from the tops down. */
function place(tops: readonly Unit[], cards: PlacedCard[], clusters: PlacedCluster[]): void {
  const order: Unit[] = [...tops];
  // The list grows while it is read: each unit is followed by its children.
  for (const unit of order) order.push(...unit.children);
  const packed = new Map<Unit, Packed>();
  for (const unit of order.reverse()) packed.set(unit, pack(unit, packed));

  const { offsets } = packSiblings(tops, packed, TOP_GAP);
  const pending: { readonly unit: Unit; readonly y: number; readonly anchor: string | undefined }[] =
    tops.map((unit, index) => ({ unit, y: offsets[index] ?? 0, anchor: undefined }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { unit, y, anchor } = next;
    if (unit.type === 'card') putCard(unit, y, anchor, cards);
    else putCluster(unit, y, unit.parent, cards, clusters);
    const inner = packed.get(unit)?.offsets ?? [];
    unit.children.forEach((child, index) =>
      pending.push({ unit: child, y: y + (inner[index] ?? 0), anchor: unit.id }),
    );
  }
  frameTrays(cards, clusters);
}

function pack(unit: Unit, packed: ReadonlyMap<Unit, Packed>): Packed {
  const { span, above, below } = ownSize(unit);
  if (unit.children.length === 0) return { contour: boxContour(span, above, below), offsets: [] };
  const { contour, offsets } = packSiblings(unit.children, packed, ROW_GAP);
  const middle = Math.round(((offsets[0] ?? 0) + (offsets.at(-1) ?? 0)) / 2);
  contour.shift -= middle;
  return { contour: withParent(contour, above, below), offsets: offsets.map((offset) => offset - middle) };
}

/** Siblings below each other, each as close to those above it as the outlines allow. */
function packSiblings(siblings: readonly Unit[], packed: ReadonlyMap<Unit, Packed>, gap: number): Packed {
  const offsets: number[] = [];
  let contour: Contour = { top: [], bottom: [], shift: 0 };
  for (const sibling of siblings) {
    const sub = packed.get(sibling)?.contour;
    if (sub === undefined) continue;
    const distance = clearance(contour, sub, gap);
    const offset = Number.isFinite(distance) ? distance : 0;
    offsets.push(offset);
    contour = join(contour, sub, offset);
  }
  return { contour, offsets };
}

function stackHeight(unit: CardUnit): number {
  return unit.stack.length * (CARD_HEIGHT + STACK_GAP);
}

/** What one unit takes up, in columns, and from its middle line: the middle of its card, or of a tray's header. */
function ownSize(unit: Unit): { readonly span: number; readonly above: number; readonly below: number } {
  if (unit.type === 'card') {
    return { span: 1, above: HALF + stackHeight(unit), below: HALF + (unit.endsTray ? TRAY_PADDING : 0) };
  }
  if (unit.state === 'closed') return { span: 1, above: HALF, below: HALF };
  const header = TRAY_HEADER / 2;
  if (unit.state === 'list') return { span: 1, above: header, below: header - (ROW_GAP - TRAY_PADDING) };
  const { columns, height } = grid(unit);
  const width = columns * (CARD_WIDTH + TRAY_GAP) + TRAY_PADDING;
  const span = Math.ceil((width + COLUMN_PITCH - CARD_WIDTH - 2 * TRAY_PADDING) / COLUMN_PITCH);
  return { span, above: header, below: height - header };
}

/** A grid a little wider than high: that is how windows are. */
function grid(unit: ClusterUnit): { readonly columns: number; readonly height: number } {
  const count = unit.members.length;
  const columns = Math.min(TRAY_COLUMNS_LIMIT, Math.max(2, Math.round(Math.sqrt(count / 3.2))));
  const rows = Math.ceil(count / columns);
  return { columns, height: TRAY_HEADER + rows * (CARD_HEIGHT + TRAY_GAP) - TRAY_GAP + TRAY_PADDING };
}

function putCard(unit: CardUnit, y: number, anchor: string | undefined, cards: PlacedCard[]): void {
  const x = unit.column * COLUMN_PITCH;
  const top = y - HALF;
  cards.push({
    id: unit.id,
    x,
    y: top,
    column: unit.column,
    ...(anchor === undefined ? {} : { anchor }),
    ...(unit.tray === undefined ? {} : { tray: unit.tray }),
  });
  unit.stack.forEach((id, index) => {
    const above = top - (unit.stack.length - index) * (CARD_HEIGHT + STACK_GAP);
    cards.push({
      id,
      x,
      y: above,
      column: unit.column,
      anchor: unit.id,
      ...(unit.tray === undefined ? {} : { tray: unit.tray }),
    });
  });
}

function putCluster(
  unit: ClusterUnit,
  y: number,
  anchor: string,
  cards: PlacedCard[],
  clusters: PlacedCluster[],
): void {
  const { id, column, kind, form, members, hidden } = unit;
  const x = column * COLUMN_PITCH;
  const common = { id, column, anchor, kind, form, members, hidden };
  if (unit.state === 'closed') {
    clusters.push({ ...common, x, y: y - HALF, width: CARD_WIDTH, height: CARD_HEIGHT, open: false });
    return;
  }
  const top = y - TRAY_HEADER / 2;
  const left = x - TRAY_PADDING;
  if (unit.state === 'list') {
    clusters.push({
      ...common,
      x: left,
      y: top,
      width: CARD_WIDTH + 2 * TRAY_PADDING,
      height: TRAY_HEADER,
      open: true,
    });
    return;
  }
  const { columns, height } = grid(unit);
  const width = columns * (CARD_WIDTH + TRAY_GAP) - TRAY_GAP + 2 * TRAY_PADDING;
  clusters.push({ ...common, x: left, y: top, width, height, open: true });
  members.forEach((member, index) => {
    cards.push({
      id: member,
      x: x + (index % columns) * (CARD_WIDTH + TRAY_GAP),
      y: top + TRAY_HEADER + Math.floor(index / columns) * (CARD_HEIGHT + TRAY_GAP),
      column,
      anchor,
      tray: id,
    });
  });
}

/** The frame of a list tray reaches from its header to its last card. */
function frameTrays(cards: readonly PlacedCard[], clusters: PlacedCluster[]): void {
  const lowest = new Map<string, number>();
  for (const card of cards) {
    if (card.tray !== undefined) lowest.set(card.tray, Math.max(lowest.get(card.tray) ?? -Infinity, card.y));
  }
  clusters.forEach((cluster, index) => {
    const bottom = lowest.get(cluster.id);
    if (bottom === undefined) return;
    clusters[index] = { ...cluster, height: bottom + CARD_HEIGHT + TRAY_PADDING - cluster.y };
  });
}

function wiresBetween(
  links: readonly Link[],
  placement: Placement,
  shownBy: ReadonlyMap<string, string>,
  cards: readonly PlacedCard[],
  clusters: readonly PlacedCluster[],
): PlacedWire[] {
  const columns = new Map<string, number>();
  const trays = new Map<string, string>();
  const stacked = new Set<string>();
  for (const cluster of clusters) columns.set(cluster.id, cluster.column);
  for (const card of cards) columns.set(card.id, card.column);
  for (const card of cards) {
    if (card.tray !== undefined) trays.set(card.id, card.tray);
    if (card.anchor !== undefined && columns.get(card.anchor) === card.column) stacked.add(card.id);
  }

  const wires = new Map<string, PlacedWire>();
  for (const link of links) {
    const source = shownBy.get(link.left);
    const shown = shownBy.get(link.right);
    if (source === undefined || shown === undefined) continue;
    const placing = placement.anchors.get(link.right) === link;
    // A tray has one line to its frame in place of one to every card in it.
    const target = placing && !stacked.has(shown) ? (trays.get(shown) ?? shown) : shown;
    if (source === target) continue;
    const id = `${source} > ${target}`;
    const known = wires.get(id);
    wires.set(id, {
      id,
      source,
      target,
      shape: wireShape(source, target, columns, placing && stacked.has(target)),
      form: known === undefined || known.form === link.form ? link.form : 'child',
      vias: mergeVias(known?.vias, link.vias),
      placing: placing || known?.placing === true,
    });
  }
  return [...wires.values()];
}

function wireShape(
  source: string,
  target: string,
  columns: ReadonlyMap<string, number>,
  isStacked: boolean,
): WireShape {
  if (isStacked) return 'down';
  return (columns.get(target) ?? 0) > (columns.get(source) ?? 0) ? 'across' : 'back';
}

function mergeVias(known: readonly EdgeVia[] | undefined, more: readonly EdgeVia[]): readonly EdgeVia[] {
  if (known === undefined || more.every((via) => known.includes(via))) return known ?? more;
  return [...new Set([...known, ...more])];
}

function moveToOrigin(parts: Omit<Arrangement, 'bounds'>, root: string | undefined): Arrangement {
  const boxes = [
    ...parts.cards.map((card) => ({ ...card, width: CARD_WIDTH, height: CARD_HEIGHT })),
    ...parts.clusters,
  ];
  const origin = boxes.find((box) => box.id === root) ?? boxes[0];
  if (origin === undefined) return { ...parts, bounds: { x: 0, y: 0, width: 0, height: 0 } };
  const { x: left, y: top } = origin;
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    minX = Math.min(minX, box.x);
    minY = Math.min(minY, box.y);
    maxX = Math.max(maxX, box.x + box.width);
    maxY = Math.max(maxY, box.y + box.height);
  }
  return {
    cards: parts.cards.map((card) => ({ ...card, x: card.x - left, y: card.y - top })),
    clusters: parts.clusters.map((cluster) => ({ ...cluster, x: cluster.x - left, y: cluster.y - top })),
    wires: parts.wires,
    root: origin.id,
    bounds: { x: minX - left, y: minY - top, width: maxX - minX, height: maxY - minY },
  };
}
