import type { JSX } from 'react';
import styles from './progress-bar.module.css';

interface ProgressBarProps {
  /** What is going on, for a screen reader. */
  readonly label: string;
  /** From 0 to 1; without it nobody knows, and the bar says that something goes on. */
  readonly value?: number | undefined;
  /** `paused` and `bad` colour it. */
  readonly tone?: 'normal' | 'paused' | 'bad';
}

/** How far something is. */
export function ProgressBar({ label, value, tone = 'normal' }: ProgressBarProps): JSX.Element {
  const known = value === undefined ? undefined : Math.min(1, Math.max(0, value));
  return (
    <div
      role="progressbar"
      aria-label={label}
      className={styles['bar']}
      data-tone={tone}
      data-unknown={known === undefined}
      {...(known === undefined
        ? {}
        : { 'aria-valuenow': Math.floor(known * 100), 'aria-valuemin': 0, 'aria-valuemax': 100 })}
    >
      <span
        className={styles['part']}
        style={known === undefined ? undefined : { width: `${known * 100}%` }}
      />
    </div>
  );
}
