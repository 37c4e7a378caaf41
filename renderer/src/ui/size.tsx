import type { JSX } from 'react';
import { formatSize } from '../../../shared/display/format-size.ts';
import styles from './size.module.css';

const EXACT = new Intl.NumberFormat('en');

/** A number of bytes in SI units; the exact number is in its tooltip. */
export function Size({ bytes }: { readonly bytes: number }): JSX.Element {
  return (
    <span className={styles['size']} title={`${EXACT.format(bytes)} bytes`}>
      {formatSize(bytes)}
    </span>
  );
}
