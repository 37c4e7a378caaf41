import type { EdgeVia } from '../../../../../shared/contract/graph-words.ts';
import { viaName } from '../../../../../shared/display/via-name.ts';

/** The ways in which an attached node was found, each once; children and content are none. */
export function foundByWords(vias: readonly EdgeVia[]): string {
  const attached = vias.filter((via) => via !== 'child' && via !== 'config' && via !== 'layer');
  const names = [...new Set(attached.map(viaName))];
  return names.length === 0 ? 'only its own subject field says so' : names.join(', ');
}
