import { ContextMenu as RadixContext, DropdownMenu as Radix } from 'radix-ui';
import type { JSX, ReactElement, ReactNode } from 'react';
import { Keys } from './keys.tsx';
import styles from './menu.module.css';

/** One line of a menu, or a line between groups. */
export type MenuEntry =
  | 'separator'
  | {
      readonly label: string;
      readonly icon?: ReactNode;
      readonly keys?: string | undefined;
      readonly onSelect: () => void;
      readonly disabled?: boolean;
      /** A choice of several: drawn with a dot when it is the chosen one. */
      readonly checked?: boolean;
      readonly danger?: boolean;
    };

interface MenuProps {
  readonly entries: readonly MenuEntry[];
  /** The button that opens it. */
  readonly children: ReactElement;
  readonly align?: 'start' | 'end';
}

/** A menu below a button. */
export function Menu({ entries, children, align = 'start' }: MenuProps): JSX.Element {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles['menu']} align={align} sideOffset={4} collisionPadding={8} loop>
          {entries.map((entry, at) =>
            entry === 'separator' ? (
              <Radix.Separator key={at} className={styles['separator']} />
            ) : entry.checked === undefined ? (
              <Radix.Item key={at} className={styles['item']} {...itemProps(entry)}>
                <ItemContent entry={entry} />
              </Radix.Item>
            ) : (
              <Radix.CheckboxItem
                key={at}
                className={styles['item']}
                checked={entry.checked}
                {...itemProps(entry)}
              >
                <ItemContent entry={entry} />
              </Radix.CheckboxItem>
            ),
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The same menu at the pointer, or on the context-menu key (Shift+F10). */
export function ContextMenu({ entries, children }: Omit<MenuProps, 'align'>): JSX.Element {
  return (
    <RadixContext.Root modal={false}>
      <RadixContext.Trigger asChild>{children}</RadixContext.Trigger>
      <RadixContext.Portal>
        <RadixContext.Content className={styles['menu']} collisionPadding={8} loop>
          {entries.map((entry, at) =>
            entry === 'separator' ? (
              <RadixContext.Separator key={at} className={styles['separator']} />
            ) : (
              <RadixContext.Item key={at} className={styles['item']} {...itemProps(entry)}>
                <ItemContent entry={entry} />
              </RadixContext.Item>
            ),
          )}
        </RadixContext.Content>
      </RadixContext.Portal>
    </RadixContext.Root>
  );
}

type Item = Exclude<MenuEntry, 'separator'>;

function itemProps(entry: Item): { onSelect: () => void; disabled: boolean; 'data-danger'?: true } {
  return {
    onSelect: entry.onSelect,
    disabled: entry.disabled === true,
    ...(entry.danger === true ? { 'data-danger': true } : {}),
  };
}

function ItemContent({ entry }: { readonly entry: Item }): JSX.Element {
  return (
    <>
      <span className={styles['icon']}>
        {entry.checked === true ? <span className={styles['dot']} /> : entry.icon}
      </span>
      <span className={styles['label']}>{entry.label}</span>
      {entry.keys !== undefined && <Keys keys={entry.keys} />}
    </>
  );
}
