import { memo, useMemo, useRef, type JSX, type PointerEvent } from 'react';
import { Panel, useReactFlow, useStore } from 'reactflow';
import type { NodeKind } from '../../../../../shared/contract/graph-words.ts';
import { kindColour } from '../../../ui/kind-icon.tsx';
import type { Arrangement } from '../layout/arrangement.ts';
import { CARD_HEIGHT, CARD_WIDTH } from '../layout/metrics.ts';
import type { PictureSource } from '../model/picture-source.ts';
import styles from './graph.module.css';

const WIDTH = 168;
const HEIGHT = 116;
/** Room around the picture in the map, in pixels of the map. */
const PADDING = 6;

interface GraphMapProps {
  readonly picture: Arrangement;
  readonly source: PictureSource;
}

/**
 * A small map of a picture that is larger than the pane: where everything lies, and which part is in sight. Drawn with one
 * path for each kind, so that a thousand cards cost no more than ten. Press or drag to go there; the keyboard has the
 * arrows, which lead from card to card and take the view along.
 */
export const GraphMap = memo(function GraphMap({ picture, source }: GraphMapProps): JSX.Element {
  const flow = useReactFlow();
  const map = useRef<SVGSVGElement>(null);
  const frame = useMemo(() => mapFrame(picture.bounds), [picture]);
  const paths = useMemo(() => kindPaths(picture, source), [picture, source]);

  const goTo = (event: PointerEvent<SVGSVGElement>): void => {
    if (event.buttons !== 1 || map.current === null) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const box = map.current.getBoundingClientRect();
    const x = frame.x + ((event.clientX - box.left) / box.width) * frame.width;
    const y = frame.y + ((event.clientY - box.top) / box.height) * frame.height;
    void flow.setCenter(x, y, { zoom: flow.getZoom() });
  };

  return (
    <Panel position="bottom-right" className={styles['map'] ?? ''}>
      <svg
        ref={map}
        width={WIDTH}
        height={HEIGHT}
        viewBox={`${frame.x} ${frame.y} ${frame.width} ${frame.height}`}
        className="nopan nowheel"
        role="img"
        aria-label="Small map of the graph"
        onPointerDown={goTo}
        onPointerMove={goTo}
      >
        {paths.map(([kind, path]) => (
          <path key={kind} d={path} style={{ fill: kindColour(kind) }} />
        ))}
        <Sight frame={frame} />
      </svg>
    </Panel>
  );
});

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is in sight stays clear, the rest is veiled. */
function Sight({ frame }: { readonly frame: Frame }): JSX.Element {
  const [x, y, zoom] = useStore((state) => state.transform);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const seen = { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
  return (
    <>
      <path className={styles['mapVeil']} fillRule="evenodd" d={`${rectangle(frame)}${rectangle(seen)}`} />
      <path className={styles['mapSight']} d={rectangle(seen)} />
    </>
  );
}

/** The part of the plane that the map shows: the picture in the middle, with the map's own proportions. */
function mapFrame(bounds: Arrangement['bounds']): Frame {
  const scale = Math.max(bounds.width / (WIDTH - 2 * PADDING), bounds.height / (HEIGHT - 2 * PADDING), 1);
  const width = WIDTH * scale;
  const height = HEIGHT * scale;
  return {
    x: bounds.x + (bounds.width - width) / 2,
    y: bounds.y + (bounds.height - height) / 2,
    width,
    height,
  };
}

function kindPaths(picture: Arrangement, source: PictureSource): readonly (readonly [NodeKind, string])[] {
  const paths = new Map<NodeKind, string>();
  const add = (kind: NodeKind, box: Frame): void => {
    paths.set(kind, (paths.get(kind) ?? '') + rectangle(box));
  };
  for (const { id, x, y } of picture.cards) {
    add(source.nodes.get(id)?.kind ?? 'other', { x, y, width: CARD_WIDTH, height: CARD_HEIGHT });
  }
  for (const cluster of picture.clusters) if (!cluster.open) add(cluster.kind, cluster);
  return [...paths];
}

function rectangle({ x, y, width, height }: Frame): string {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}
