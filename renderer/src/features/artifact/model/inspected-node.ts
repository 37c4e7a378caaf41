import type { TargetAddress } from '../../../../../shared/contract/common.ts';
import type { Inspected, InspectedRelation } from '../../../inspection/inspection.tsx';
import { isReferrerVia, type Link } from './links.ts';
import type { PictureSource } from './picture-source.ts';

/** What the inspector is told about the selected node and its surroundings; undefined while the node is not known. */
export function inspectedNode(
  source: PictureSource,
  target: TargetAddress,
  selected: string | undefined,
  select: (digest: string) => void,
): Inspected | undefined {
  const node = selected === undefined ? undefined : source.nodes.get(selected);
  if (node === undefined) return undefined;
  const leftOf = source.links.filter((link) => link.right === node.digest);
  const rightOf = source.links.filter((link) => link.left === node.digest);
  const attached = (link: Link): boolean => link.form === 'referrer' || link.vias.some(isReferrerVia);
  const related = (links: readonly Link[], end: 'left' | 'right'): InspectedRelation[] =>
    links.flatMap((link) => {
      const other = source.nodes.get(link[end]);
      return other === undefined ? [] : [{ node: other, vias: link.vias }];
    });
  return {
    target,
    node,
    subjects: related(leftOf.filter(attached), 'left'),
    parents: related(
      leftOf.filter((link) => link.form !== 'referrer'),
      'left',
    ),
    referrers: related(rightOf.filter(attached), 'right'),
    known: source.nodes,
    select,
  };
}
