import { Upload } from 'lucide-react';
import type { JSX, ReactNode } from 'react';
import styles from './drop-words.module.css';

/** Over a part of the window while something is dragged onto it: what dropping it does. */
export function DropWords({ children }: { readonly children: ReactNode }): JSX.Element {
  return (
    <div className={styles['over']}>
      <p className={styles['words']} role="status">
        <Upload size={16} strokeWidth={1.75} aria-hidden />
        {children}
      </p>
    </div>
  );
}
