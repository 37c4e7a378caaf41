import { Tooltip as Radix } from 'radix-ui';
import type { JSX, ReactElement, ReactNode } from 'react';
import { Keys } from './keys.tsx';
import styles from './tooltip.module.css';

interface TooltipProps {
  readonly text: ReactNode;
  /** Keys that do the same. */
  readonly keys?: string | undefined;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  /** One element that takes a ref and props. */
  readonly children: ReactElement;
}

/** Says more about what the pointer or the focus is on. Never the only place where something is said. */
export function Tooltip({ text, keys, side = 'bottom', children }: TooltipProps): JSX.Element {
  return (
    <Radix.Provider delayDuration={450} skipDelayDuration={200}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal>
          <Radix.Content className={styles['tooltip']} side={side} sideOffset={6} collisionPadding={8}>
            {text}
            {keys !== undefined && <Keys keys={keys} />}
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  );
}
