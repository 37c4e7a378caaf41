import type { JSX, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import styles from './chip.module.css';

interface ChipProps {
  readonly icon?: ReactNode;
  /** `plain` for tags, `quiet` for counts like "+3". */
  readonly look?: 'plain' | 'quiet' | 'warn' | 'bad';
  readonly title?: string;
  readonly children?: ReactNode;
}

/** A small word in a frame: a tag, a count, a mark. Not a button. */
export function Chip({ icon, look = 'plain', title, children }: ChipProps): JSX.Element {
  return (
    <span className={classNames(styles['chip'], styles[look])} title={title}>
      {icon}
      {children}
    </span>
  );
}
