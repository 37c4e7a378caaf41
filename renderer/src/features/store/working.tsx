import type { JSX, ReactNode } from 'react';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import styles from './store.module.css';

interface WorkingProps {
  /** "Reading everything". */
  readonly label: string;
  /** From 0 to 1, where that is known. */
  readonly value?: number | undefined;
  /** How far it is, in words. */
  readonly children?: ReactNode;
}

/** Work that goes on in a dialog. Its words stand still while the bar moves. */
export function Working({ label, value, children }: WorkingProps): JSX.Element {
  return (
    <div className={styles['working']}>
      <p className={styles['workingLine']}>
        <span>{label}</span>
        <span className={styles['dim']}>{children}</span>
      </p>
      <ProgressBar label={label} value={value} />
    </div>
  );
}
