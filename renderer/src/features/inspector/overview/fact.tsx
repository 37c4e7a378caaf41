import type { JSX, ReactNode } from 'react';
import styles from '../inspector.module.css';

interface FactProps {
  readonly name: string;
  /** True when the value needs the whole width. */
  readonly whole?: boolean;
  readonly children: ReactNode;
}

/** One line of facts: a name and its value. */
export function Fact({ name, whole = false, children }: FactProps): JSX.Element {
  return (
    <div className={styles['fact']} data-whole={whole}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
