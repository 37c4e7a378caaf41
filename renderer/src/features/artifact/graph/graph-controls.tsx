import { Map as MapIcon, Maximize, Minus, Plus, SquareStack } from 'lucide-react';
import { memo, useMemo, useState, type JSX } from 'react';
import { Panel, useReactFlow, useStore } from 'reactflow';
import { classNames } from '../../../ui/class-names.ts';
import { IconButton } from '../../../ui/icon-button.tsx';
import { isBlob } from '../model/node-facts.ts';
import type { PictureSource } from '../model/picture-source.ts';
import { GraphLegend } from './graph-legend.tsx';
import styles from './graph.module.css';

interface GraphControlsProps {
  readonly source: PictureSource;
  readonly contentShown: boolean;
  readonly onContentShown: (shown: boolean) => void;
  readonly onFit: () => void;
}

/** What floats in the corner of the graph: zoom, fit, whether configs and layers have cards, and the legend. */
export function GraphControls({
  source,
  contentShown,
  onContentShown,
  onFit,
}: GraphControlsProps): JSX.Element {
  const [legend, setLegend] = useState(false);
  const hasContent = useMemo(() => [...source.nodes.values()].some(isBlob), [source]);
  return (
    <>
      {legend && (
        <Panel position="bottom-left" className={styles['legendPanel'] ?? ''}>
          <GraphLegend source={source} onClose={() => setLegend(false)} />
        </Panel>
      )}
      <Panel position="bottom-left" className={classNames(styles['controls'], 'nopan')}>
        <ZoomControls onFit={onFit} />
        <div className={styles['group']} role="group" aria-label="Picture">
          {hasContent && (
            <button
              type="button"
              className={styles['toggle']}
              aria-pressed={contentShown}
              title="Show configs and layers as cards"
              onClick={() => onContentShown(!contentShown)}
            >
              <SquareStack size={14} aria-hidden /> Content
            </button>
          )}
          <button
            type="button"
            className={styles['toggle']}
            aria-pressed={legend}
            title="What shapes, lines and marks mean"
            onClick={() => setLegend(!legend)}
          >
            <MapIcon size={14} aria-hidden /> Legend
          </button>
        </div>
      </Panel>
    </>
  );
}

/** Left alone by React while the graph grows. */
const ZoomControls = memo(function ZoomControls({ onFit }: Pick<GraphControlsProps, 'onFit'>): JSX.Element {
  const flow = useReactFlow();
  return (
    <div className={styles['group']} role="group" aria-label="Zoom">
      <IconButton
        size="small"
        label="Zoom out"
        keys="-"
        icon={<Minus size={14} aria-hidden />}
        onClick={() => void flow.zoomOut()}
      />
      <ZoomPercent />
      <IconButton
        size="small"
        label="Zoom in"
        keys="+"
        icon={<Plus size={14} aria-hidden />}
        onClick={() => void flow.zoomIn()}
      />
      <IconButton
        size="small"
        label="Show all"
        keys="0"
        icon={<Maximize size={14} aria-hidden />}
        onClick={onFit}
      />
    </div>
  );
});

function ZoomPercent(): JSX.Element {
  const flow = useReactFlow();
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <button
      type="button"
      className={styles['percent']}
      title="Zoom to 100 %"
      aria-label={`Zoom ${percent} %, back to 100 %`}
      onClick={() => void flow.zoomTo(1)}
    >
      {percent} %
    </button>
  );
}
