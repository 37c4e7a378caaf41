import { useId } from 'react';
import type { JSX, ReactNode } from 'react';
import styles from './switch.module.css';

interface SwitchProps {
  readonly label: ReactNode;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  /** One quiet line below. */
  readonly note?: ReactNode;
}

/** Something that is on or off at once. */
export function Switch({ label, checked, onChange, note }: SwitchProps): JSX.Element {
  const id = useId();
  return (
    <div className={styles['row']}>
      <button
        id={id}
        type="button"
        role="switch"
        aria-checked={checked}
        aria-labelledby={`${id}-label`}
        className={styles['switch']}
        onClick={() => onChange(!checked)}
      >
        <span className={styles['knob']} />
      </button>
      <label id={`${id}-label`} htmlFor={id}>
        {label}
        {note !== undefined && <span className={styles['note']}>{note}</span>}
      </label>
    </div>
  );
}
