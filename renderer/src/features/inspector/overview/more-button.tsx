import type { JSX } from 'react';
import styles from '../inspector.module.css';

/** Rows of a list that are shown at first, and that each "more" adds. */
export const FIRST_ROWS = 30;
const MORE_ROWS = 300;

interface MoreButtonProps {
  readonly total: number;
  readonly shown: number;
  readonly onMore: (shown: number) => void;
}

/** The rest of a long list, some hundred rows at a time; nothing when all is shown. */
export function MoreButton({ total, shown, onMore }: MoreButtonProps): JSX.Element | null {
  const rest = total - shown;
  if (rest <= 0) return null;
  const next = Math.min(rest, MORE_ROWS);
  return (
    <button type="button" className={styles['more']} onClick={() => onMore(shown + next)}>
      {next === rest
        ? `Show the other ${rest.toLocaleString('en')}`
        : `Show ${next.toLocaleString('en')} more of ${rest.toLocaleString('en')}`}
    </button>
  );
}
