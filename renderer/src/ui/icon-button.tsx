import type { ButtonHTMLAttributes, JSX, ReactNode, Ref } from 'react';
import { classNames } from './class-names.ts';
import { Tooltip } from './tooltip.tsx';
import styles from './icon-button.module.css';

interface IconButtonProps extends Omit<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'className' | 'children' | 'aria-label'
> {
  /** What it does, in words: its name for a screen reader and its tooltip. */
  readonly label: string;
  /** Keys that do the same, shown in the tooltip. */
  readonly keys?: string | undefined;
  readonly icon: ReactNode;
  /** `small` fits into a 28 px row. */
  readonly size?: 'normal' | 'small';
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLButtonElement>;
}

/** A button that is only an icon; the tooltip says its name. */
export function IconButton({
  label,
  keys,
  icon,
  size = 'normal',
  className,
  ...rest
}: IconButtonProps): JSX.Element {
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type="button"
        aria-label={label}
        className={classNames(styles['button'], size === 'small' && styles['small'], className)}
        {...rest}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
