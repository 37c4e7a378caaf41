import { CircleDashed } from 'lucide-react';
import type { JSX } from 'react';
import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import type { NodeKind } from '../../../../../shared/contract/graph-words.ts';
import { StateIcon, stateWords } from '../../../ui/state-icon.tsx';
import { Fact } from './fact.tsx';
import styles from '../inspector.module.css';

const SIGNATURES: ReadonlySet<NodeKind> = new Set([
  'signature-cosign',
  'signature-notation',
  'sigstore-bundle',
]);

/** What is known of the node's bytes, in words; of a signature also that nobody has checked it. */
export function StateFact({ node }: { readonly node: GraphNode }): JSX.Element {
  return (
    <>
      <Fact name="State">
        <span className={styles['state']}>
          {node.state !== 'ok' && <StateIcon state={node.state} size={14} decorative />}
          {stateWords(node.state)}
        </span>
      </Fact>
      {SIGNATURES.has(node.kind) && node.state === 'ok' && (
        <Fact name="Signature">
          <span className={styles['state']}>
            <CircleDashed size={14} strokeWidth={2} aria-hidden /> Present, not checked
          </span>
        </Fact>
      )}
    </>
  );
}
