import type { NodeKind } from '../../../../../shared/contract/graph-words.ts';
import type { Link, LinkForm } from '../model/links.ts';
import { placeNodes, type Placement } from '../model/placement.ts';
import { linksByLeft } from '../model/sibling-order.ts';
import type { ArrangeInput, ArrangeNode } from './arrangement.ts';
import { CLUSTER_THRESHOLD } from './metrics.ts';

/** One card of the picture and what stands beside it. */
export interface CardUnit {
  readonly type: 'card';
  readonly id: string;
  readonly column: number;
  /** Signatures that stand above this card instead of beside it. */
  readonly stack: readonly string[];
  readonly children: readonly Unit[];
  /** The opened cluster this card lies in, one below the other. */
  readonly tray?: string;
  /** The last card of its tray. */
  readonly endsTray: boolean;
}

/** A cluster: closed (a card), open as a grid of cards, or open as the header of the cards that follow it as siblings. */
export interface ClusterUnit {
  readonly type: 'cluster';
  readonly id: string;
  readonly column: number;
  readonly parent: string;
  readonly kind: NodeKind;
  readonly form: LinkForm;
  readonly members: readonly string[];
  readonly hidden: number;
  readonly state: 'closed' | 'grid' | 'list';
  readonly children: readonly Unit[];
}

export type Unit = CardUnit | ClusterUnit;

export interface Units {
  readonly tops: readonly Unit[];
  /** The unit that shows a node: itself, or the closed cluster that hides it. */
  readonly shownBy: ReadonlyMap<string, string>;
}

const SIGNATURES: ReadonlySet<NodeKind> = new Set([
  'signature-cosign',
  'signature-notation',
  'sigstore-bundle',
]);
/** From this column on a signature stands above what it signs, so that a chain of reports does not grow a column each. */
const STACK_FROM_COLUMN = 2;
/** More signatures of one report than this stand beside it. */
const STACK_LIMIT = 2;

/** Name of a cluster, the same in every layout of the same graph. */
function clusterId(parent: string, form: LinkForm, family: string): string {
  return `cluster ${form} ${family} ${parent}`;
}

/** The clusters that may hide a node: all of them must be open for it to have a card of its own. */
export function clustersAround(id: string, input: ArrangeInput): readonly string[] {
  const families = new Map(input.nodes.map((node) => [node.id, node.family]));
  const { anchors } = placeNodes([...families.keys()], input.links, input.roots);
  const clusters: string[] = [];
  let link = anchors.get(id);
  while (link !== undefined) {
    clusters.push(clusterId(link.left, link.form, families.get(link.right) ?? 'other'));
    link = anchors.get(link.left);
  }
  return clusters;
}

/**
 * Turns placed nodes into what the picture shows: cards, clusters in place of walls of one kind, and signatures stacked
 * above what they sign. Walks without recursion, so a chain of ten thousand referrers is no harder than a fan.
 */
export function groupUnits(input: ArrangeInput, placement: Placement): Units {
  const nodes = new Map(input.nodes.map((node) => [node.id, node]));
  const placing = input.links.filter((link) => placement.anchors.get(link.right) === link);
  const beside = linksByLeft(placing, input.settled, nodes);
  const open = new Set(input.openClusters);
  const shownBy = new Map<string, string>();
  const built = new Map<string, Unit[]>();

  const order = reachable(placement.tops, beside);
  // What is right of a node is built before the node itself.
  for (const id of [...order].reverse()) built.set(id, unitsBeside(id));

  const tops = placement.tops.flatMap((id) => cards([id], 0));
  for (const unit of tops) note(unit);
  return { tops, shownBy };

  function unitsBeside(parent: string): Unit[] {
    const column = (placement.columns.get(parent) ?? 0) + 1;
    const units: Unit[] = [];
    for (const group of groupByKind(beside.get(parent) ?? [], nodes)) {
      const ids = group.links.map((link) => link.right);
      if (ids.length <= CLUSTER_THRESHOLD) {
        units.push(...cards(ids, column));
        continue;
      }
      const id = clusterId(parent, group.form, group.family);
      const leaves = ids.every((member) => (built.get(member) ?? []).length === 0);
      const state = !open.has(id) ? 'closed' : leaves ? 'grid' : 'list';
      units.push({
        type: 'cluster',
        id,
        column,
        parent,
        kind: group.kind,
        form: group.form,
        members: ids,
        hidden: state === 'closed' ? ids.reduce((sum, member) => sum + countBelow(member), 0) : 0,
        state,
        children: [],
      });
      if (state === 'list') units.push(...cards(ids, column, id));
    }
    return units;
  }

  function cards(ids: readonly string[], column: number, tray?: string): CardUnit[] {
    return ids.map((id, index) => {
      const children = built.get(id) ?? [];
      const stack = column >= STACK_FROM_COLUMN ? stackable(children) : [];
      return {
        type: 'card' as const,
        id,
        column,
        stack,
        children: stack.length === 0 ? children : children.filter((unit) => !stack.includes(unit.id)),
        ...(tray === undefined ? {} : { tray }),
        endsTray: tray !== undefined && index === ids.length - 1,
      };
    });
  }

  function stackable(children: readonly Unit[]): string[] {
    const signatures = children.filter(
      (unit) =>
        unit.type === 'card' &&
        unit.tray === undefined &&
        unit.children.length === 0 &&
        unit.stack.length === 0 &&
        SIGNATURES.has(nodes.get(unit.id)?.kind ?? 'other') &&
        placement.anchors.get(unit.id)?.form === 'referrer',
    );
    return signatures.length > STACK_LIMIT ? [] : signatures.map((unit) => unit.id);
  }

  function countBelow(id: string): number {
    return reachable([id], beside).length - 1;
  }

  function note(first: Unit): void {
    const pending: Unit[] = [first];
    for (let unit = pending.pop(); unit !== undefined; unit = pending.pop()) {
      if (unit.type === 'card') {
        shownBy.set(unit.id, unit.id);
        for (const id of unit.stack) shownBy.set(id, id);
      } else if (unit.state === 'grid') {
        for (const member of unit.members) shownBy.set(member, member);
      } else if (unit.state === 'closed') {
        for (const member of reachable(unit.members, beside)) shownBy.set(member, unit.id);
      }
      pending.push(...unit.children);
    }
  }
}

interface KindGroup {
  readonly form: LinkForm;
  readonly kind: NodeKind;
  readonly family: string;
  readonly links: Link[];
}

/**
 * Siblings in their order, those of a crowded kind together where the first of them stands; the others one by one.
 */
function groupByKind(
  siblings: readonly Link[],
  nodes: ReadonlyMap<string, ArrangeNode>,
): readonly KindGroup[] {
  const counts = new Map<string, number>();
  const key = (link: Link): string => `${link.form} ${nodes.get(link.right)?.family ?? 'other'}`;
  for (const link of siblings) counts.set(key(link), (counts.get(key(link)) ?? 0) + 1);
  const groups: KindGroup[] = [];
  const crowded = new Map<string, KindGroup>();
  for (const link of siblings) {
    const name = key(link);
    const existing = crowded.get(name);
    if (existing !== undefined) {
      existing.links.push(link);
      continue;
    }
    const node = nodes.get(link.right);
    const group: KindGroup = {
      form: link.form,
      kind: node?.kind ?? 'other',
      family: node?.family ?? 'other',
      links: [link],
    };
    groups.push(group);
    if ((counts.get(name) ?? 0) > CLUSTER_THRESHOLD) crowded.set(name, group);
  }
  return groups;
}

/** The given nodes and everything that stands right of them, each before what is right of it. */
function reachable(from: readonly string[], beside: ReadonlyMap<string, readonly Link[]>): readonly string[] {
  const order: string[] = [...from];
  // The list grows while it is read.
  for (const id of order) for (const link of beside.get(id) ?? []) order.push(link.right);
  return order;
}
