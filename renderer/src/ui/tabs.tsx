import { Tabs as Radix } from 'radix-ui';
import type { JSX, ReactNode } from 'react';
import styles from './tabs.module.css';

interface TabsProps<Id extends string> {
  /** Name of the whole for a screen reader. */
  readonly label: string;
  readonly tabs: readonly { readonly id: Id; readonly label: ReactNode }[];
  readonly active: Id;
  readonly onChange: (id: Id) => void;
  /** The panel of the active tab. */
  readonly children: ReactNode;
}

/** A row of tabs above one panel. Arrows move, the panel follows. */
export function Tabs<Id extends string>({
  label,
  tabs,
  active,
  onChange,
  children,
}: TabsProps<Id>): JSX.Element {
  return (
    <Radix.Root className={styles['root']} value={active} onValueChange={(id) => onChange(id as Id)}>
      <Radix.List className={styles['list']} aria-label={label}>
        {tabs.map((tab) => (
          <Radix.Trigger key={tab.id} value={tab.id} className={styles['tab']}>
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content key={active} value={active} className={styles['panel']}>
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}
