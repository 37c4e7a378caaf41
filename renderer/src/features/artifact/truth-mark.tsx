import { CircleDashed } from 'lucide-react';
import type { JSX } from 'react';
import type { GraphNode } from '../../../../shared/contract/graph.ts';
import { StateIcon, stateWords } from '../../ui/state-icon.tsx';
import { isBlob, isSignature } from './model/node-facts.ts';

const NOT_CHECKED = 'Signature present, not checked';

/** What is known of a node in words: of its bytes, and of a signature that nobody has checked it. */
export function truthWords(node: Pick<GraphNode, 'state' | 'kind'>): string {
  return node.state === 'ok' && isSignature(node.kind) ? NOT_CHECKED : stateWords(node.state);
}

interface TruthMarkProps {
  readonly node: Pick<GraphNode, 'state' | 'kind'>;
  readonly size?: number;
}

/**
 * The sign of what is known, a shape for each state. Nothing at all for what is simply there and whole (a tick is kept
 * for what was verified against the person's own policy), nor for content that nobody needs to read yet.
 */
export function TruthMark({ node, size = 15 }: TruthMarkProps): JSX.Element | null {
  if (node.state === 'unchecked' && isBlob(node)) return null;
  if (node.state !== 'ok') return <StateIcon state={node.state} size={size} decorative />;
  if (!isSignature(node.kind)) return null;
  return <CircleDashed size={size} strokeWidth={2} style={{ color: 'var(--dim)' }} aria-hidden />;
}
