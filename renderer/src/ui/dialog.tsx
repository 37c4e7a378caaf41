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
          onOpenAutoFocus={(event) => {
            // Without a field that takes the focus by itself, the dialog takes it: not its button for closing.
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <div className={styles['head']}>
            <Radix.Title className={styles['title']}>{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label="Close" size="small" icon={<X size={16} aria-hidden />} />
            </Radix.Close>
          </div>
          {description !== undefined && (
            <Radix.Description className={styles['description']}>{description}</Radix.Description>
          )}
          {/* Without actions it is there to be read, and may be longer than the window: the keys scroll it. */}
          <div className={styles['body']} tabIndex={actions === undefined ? 0 : undefined}>
            {children}
          </div>
          {actions !== undefined && <div className={styles['actions']}>{actions}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
