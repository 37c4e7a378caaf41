import type { ProcedureInput } from '../../../../shared/contract/contract.ts';
import type { Inspected } from '../../inspection/inspection.tsx';

/** What the services are asked about a node. */
export type NodeAddress = ProcedureInput<'content.describe'>;

/** Longest media type that the contract takes; a longer one is a fault of the document and cut for the question. */
const MEDIA_TYPE_LIMIT = 512;

/** The question about the inspected node. */
export function nodeAddress({ target, node }: Inspected): NodeAddress {
  return {
    target,
    digest: node.digest,
    mediaType: node.mediaType.slice(0, MEDIA_TYPE_LIMIT),
    size: Number.isSafeInteger(node.size) && node.size >= 0 ? node.size : 0,
    manifest: node.kind !== 'config' && node.kind !== 'layer',
  };
}
