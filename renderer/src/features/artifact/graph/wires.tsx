import { memo, useMemo, type JSX } from 'react';
import { useStore, ViewportPortal } from 'reactflow';
import type { Arrangement } from '../layout/arrangement.ts';
import { visibleWires, type Part } from '../layout/visible-wires.ts';
import { labelsOf, pathOf, wireGeometries, type WireGeometry } from '../layout/wire-geometry.ts';
import styles from './graph.module.css';

/** The visible part is told in steps of this many units, so that moving the view does not draw anew with every pixel. */
const STEP = 400;

interface WiresProps {
  readonly picture: Arrangement;
  readonly selected: string | undefined;
}

/**
 * The lines of the picture, below its cards: solid to a child, dashed to what is attached, with the way that was found at
 * its end. Only those in sight are drawn. Every card says in words what it belongs to, so screen readers need no lines.
 */
export const Wires = memo(function Wires({ picture, selected }: WiresProps): JSX.Element {
  const geometries = useMemo(() => wireGeometries(picture), [picture]);
  const part = useStore(visiblePart, samePart);
  const visible = useMemo(() => visibleWires(geometries, part), [geometries, part]);
  return (
    <ViewportPortal>
      <svg className={styles['wires']} width="1" height="1" aria-hidden>
        {visible.map((geometry) => (
          <Wire
            key={geometry.wire.id}
            geometry={geometry}
            isLit={geometry.wire.source === selected || geometry.wire.target === selected}
          />
        ))}
      </svg>
    </ViewportPortal>
  );
});

const Wire = memo(function Wire({
  geometry,
  isLit,
}: {
  readonly geometry: WireGeometry;
  readonly isLit: boolean;
}): JSX.Element {
  const { wire } = geometry;
  return (
    <g className={styles['wire']} data-form={wire.form} data-placing={wire.placing} data-lit={isLit}>
      <path d={pathOf(geometry)} />
      {labelsOf(geometry).map((label) => (
        <text key={label.text} x={label.x} y={label.y} textAnchor={label.anchor}>
          {label.text}
        </text>
      ))}
    </g>
  );
});

interface FlowState {
  readonly transform: readonly [number, number, number];
  readonly width: number;
  readonly height: number;
}

function visiblePart({ transform: [x, y, zoom], width, height }: FlowState): Part {
  return {
    left: Math.floor(-x / zoom / STEP) * STEP,
    top: Math.floor(-y / zoom / STEP) * STEP,
    right: Math.ceil((width - x) / zoom / STEP) * STEP,
    bottom: Math.ceil((height - y) / zoom / STEP) * STEP,
  };
}

function samePart(a: Part, b: Part): boolean {
  return a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom;
}
