import { EDGE_VIAS, type EdgeVia } from '../../shared/contract/graph-words.ts';

/** Ways in which one edge was found, as bits in the order of `EDGE_VIAS`: a graph can have very many edges. */
export type EdgeWays = number;

export const NO_WAYS: EdgeWays = 0;

export function wayBit(via: EdgeVia): EdgeWays {
  return 1 << EDGE_VIAS.indexOf(via);
}

/** The names of the ways, always in one order, whichever was found first. */
export function namesOf(ways: EdgeWays): EdgeVia[] {
  return EDGE_VIAS.filter((_, index) => (ways & (1 << index)) !== 0);
}
