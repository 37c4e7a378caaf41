import { memo, type CSSProperties, type JSX } from 'react';
import type { NodeProps } from 'reactflow';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { formatSize } from '../../../../../shared/display/format-size.ts';
import { KindIcon, kindColour } from '../../../ui/kind-icon.tsx';
import { cardTitle } from '../model/card-title.ts';
import { cardDigest, sizeWords } from '../model/node-facts.ts';
import { TruthMark, truthWords } from '../truth-mark.tsx';
import type { CardData, CardFlowNode } from './flow-elements.ts';
import { useGraphActions } from './graph-actions.ts';
import { problemWords } from './problem-words.ts';
import { useStop } from './use-stop.ts';
import styles from './graph.module.css';

/** One node of the graph as a card of fixed size: what it is, which one, how large, and whether something is wrong with it. */
export const GraphCard = memo(function GraphCard({ data }: NodeProps<CardFlowNode>): JSX.Element {
  const { node, total, trouble, isRoot, isSelected, isActive } = data;
  const { choose } = useGraphActions();
  const button = useStop(node.digest);
  const problem = problemWords(node.state, trouble);
  return (
    <button
      ref={button}
      type="button"
      // Dragged to another place by itself, not the picture with it.
      className={`${styles['card'] ?? ''} nodrag nopan`}
      draggable
      style={{ '--kind': kindColour(node.kind) } as CSSProperties}
      data-stop={node.digest}
      data-state={node.state}
      data-root={isRoot || undefined}
      aria-current={isSelected || undefined}
      aria-label={cardWords(data)}
      tabIndex={isActive ? 0 : -1}
      title={tooltip(data)}
      onClick={() => choose(node.digest)}
    >
      <span className={styles['edge']} />
      <KindIcon kind={node.kind} size={18} decorative />
      <span className={styles['text']}>
        <bdi className={styles['title']}>{cardTitle(node.title)}</bdi>
        <span className={styles['facts']}>
          {problem !== undefined && <span className={styles['problem']}>{problem} · </span>}
          <bdi>{displayText(cardDigest(node.digest))}</bdi>
          {problem === undefined && ` · ${formatSize(total)}`}
        </span>
      </span>
      <TruthMark
        node={node.state === 'ok' && trouble !== undefined ? { state: trouble.state, kind: 'other' } : node}
      />
    </button>
  );
});

function cardWords({ node, total, trouble, relation, isRoot }: CardData): string {
  const parts = [
    displayText(node.title),
    cardDigest(node.digest),
    formatSize(total),
    ...(isRoot ? ['what was opened'] : []),
    ...(relation === undefined ? [] : [relation]),
    truthWords(node),
    ...(trouble === undefined ? [] : [`${problemWords('ok', trouble) ?? ''} of config and layers`]),
  ];
  return parts.join(', ');
}

function tooltip({ node, total, relation }: CardData): string {
  const type = node.artifactType ?? node.configMediaType ?? node.mediaType;
  const lines = [
    displayText(node.title),
    displayText(type),
    displayText(node.digest),
    sizeWords(node, total),
    ...(node.tags.length === 0 ? [] : [`tagged ${node.tags.map(displayText).join(', ')}`]),
    ...(relation === undefined ? [] : [relation]),
    node.error === undefined ? truthWords(node) : `${truthWords(node)}. ${displayText(node.error.message)}`,
  ];
  return lines.join('\n');
}
