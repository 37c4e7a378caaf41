import type { ArrangeInput, ArrangeNode } from './arrangement.ts';

/** True when two questions to the layout have the same answer: most of what a walk tells changes no card's place. */
export function sameInput(one: ArrangeInput, other: ArrangeInput): boolean {
  return (
    one.settled === other.settled &&
    sameList(one.roots, other.roots, Object.is) &&
    sameList(one.openClusters, other.openClusters, Object.is) &&
    sameList(one.nodes, other.nodes, sameNode) &&
    // Links keep their identity as long as no edge came.
    (one.links === other.links || sameList(one.links, other.links, Object.is))
  );
}

function sameNode(one: ArrangeNode, other: ArrangeNode): boolean {
  return (
    one.id === other.id &&
    one.kind === other.kind &&
    one.family === other.family &&
    one.sortText === other.sortText
  );
}

function sameList<Item>(
  one: readonly Item[],
  other: readonly Item[],
  same: (a: Item, b: Item) => boolean,
): boolean {
  return (
    one.length === other.length &&
    one.every((item, index) => {
      const counterpart = other[index];
      return counterpart !== undefined && same(item, counterpart);
    })
  );
}
