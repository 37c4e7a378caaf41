import { Search, X } from 'lucide-react';
import { useRef } from 'react';
import type { JSX, KeyboardEvent, Ref } from 'react';
import { classNames } from './class-names.ts';
import styles from './search-field.module.css';

interface SearchFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What is filtered, as placeholder and as name: "Filter 131 tags". */
  readonly label: string;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLInputElement>;
  /** Called before the field's own keys; Escape empties it, or leaves it when it is empty. */
  readonly onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
}

/** A field that filters as you type. */
export function SearchField({
  value,
  onChange,
  label,
  className,
  ref,
  onKeyDown,
}: SearchFieldProps): JSX.Element {
  const own = useRef<HTMLInputElement>(null);
  return (
    <div className={classNames(styles['field'], className)}>
      <Search size={14} className={styles['glass']} aria-hidden />
      <input
        ref={(element) => {
          own.current = element;
          if (typeof ref === 'function') ref(element);
          else if (ref !== undefined && ref !== null) ref.current = element;
        }}
        type="text"
        role="searchbox"
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        className={styles['input']}
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          onKeyDown?.(event);
          if (event.defaultPrevented || event.key !== 'Escape') return;
          if (value === '') own.current?.blur();
          else onChange('');
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      {value !== '' && (
        <button
          type="button"
          className={styles['clear']}
          aria-label="Empty the field"
          onClick={() => {
            onChange('');
            own.current?.focus();
          }}
        >
          <X size={14} aria-hidden />
        </button>
      )}
    </div>
  );
}
