import { ChevronsDownUp, ChevronsUpDown } from 'lucide-react';
import { memo, type CSSProperties, type JSX } from 'react';
import type { NodeProps } from 'reactflow';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { cardTitle } from '../model/card-title.ts';
import { KindIcon, kindColour } from '../../../ui/kind-icon.tsx';
import type { ClusterData, ClusterFlowNode } from './flow-elements.ts';
import { useGraphActions } from './graph-actions.ts';
import { useStop } from './use-stop.ts';
import styles from './graph.module.css';

/** Many of one kind as one card with their number. Opens in its place. */
export const ClusterCard = memo(function ClusterCard({ data }: NodeProps<ClusterFlowNode>): JSX.Element {
  const { id, kind, title, count, hidden, problems, isActive } = data;
  const { toggleCluster } = useGraphActions();
  const button = useStop(id);
  return (
    <button
      ref={button}
      type="button"
      className={`${styles['card'] ?? ''} ${styles['cluster'] ?? ''}`}
      style={{ '--kind': kindColour(kind) } as CSSProperties}
      data-stop={id}
      aria-expanded={false}
      aria-label={clusterWords(data)}
      tabIndex={isActive ? 0 : -1}
      title={clusterWords(data)}
      onClick={() => toggleCluster(id)}
    >
      <span className={styles['edge']} />
      <KindIcon kind={kind} size={18} decorative />
      <span className={styles['text']}>
        <bdi className={styles['title']}>{cardTitle(title)}</bdi>
        <span className={styles['facts']}>
          <span className={styles['count']}>{count.toLocaleString('en')}</span>
          {problems > 0 ? (
            <span className={styles['problem']}> · {problems.toLocaleString('en')} with a problem</span>
          ) : hidden > 0 ? (
            ` and ${hidden.toLocaleString('en')} attached`
          ) : (
            ' of them'
          )}
        </span>
      </span>
      <ChevronsUpDown size={15} aria-hidden />
    </button>
  );
});

/** An opened cluster: a frame around its cards, with a header that closes it. */
export const ClusterTray = memo(function ClusterTray({ data }: NodeProps<ClusterFlowNode>): JSX.Element {
  const { id, kind, title, count, isActive } = data;
  const { toggleCluster } = useGraphActions();
  const button = useStop(id);
  return (
    <div className={styles['tray']} style={{ '--kind': kindColour(kind) } as CSSProperties}>
      <button
        ref={button}
        type="button"
        className={styles['trayHeader']}
        data-stop={id}
        aria-expanded
        aria-label={clusterWords(data)}
        tabIndex={isActive ? 0 : -1}
        title="Close"
        onClick={() => toggleCluster(id)}
      >
        <KindIcon kind={kind} size={15} decorative />
        <span className={styles['trayTitle']}>
          <span className={styles['count']}>{count.toLocaleString('en')}</span> ×{' '}
          <bdi>{displayText(title)}</bdi>
        </span>
        <ChevronsDownUp size={14} aria-hidden />
      </button>
    </div>
  );
});

function clusterWords({ title, count, hidden, problems, isOpen }: ClusterData): string {
  const parts = [
    `${count.toLocaleString('en')} of one kind: ${displayText(title)}`,
    ...(hidden > 0 ? [`${hidden.toLocaleString('en')} attached to them`] : []),
    ...(problems > 0 ? [`${problems.toLocaleString('en')} with a problem`] : []),
    isOpen ? 'Space closes' : 'Space opens',
  ];
  return parts.join(', ');
}
