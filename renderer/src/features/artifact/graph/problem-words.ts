import type { NodeState } from '../../../../../shared/contract/graph-words.ts';

/** One word on a card for each state in which something is wrong. */
export const PROBLEM_WORDS: Partial<Readonly<Record<NodeState, string>>> = {
  missing: 'missing',
  damaged: 'damaged',
  refused: 'refused',
  failed: 'could not look',
  limited: 'over a limit',
};
