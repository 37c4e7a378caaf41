import type { NodeKind } from '../../../../../shared/contract/graph-words.ts';
import { kindName } from '../../../../../shared/display/kind-name.ts';
import type { PictureSource } from './picture-source.ts';

/** "SLSA provenance" rather than "Attestation" where all of them are; of what is of no known kind its type. */
export function commonTitle(kind: NodeKind, members: readonly string[], source: PictureSource): string {
  const [first, ...others] = members.map((member) => source.nodes.get(member)?.title);
  return first !== undefined && others.every((title) => title === first) ? first : kindName(kind);
}
