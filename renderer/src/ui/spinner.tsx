import type { JSX } from 'react';
import styles from './spinner.module.css';

interface SpinnerProps {
  readonly size?: number;
  /** What is going on; without it the spinner is decoration. */
  readonly label?: string;
}

/** Something is going on. */
export function Spinner({ size = 14, label }: SpinnerProps): JSX.Element {
  return (
    <svg
      className={styles['spinner']}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <circle cx="8" cy="8" r="6" className={styles['ring']} />
      <path d="M8 2a6 6 0 0 1 6 6" />
    </svg>
  );
}
