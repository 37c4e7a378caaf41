import { CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { JSX, ReactNode } from 'react';
import styles from './store.module.css';

interface OutcomeProps {
  readonly tone: 'good' | 'calm' | 'bad';
  readonly title: ReactNode;
  readonly children?: ReactNode;
}

const ICONS = { good: CircleCheck, calm: Info, bad: TriangleAlert } as const;

/** What came of it, at the top of a dialog: a sign, a word, and what it means. */
export function Outcome({ tone, title, children }: OutcomeProps): JSX.Element {
  const Icon = ICONS[tone];
  return (
    <div className={styles['outcome']} data-tone={tone} role="status">
      <Icon size={20} strokeWidth={1.75} aria-hidden />
      <div>
        <p className={styles['outcomeTitle']}>{title}</p>
        {children !== undefined && <div className={styles['dim']}>{children}</div>}
      </div>
    </div>
  );
}
