import type { ProcedureInput } from '../../../../shared/contract/contract.ts';
import type { Description } from '../../../../shared/contract/content.ts';
import { shortDigest } from '../../../../shared/oci/digest.ts';
import type { Inspected } from '../../inspection/inspection.tsx';
import { draggedFileName } from '../../moving/dragged-file-name.ts';
import { isPart } from '../../moving/thing.ts';
import { nodeAddress } from './node-address.ts';

const TITLE = 'org.opencontainers.image.title';
/** Longest name that the contract takes. */
const NAME_LIMIT = 255;

type DragWish = ProcedureInput<'content.prepareDrag'>;

/** The inspected node to be dragged out: a file that has a name, or an artifact with such files. Undefined for everything else. */
export function wishOfNode(inspected: Inspected, links: Description['links']): DragWish | undefined {
  const { node, target } = inspected;
  if (node.state === 'missing' || node.state === 'pending') return undefined;
  const address = nodeAddress(inspected);
  if (isPart(node)) {
    const title = node.annotations?.[TITLE];
    if (title === undefined || title === '') return undefined;
    return { ...address, fileName: draggedFileName(title, node.mediaType) };
  }
  if (node.kind === 'index' || !links.some(({ title }) => title !== undefined && title !== ''))
    return undefined;
  const what = (target.repository ?? '').split('/').at(-1);
  const which = node.tags[0] ?? shortDigest(node.digest);
  return { ...address, fileName: [what, which].filter(Boolean).join('-').slice(0, NAME_LIMIT) };
}

/** A config or layer that the inspected document names, when it has a name as a file. */
export function wishOfLink(
  { target, node, known }: Inspected,
  link: Description['links'][number],
): DragWish | undefined {
  const { digest, mediaType, size, title } = link;
  if (node.kind === 'index' || title === undefined || title === '') return undefined;
  if (known?.get(digest)?.state === 'missing') return undefined;
  const address = nodeAddress({ target, node: { ...node, kind: 'layer', digest, mediaType, size } });
  return { ...address, fileName: draggedFileName(title, mediaType) };
}
