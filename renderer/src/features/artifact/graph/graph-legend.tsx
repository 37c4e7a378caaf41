import { X } from 'lucide-react';
import { useMemo, type JSX } from 'react';
import { NODE_KINDS, NODE_STATES } from '../../../../../shared/contract/graph-words.ts';
import { kindName } from '../../../../../shared/display/kind-name.ts';
import { IconButton } from '../../../ui/icon-button.tsx';
import { KindIcon } from '../../../ui/kind-icon.tsx';
import { isBlob, isSignature } from '../model/node-facts.ts';
import type { PictureSource } from '../model/picture-source.ts';
import { TruthMark, truthWords } from '../truth-mark.tsx';
import styles from './graph.module.css';

interface GraphLegendProps {
  readonly source: PictureSource;
  readonly onClose: () => void;
}

/** What lines, kinds and marks mean: only those that this graph has. */
export function GraphLegend({ source, onClose }: GraphLegendProps): JSX.Element {
  const nodes = useMemo(() => [...source.nodes.values()], [source]);
  const kinds = NODE_KINDS.filter((kind) => nodes.some((node) => node.kind === kind));
  const states = NODE_STATES.filter(
    (state) => state !== 'ok' && nodes.some((node) => node.state === state && !isBlob(node)),
  );
  const signature = nodes.find((node) => node.state === 'ok' && isSignature(node.kind));
  return (
    <section className={styles['legend']} aria-label="Legend">
      <header>
        <h2>Legend</h2>
        <IconButton
          size="small"
          label="Close the legend"
          icon={<X size={14} aria-hidden />}
          onClick={onClose}
        />
      </header>
      <ul>
        <li>
          <span className={styles['rootSample']} /> what was opened
        </li>
        <li>
          <LineSample form="child" /> a child, a config, a layer
        </li>
        <li>
          <LineSample form="referrer" /> attached, and how that was found
        </li>
      </ul>
      <ul className={styles['legendKinds']}>
        {kinds.map((kind) => (
          <li key={kind}>
            <KindIcon kind={kind} size={15} decorative /> {kindName(kind)}
          </li>
        ))}
      </ul>
      {(states.length > 0 || signature !== undefined) && (
        <ul>
          {signature !== undefined && (
            <li>
              <TruthMark node={signature} /> {truthWords(signature)}
            </li>
          )}
          {states.map((state) => (
            <li key={state}>
              <TruthMark node={{ state, kind: 'other' }} /> {truthWords({ state, kind: 'other' })}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function LineSample({ form }: { readonly form: 'child' | 'referrer' }): JSX.Element {
  return (
    <svg
      width="28"
      height="12"
      className={styles['wire']}
      data-form={form}
      data-placing="true"
      data-lit="false"
      aria-hidden
    >
      <path d="M1 6H27" />
    </svg>
  );
}
