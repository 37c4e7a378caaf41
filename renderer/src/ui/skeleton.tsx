import type { JSX } from 'react';
import styles from './skeleton.module.css';

interface SkeletonProps {
  /** CSS width: the usual width of what will stand here. */
  readonly width: number | string;
  /** Does not breathe: for lists, where many would. */
  readonly still?: boolean;
}

/** The place of a text that is still coming. Has the height of a line, so nothing jumps when it comes. */
export function Skeleton({ width, still = false }: SkeletonProps): JSX.Element {
  return <span className={styles['skeleton']} data-still={still} style={{ width }} aria-hidden />;
}
