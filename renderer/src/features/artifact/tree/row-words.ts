import { displayText } from '../../../../../shared/display/display-text.ts';
import { viaName } from '../../../../../shared/display/via-name.ts';
import type { NodeState } from '../../../../../shared/contract/graph-words.ts';
import { isSignature } from '../model/node-facts.ts';
import { foundByWords } from '../model/links.ts';
import type { TreeRow } from './tree-rows.ts';

const STATE_WORDS: Readonly<Record<NodeState, string>> = {
  ok: 'digest matches',
  unchecked: 'not read',
  missing: 'missing',
  damaged: 'damaged',
  refused: 'refused',
  failed: 'could not look',
  limited: 'over a limit',
  pending: 'being read',
};

/** What a row is called. */
export function rowTitle(row: TreeRow): string {
  if (row.type !== 'content') return displayText(row.node.title);
  const layers = `${row.layers.toLocaleString('en')} ${row.layers === 1 ? 'layer' : 'layers'}`;
  if (row.configs === 0) return layers;
  return row.layers === 0 ? 'Config' : `Config and ${layers}`;
}

/** How a row was found: "referrers API, fallback tag"; for children and content their role. */
export function foundBy(row: TreeRow): string {
  if (row.type === 'content' || row.form === undefined) return '';
  const found = foundByWords({ form: row.form, vias: row.vias });
  return (found.length > 0 ? found : row.vias.map(viaName)).join(', ');
}

/** The state of a row's node in a word or two. */
export function rowState(row: TreeRow): string {
  if (row.type === 'content') {
    return row.problems === 0 ? '' : `${row.problems.toLocaleString('en')} with a problem`;
  }
  const { state, kind } = row.node;
  return state === 'ok' && isSignature(kind) ? 'not checked' : STATE_WORDS[state];
}
