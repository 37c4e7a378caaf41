import type { Node } from 'reactflow';
import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import type { NodeKind } from '../../../../../shared/contract/graph-words.ts';
import { commonTitle } from '../model/common-title.ts';
import type { Arrangement, PlacedCluster } from '../layout/arrangement.ts';
import { CARD_HEIGHT, CARD_WIDTH } from '../layout/metrics.ts';
import type { LinkForm } from '../model/links.ts';
import type { ContentTrouble } from '../model/content-trouble.ts';
import { isProblem } from '../model/node-facts.ts';
import type { PictureSource } from '../model/picture-source.ts';

export interface CardData extends Record<string, unknown> {
  readonly node: GraphNode;
  readonly total: number;
  /** What is wrong with its config and layers, where that is not shown by cards of their own. */
  readonly trouble: ContentTrouble | undefined;
  readonly relation: string | undefined;
  readonly isRoot: boolean;
  readonly isSelected: boolean;
  /** The one card that Tab leads to. */
  readonly isActive: boolean;
}

export interface ClusterData extends Record<string, unknown> {
  readonly id: string;
  readonly kind: NodeKind;
  /** What its members are called: their own name where they share one. */
  readonly title: string;
  readonly form: LinkForm;
  readonly count: number;
  readonly hidden: number;
  /** Members that could not be read as they should be. */
  readonly problems: number;
  readonly isOpen: boolean;
  readonly isActive: boolean;
}

export type CardFlowNode = Node<CardData, 'card'>;
export type ClusterFlowNode = Node<ClusterData, 'cluster' | 'tray'>;
export type FlowNode = CardFlowNode | ClusterFlowNode;

/** What of a picture depends on the person who looks at it. */
export interface Looking {
  readonly selected: string | undefined;
  readonly active: string | undefined;
}

/**
 * Turns pictures into what React Flow draws. Keeps what did not change from one picture to the next as the same objects,
 * so that React leaves those cards alone.
 */
export class FlowElements {
  #nodes = new Map<string, FlowNode>();

  nodes(
    picture: Arrangement,
    source: PictureSource,
    relations: ReadonlyMap<string, string>,
    looking: Looking,
  ): FlowNode[] {
    // Of a whole layout everything was opened: marking all of it would mark nothing.
    const roots = new Set(source.roots.length === 1 ? source.roots : []);
    const fresh: FlowNode[] = [];
    for (const cluster of picture.clusters) fresh.push(this.#keep(clusterNode(cluster, source, looking)));
    for (const card of picture.cards) {
      const node = source.nodes.get(card.id);
      // A card laid out for an earlier model of another graph; the next picture is on its way.
      if (node === undefined) continue;
      const data: CardData = {
        node,
        total: source.totals.get(card.id) ?? node.size,
        trouble: source.troubles.get(card.id),
        relation: relations.get(card.id),
        isRoot: roots.has(card.id),
        isSelected: card.id === looking.selected,
        isActive: card.id === looking.active,
      };
      fresh.push(this.#keep(cardNode(card.id, card.x, card.y, data)));
    }
    this.#nodes = new Map(fresh.map((node) => [node.id, node]));
    return fresh;
  }

  #keep(node: FlowNode): FlowNode {
    const known = this.#nodes.get(node.id);
    return known !== undefined && sameNode(known, node) ? known : node;
  }
}

function cardNode(id: string, x: number, y: number, data: CardData): CardFlowNode {
  return { id, type: 'card', position: { x, y }, data, ...fixed(CARD_WIDTH, CARD_HEIGHT), style: PRESSABLE };
}

function clusterNode(cluster: PlacedCluster, source: PictureSource, looking: Looking): ClusterFlowNode {
  const { id, x, y, width, height, kind, form, members, hidden, open } = cluster;
  const data: ClusterData = {
    id,
    kind,
    title: commonTitle(kind, members, source),
    form,
    count: members.length,
    hidden,
    problems: members.filter((member) => isProblem(source.nodes.get(member)?.state ?? 'ok')).length,
    isOpen: open,
    isActive: id === looking.active,
  };
  return {
    id,
    type: open ? 'tray' : 'cluster',
    position: { x, y },
    data,
    ...fixed(width, height),
    // Only the header of a tray can be pressed; behind its cards the pane can be moved.
    style: open ? {} : PRESSABLE,
    // A tray lies below the lines, the lines below the cards.
    zIndex: open ? -2 : 0,
  };
}

/** React Flow lets the pointer through to the pane where a node handles no events of its own; the button inside does. */
const PRESSABLE: NonNullable<Node['style']> = { pointerEvents: 'all' };

/** Sizes are known beforehand: React Flow shows a node at once in place of measuring it first. */
function fixed(
  width: number,
  height: number,
): Pick<Node, 'width' | 'height' | 'measured' | 'handles' | 'domAttributes'> {
  // Without a list of handles, be it empty, a node counts as not measured, and all of them would be put into the page.
  return { width, height, measured: { width, height }, handles: [], domAttributes: WITHOUT_ROLE };
}

/** The button inside is what a screen reader meets; a description of a role on a box without one would be an error. */
const WITHOUT_ROLE: NonNullable<Node['domAttributes']> = { 'aria-roledescription': undefined };

function sameNode(a: FlowNode, b: FlowNode): boolean {
  return (
    a.type === b.type &&
    a.position.x === b.position.x &&
    a.position.y === b.position.y &&
    a.width === b.width &&
    a.height === b.height &&
    sameFields(a.data, b.data)
  );
}

function sameFields(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(b).every((key) => Object.is(a[key], b[key]));
}
