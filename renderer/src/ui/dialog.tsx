import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { JSX, ReactNode } from 'react';
import { IconButton } from './icon-button.tsx';
import styles from './dialog.module.css';

interface DialogProps {
  readonly title: ReactNode;
  /** One or two sentences below the title. */
  readonly description?: ReactNode;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly width?: 'narrow' | 'normal' | 'wide';
  /** Buttons at the foot, the main one last. */
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

/** A dialog over the window. Escape and a click beside it close it; the focus goes back to where it was. */
export function Dialog({
  title,
  description,
  open,
  onClose,
  width = 'normal',
  actions,
  children,
}: DialogProps): JSX.Element {
  return (
    <Radix.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles['scrim']} />
        <Radix.Content
          className={styles['dialog']}
          data-width={width}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header className={styles['head']}>
            <Radix.Title className={styles['title']}>{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label="Close" size="small" icon={<X size={16} aria-hidden />} />
            </Radix.Close>
          </header>
          {description !== undefined && (
            <Radix.Description className={styles['description']}>{description}</Radix.Description>
          )}
          <div className={styles['body']}>{children}</div>
          {actions !== undefined && <footer className={styles['actions']}>{actions}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
