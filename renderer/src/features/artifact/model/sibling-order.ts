import type { NodeKind } from '../../../../../shared/contract/graph-words.ts';
import type { Link, LinkForm } from './links.ts';

/** What the order of siblings depends on. */
export interface Sortable {
  readonly id: string;
  readonly kind: NodeKind;
  /** What many of become one cluster: the kind, and of what has none its type. */
  readonly family: string;
  readonly sortText: string;
}

const FORM_ORDER: Readonly<Record<LinkForm, number>> = { child: 0, content: 1, referrer: 2 };

/** In which order the kinds attached to one subject stand below each other. */
const KIND_ORDER: readonly NodeKind[] = [
  'image',
  'index',
  'sbom-spdx',
  'sbom-cyclonedx',
  'signature-cosign',
  'signature-notation',
  'sigstore-bundle',
  'attestation',
  'sarif',
  'helm-chart',
  'wasm',
  'other',
  'config',
  'layer',
];

/**
 * The order in which things stand beside one node: children, content, attached. Children and content keep the order of
 * their document; what is attached has none of its own and is sorted by kind and name once the walk has ended, so that
 * two walks of one graph give one picture. Until then it keeps the order in which it came, so that nothing swaps places.
 */
export function compareSiblings(
  a: Link,
  b: Link,
  settled: boolean,
  nodes: ReadonlyMap<string, Sortable>,
): number {
  const byForm = FORM_ORDER[a.form] - FORM_ORDER[b.form];
  if (byForm !== 0 || a.form !== 'referrer' || !settled) return byForm;
  const one = nodes.get(a.right);
  const other = nodes.get(b.right);
  if (one === undefined || other === undefined) return 0;
  const byKind = KIND_ORDER.indexOf(one.kind) - KIND_ORDER.indexOf(other.kind);
  if (byKind !== 0) return byKind;
  if (one.sortText !== other.sortText) return one.sortText < other.sortText ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

/** Links by their left end, each list in sibling order. */
export function linksByLeft(
  links: readonly Link[],
  settled: boolean,
  nodes: ReadonlyMap<string, Sortable>,
): ReadonlyMap<string, readonly Link[]> {
  const byLeft = new Map<string, Link[]>();
  for (const link of links) {
    const list = byLeft.get(link.left);
    if (list === undefined) byLeft.set(link.left, [link]);
    else list.push(link);
  }
  for (const list of byLeft.values()) list.sort((a, b) => compareSiblings(a, b, settled, nodes));
  return byLeft;
}
