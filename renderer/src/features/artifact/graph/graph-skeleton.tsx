import type { CSSProperties, JSX } from 'react';
import { CARD_HEIGHT, CARD_WIDTH, COLUMN_PITCH, ROW_GAP } from '../layout/metrics.ts';
import styles from './graph.module.css';

/** Where the first cards will probably stand: one, and some beside it. */
const PLACES: readonly (readonly [column: number, row: number])[] = [
  [0, 1.5],
  [1, 0],
  [1, 1],
  [1, 2],
  [1, 3],
];

/** The place of a graph whose first node has not come yet. */
export function GraphSkeleton(): JSX.Element {
  return (
    <div className={styles['skeleton']} role="status">
      <span className="visually-hidden">Looking for what is there…</span>
      <div className={styles['ghosts']} aria-hidden>
        {PLACES.map(([column, row]) => (
          <span key={`${column} ${row}`} className={styles['ghost']} style={place(column, row)} />
        ))}
      </div>
    </div>
  );
}

function place(column: number, row: number): CSSProperties {
  return {
    left: column * COLUMN_PITCH,
    top: row * (CARD_HEIGHT + ROW_GAP),
    width: CARD_WIDTH,
    height: CARD_HEIGHT,
  };
}
