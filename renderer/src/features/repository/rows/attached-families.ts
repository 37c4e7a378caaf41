import type { NodeKind } from '../../../../../shared/contract/graph-words.ts';
import { kindName } from '../../../../../shared/display/kind-name.ts';

/** Kinds that share a sign, counted together: SBOMs of both formats, signatures of both tools. */
export interface AttachedFamily {
  /** The kind whose sign stands for all. */
  readonly kind: NodeKind;
  readonly count: number;
  /** "SBOM · SPDX: 1" for each kind. */
  readonly words: readonly string[];
}

const HEADS: Partial<Readonly<Record<NodeKind, NodeKind>>> = {
  'sbom-cyclonedx': 'sbom-spdx',
  'signature-notation': 'signature-cosign',
};

/** The families in their usual order, whatever order the answer had, so that rows can be compared by eye. */
const ORDER: readonly NodeKind[] = [
  'sbom-spdx',
  'signature-cosign',
  'sigstore-bundle',
  'attestation',
  'sarif',
];

export function attachedFamilies(
  attached: readonly { readonly kind: NodeKind; readonly count: number }[],
): readonly AttachedFamily[] {
  const families = new Map<NodeKind, { count: number; readonly words: string[] }>();
  for (const { kind, count } of attached) {
    const head = HEADS[kind] ?? kind;
    const family = families.get(head) ?? { count: 0, words: [] };
    families.set(head, {
      count: family.count + count,
      words: [...family.words, `${kindName(kind)}: ${count}`],
    });
  }
  const position = (kind: NodeKind): number => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);
  return [...families]
    .map(([kind, { count, words }]) => ({ kind, count, words }))
    .toSorted((a, b) => position(a.kind) - position(b.kind));
}
