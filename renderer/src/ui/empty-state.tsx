import type { JSX, ReactNode } from 'react';
import styles from './empty-state.module.css';

interface EmptyStateProps {
  /** A line icon of 32 px. */
  readonly icon?: ReactNode;
  readonly title: ReactNode;
  /** What this means, and what to do next. */
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** `warn` and `bad` colour the icon. */
  readonly tone?: 'calm' | 'warn' | 'bad';
  /** `alert` announces it at once, for failures. */
  readonly role?: 'status' | 'alert';
}

/** A picture in place of content: nothing here, nothing found, cannot be had. Says why and offers the next step. */
export function EmptyState({
  icon,
  title,
  children,
  actions,
  tone = 'calm',
  role,
}: EmptyStateProps): JSX.Element {
  return (
    <div className={styles['state']} data-tone={tone} role={role}>
      {icon !== undefined && <div className={styles['icon']}>{icon}</div>}
      <h2 className={styles['title']}>{title}</h2>
      {children !== undefined && <div className={styles['text']}>{children}</div>}
      {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
    </div>
  );
}
