import type { ButtonHTMLAttributes, JSX, ReactNode, Ref } from 'react';
import { classNames } from './class-names.ts';
import styles from './button.module.css';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  /** `primary` for the one thing to do next, `quiet` without a border, `danger` for what cannot be undone. */
  readonly look?: 'default' | 'primary' | 'quiet' | 'danger';
  readonly icon?: ReactNode;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button with words. */
export function Button({ look = 'default', icon, className, children, ...rest }: ButtonProps): JSX.Element {
  return (
    <button type="button" className={classNames(styles['button'], styles[look], className)} {...rest}>
      {icon}
      {children}
    </button>
  );
}
