import type { ContentTrouble } from '../model/content-trouble.ts';
import type { NodeState } from '../../../../../shared/contract/graph-words.ts';

/** One word on a card for each state in which something is wrong. */
const PROBLEM_WORDS: Partial<Readonly<Record<NodeState, string>>> = {
  missing: 'missing',
  damaged: 'damaged',
  refused: 'refused',
  failed: 'could not look',
  limited: 'over a limit',
};

/** What is wrong with a card's node, or else with what it holds: "damaged", "a part missing", "3 parts damaged". */
export function problemWords(state: NodeState, trouble: ContentTrouble | undefined): string | undefined {
  const own = PROBLEM_WORDS[state];
  if (own !== undefined || trouble === undefined) return own;
  return `${trouble.count === 1 ? 'a part' : `${trouble.count.toLocaleString('en')} parts`} ${PROBLEM_WORDS[trouble.state] ?? ''}`;
}
