import { ChevronRight, CornerLeftDown, CornerLeftUp, SquareStack } from 'lucide-react';
import type { CSSProperties, JSX } from 'react';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { formatSize } from '../../../../../shared/display/format-size.ts';
import { shortDigest } from '../../../../../shared/oci/digest.ts';
import { KindIcon } from '../../../ui/kind-icon.tsx';
import { TruthMark, truthWords } from '../truth-mark.tsx';
import { foundBy, rowState, rowTitle } from './row-words.ts';
import type { TreeRow } from './tree-rows.ts';
import styles from './tree.module.css';

interface TreeRowViewProps {
  readonly row: TreeRow;
  readonly index: number;
  readonly total: number | undefined;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly isRoot: boolean;
  readonly top: number;
  readonly onPick: (index: number) => void;
  readonly onToggle: (key: string) => void;
  readonly onActivate: (index: number) => void;
}

/** One line of the tree: what it is, how it was found, which one, how large, what is known of it. */
export function TreeRowView(props: TreeRowViewProps): JSX.Element {
  const { row, index, total, isActive, isSelected, isRoot, top, onPick, onToggle, onActivate } = props;
  const expanded =
    row.type === 'content' || (row.type === 'node' && row.expandable) ? row.expanded : undefined;
  return (
    <div
      role="row"
      className={styles['row']}
      style={{ transform: `translateY(${top}px)`, '--level': row.level - 1 } as CSSProperties}
      data-key={row.key}
      draggable={row.type !== 'content'}
      {...(row.type === 'content' ? {} : { 'data-node': row.node.digest })}
      data-type={row.type}
      data-state={row.type !== 'content' ? row.node.state : row.problems > 0 ? 'damaged' : undefined}
      aria-rowindex={index + 2}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={expanded}
      aria-selected={isSelected}
      tabIndex={isActive ? 0 : -1}
      onClick={() => onPick(index)}
      onDoubleClick={() => (expanded === undefined ? onActivate(index) : onToggle(row.key))}
    >
      <div role="gridcell" className={styles['name']}>
        <span
          className={styles['twist']}
          data-open={expanded}
          onClick={(event) => {
            if (expanded === undefined) return;
            event.stopPropagation();
            onToggle(row.key);
          }}
        >
          {expanded !== undefined && <ChevronRight size={14} aria-hidden />}
        </span>
        {row.type === 'content' ? (
          <SquareStack size={15} style={{ color: 'var(--layer)' }} aria-hidden />
        ) : (
          <KindIcon kind={row.node.kind} size={16} decorative />
        )}
        <bdi className={styles['title']} title={rowTooltip(row)}>
          {rowTitle(row)}
        </bdi>
        {isRoot && row.type === 'node' && <span className={styles['root']} title="What was opened" />}
        {row.type !== 'content' && row.node.tags.length > 0 && row.type === 'node' && (
          <bdi className={styles['tags']}>{row.node.tags.map(displayText).join(', ')}</bdi>
        )}
        {row.type === 'reference' && <ReferenceMark place={row.place} onClick={() => onActivate(index)} />}
      </div>
      <div role="gridcell" className={styles['via']} title={foundBy(row)}>
        {foundBy(row)}
      </div>
      <div role="gridcell" className={styles['digest']}>
        {row.type !== 'content' && (
          <bdi title={displayText(row.node.digest)}>{displayText(shortDigest(row.node.digest))}</bdi>
        )}
      </div>
      <div role="gridcell" className={styles['size']}>
        {row.type === 'reference'
          ? ''
          : formatSize(row.type === 'content' ? row.size : (total ?? row.node.size))}
      </div>
      <div role="gridcell" className={styles['state']} title={stateTooltip(row)}>
        {row.type === 'node' && <TruthMark node={row.node} size={14} />}
        {row.type !== 'reference' && <span>{rowState(row)}</span>}
      </div>
    </div>
  );
}

function ReferenceMark({
  place,
  onClick,
}: {
  readonly place: 'above' | 'below';
  readonly onClick: () => void;
}): JSX.Element {
  const Icon = place === 'above' ? CornerLeftUp : CornerLeftDown;
  return (
    <span
      className={styles['reference']}
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
    >
      <Icon size={12} aria-hidden /> shown {place}
    </span>
  );
}

function rowTooltip(row: TreeRow): string | undefined {
  if (row.type === 'content') return undefined;
  const { node } = row;
  return [
    displayText(node.title),
    displayText(node.artifactType ?? node.configMediaType ?? node.mediaType),
  ].join('\n');
}

function stateTooltip(row: TreeRow): string | undefined {
  if (row.type !== 'node') return undefined;
  const { node } = row;
  return node.error === undefined
    ? truthWords(node)
    : `${truthWords(node)}. ${displayText(node.error.message)}`;
}
