import type { NodeState } from '../../../../../shared/contract/graph-words.ts';
import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import type { Link } from './links.ts';
import { isProblem } from './node-facts.ts';

/** What is wrong with the config and layers of one manifest, which have no card of their own. */
export interface ContentTrouble {
  /** How many of them have a problem. */
  readonly count: number;
  /** The problem of the first. */
  readonly state: NodeState;
}

/** For every manifest of whose content something is missing, damaged or could not be looked at. */
export function contentTroubles(
  links: readonly Link[],
  nodes: ReadonlyMap<string, GraphNode>,
): ReadonlyMap<string, ContentTrouble> {
  const troubles = new Map<string, ContentTrouble>();
  for (const link of links) {
    const state = link.form === 'content' ? nodes.get(link.right)?.state : undefined;
    if (state === undefined || !isProblem(state)) continue;
    const before = troubles.get(link.left);
    troubles.set(link.left, { count: (before?.count ?? 0) + 1, state: before?.state ?? state });
  }
  return troubles;
}
