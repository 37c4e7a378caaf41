import type { JSX } from 'react';
import { Skeleton } from '../../ui/skeleton.tsx';
import styles from './skeleton-rows.module.css';

const WIDTHS = [120, 64, 72, 48, 96, 64, 80, 56, 104, 72, 60, 88] as const;

/** The rows that are coming: as high as rows, so that nothing moves when they come. */
export function SkeletonRows({ label }: { readonly label: string }): JSX.Element {
  return (
    <div role="rowgroup" className={styles['rows']}>
      {WIDTHS.map((width, at) => (
        <div key={at} role="row" className={styles['row']}>
          <div role="gridcell" className={styles['sign']} aria-label={at === 0 ? label : undefined}>
            <Skeleton still width={14} />
          </div>
          <div role="gridcell">
            <Skeleton still width={width} />
          </div>
          <div role="gridcell">
            <Skeleton still width={84} />
          </div>
        </div>
      ))}
    </div>
  );
}
