import { useRef } from 'react';
import type { JSX, KeyboardEvent, ReactNode } from 'react';
import styles from './segmented.module.css';

interface SegmentedProps<Id extends string> {
  /** What is chosen here, for a screen reader: "Sort by". */
  readonly label: string;
  readonly options: readonly { readonly id: Id; readonly label: ReactNode; readonly title?: string }[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
}

/** One choice of a few, side by side: a radio group that looks like one button. */
export function Segmented<Id extends string>({
  label,
  options,
  value,
  onChange,
}: SegmentedProps<Id>): JSX.Element {
  const group = useRef<HTMLDivElement>(null);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step =
      event.key === 'ArrowRight' || event.key === 'ArrowDown'
        ? 1
        : event.key === 'ArrowLeft' || event.key === 'ArrowUp'
          ? -1
          : 0;
    if (step === 0 || event.altKey || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    const at = options.findIndex((option) => option.id === value);
    const next = options[(at + step + options.length) % options.length];
    if (next === undefined) return;
    onChange(next.id);
    group.current?.querySelector<HTMLElement>(`[data-id="${next.id}"]`)?.focus();
  };

  return (
    <div ref={group} role="radiogroup" aria-label={label} className={styles['group']} onKeyDown={onKeyDown}>
      {options.map((option) => (
        <button
          key={option.id}
          type="button"
          role="radio"
          data-id={option.id}
          aria-checked={option.id === value}
          tabIndex={option.id === value ? 0 : -1}
          title={option.title}
          className={styles['option']}
          onClick={() => onChange(option.id)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
