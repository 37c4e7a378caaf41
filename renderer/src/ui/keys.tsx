import type { JSX } from 'react';
import { describeKeys } from './describe-keys.ts';
import styles from './keys.module.css';

/** A keyboard shortcut, written as on this machine's keyboard: "Ctrl K", or "⌘K" on a Mac. */
export function Keys({ keys }: { readonly keys: string }): JSX.Element {
  return <kbd className={styles['keys']}>{describeKeys(keys)}</kbd>;
}
