import { useId } from 'react';
import type { JSX, ReactNode } from 'react';
import styles from './select-field.module.css';

interface SelectFieldProps<Value extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  /** One quiet line below the field. */
  readonly note?: ReactNode;
}

/** One choice of many, by the list that the system draws. */
export function SelectField<Value extends string>({
  label,
  options,
  value,
  onChange,
  note,
}: SelectFieldProps<Value>): JSX.Element {
  const id = useId();
  return (
    <div className={styles['field']}>
      <label htmlFor={id} className={styles['label']}>
        {label}
      </label>
      <select
        id={id}
        className={styles['select']}
        value={value}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen !== undefined) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {note !== undefined && (
        <div id={`${id}-note`} className={styles['note']}>
          {note}
        </div>
      )}
    </div>
  );
}
