import 'reactflow/dist/style.css';
import { useCallback, useMemo, useRef, useState, type JSX } from 'react';
import { ReactFlowProvider } from 'reactflow';
import type { ArrangeInput, Arrangement } from '../layout/arrangement.ts';
import { clustersAround } from '../layout/group-units.ts';
import { useArrangement } from '../layout/use-arrangement.ts';
import { useCalmArrangement } from '../layout/use-calm-arrangement.ts';
import { cardIds, type PictureSource } from '../model/picture-source.ts';
import { GraphPane } from './graph-pane.tsx';
import { GraphSkeleton } from './graph-skeleton.tsx';
import { usePaneSize } from './use-pane-size.ts';
import styles from './graph.module.css';

interface GraphViewProps {
  /** Names the picture for a screen reader: "team/app:1.8.2". */
  readonly name: string;
  readonly source: PictureSource;
  /** True while nodes may still come. */
  readonly growing: boolean;
  readonly contentShown: boolean;
  readonly onContentShown: (shown: boolean) => void;
  readonly selected: string | undefined;
  /** The selected node, where the person chose it: its lines are lit. */
  readonly lit: string | undefined;
  readonly onSelect: (digest: string) => void;
}

/** The graph as a picture. Laid out by a worker, drawn by React Flow, walked through with the arrow keys. */
export function GraphView({ growing, ...rest }: GraphViewProps): JSX.Element {
  const { source, contentShown, selected } = rest;
  const box = useRef<HTMLDivElement>(null);
  const size = usePaneSize(box);
  const [openClusters, setOpenClusters] = useState<ReadonlySet<string>>(new Set());
  // The selection whose cluster the person closed: it does not open it again by itself.
  const [dismissed, setDismissed] = useState<string>();
  // The cluster that the person opened or closed last: it stays in its place, the rest moves.
  const [held, setHeld] = useState<string>();

  const input = useMemo(() => {
    if (source.nodes.size === 0) return undefined;
    return {
      nodes: cardIds(source, contentShown).flatMap((id) => source.sortables.get(id) ?? []),
      links: source.links,
      roots: source.roots,
      openClusters: [...openClusters],
      settled: !growing,
    };
  }, [source, contentShown, openClusters, growing]);

  const arrangement = useArrangement(input, held);
  const picture = useCalmArrangement(arrangement);

  if (input !== undefined && arrangement !== undefined && selected !== undefined && selected !== dismissed) {
    const hiding = clustersHiding(selected, input, arrangement, openClusters);
    if (hiding.length > 0) setOpenClusters(new Set([...openClusters, ...hiding]));
  }

  const toggleCluster = useCallback(
    (id: string) => {
      const isOpen = openClusters.has(id);
      const next = new Set(openClusters);
      if (isOpen) next.delete(id);
      else next.add(id);
      setOpenClusters(next);
      setHeld(id);
      setDismissed(isOpen ? selected : undefined);
    },
    [openClusters, selected],
  );

  return (
    <div ref={box} className={styles['box']}>
      {arrangement === undefined || picture === undefined || size === undefined ? (
        <GraphSkeleton />
      ) : (
        <ReactFlowProvider>
          <GraphPane
            {...rest}
            picture={picture}
            target={arrangement}
            size={size}
            toggleCluster={toggleCluster}
          />
        </ReactFlowProvider>
      )}
    </div>
  );
}

/** Clusters to open so that a node has a card; none when it has one, or is not part of the picture. */
function clustersHiding(
  id: string,
  input: ArrangeInput,
  arrangement: Arrangement,
  open: ReadonlySet<string>,
): readonly string[] {
  if (arrangement.cards.some((card) => card.id === id) || !input.nodes.some((node) => node.id === id))
    return [];
  return clustersAround(id, input).filter((cluster) => !open.has(cluster));
}
