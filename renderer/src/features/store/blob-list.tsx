import type { JSX } from 'react';
import { Digest } from '../../ui/digest.tsx';
import { Size } from '../../ui/size.tsx';
import styles from './store.module.css';

interface BlobListProps {
  /** What they are, for a screen reader. */
  readonly label: string;
  /** The largest first. */
  readonly blobs: readonly { readonly digest: string; readonly size: number }[];
  /** How many there are in all. */
  readonly count: number;
}

/** Blobs by digest and size, as many as the answer named. */
export function BlobList({ label, blobs, count }: BlobListProps): JSX.Element {
  return (
    <div className={styles['list']} role="group" aria-label={label} tabIndex={0}>
      <ul>
        {blobs.map(({ digest, size }) => (
          <li key={digest} className={styles['blob']}>
            <Digest digest={digest} copy />
            <Size bytes={size} />
          </li>
        ))}
      </ul>
      {count > blobs.length && (
        <p className={styles['more']}>and {(count - blobs.length).toLocaleString('en')} smaller ones</p>
      )}
    </div>
  );
}
