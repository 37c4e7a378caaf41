import { useId } from 'react';
import type { InputHTMLAttributes, JSX, ReactNode, Ref } from 'react';
import styles from './text-field.module.css';

interface TextFieldProps extends Omit<
  InputHTMLAttributes<HTMLInputElement>,
  'className' | 'id' | 'onChange'
> {
  readonly label: string;
  readonly onChange: (value: string) => void;
  /** One quiet line below the field. */
  readonly note?: ReactNode;
  /** What is wrong with the value. */
  readonly problem?: ReactNode;
  readonly mono?: boolean;
  readonly ref?: Ref<HTMLInputElement>;
}

/** A labelled field of a form. */
export function TextField({
  label,
  onChange,
  note,
  problem,
  mono = false,
  ...rest
}: TextFieldProps): JSX.Element {
  const id = useId();
  const hasProblem = problem !== undefined && problem !== null;
  return (
    <div className={styles['field']}>
      <label htmlFor={id} className={styles['label']}>
        {label}
      </label>
      <input
        id={id}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        className={styles['input']}
        data-mono={mono}
        aria-invalid={hasProblem}
        aria-describedby={hasProblem || note !== undefined ? `${id}-note` : undefined}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
      {(hasProblem || note !== undefined) && (
        <div id={`${id}-note`} className={styles['note']} data-problem={hasProblem}>
          {hasProblem ? problem : note}
        </div>
      )}
    </div>
  );
}
