import { Separator } from 'react-resizable-panels';
import type { JSX } from 'react';
import styles from './splitter.module.css';

interface SplitterProps {
  /** What it resizes, for a screen reader: "Width of the sources". */
  readonly label: string;
}

/** The line between two panels: dragged, or moved with the arrows while it has the focus. */
export function Splitter({ label }: SplitterProps): JSX.Element {
  return <Separator className={styles['splitter']} aria-label={label} />;
}
