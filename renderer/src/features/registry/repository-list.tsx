import { Package, Pin, PinOff } from 'lucide-react';
import { useId, useImperativeHandle, useState } from 'react';
import type { JSX, KeyboardEvent, Ref } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { isTyping, moveInList } from '../../ui/list-keys.ts';
import { useFixedRows } from '../../ui/use-fixed-rows.ts';
import { useFocusWhenFree } from '../../ui/use-focus-when-free.ts';
import styles from './repository-list.module.css';

/** Height of a row, in pixels; `--row-list` in the style sheet. */
const ROW = 32;
/** Rows that Page Up and Page Down move. */
const PAGE = 12;

/** What the view around the list does with it. */
export interface ListHandle {
  readonly focus: () => void;
}

interface RepositoryListProps {
  readonly names: readonly string[];
  readonly pinned: ReadonlySet<string>;
  readonly ref?: Ref<ListHandle>;
  readonly onOpen: (name: string, keep: boolean) => void;
  readonly onPin: (name: string, pinned: boolean) => void;
  /** A typed character goes to the filter. */
  readonly onType: (text: string) => void;
}

/** The repositories of a registry, as many as are on screen. */
export function RepositoryList({
  names,
  pinned,
  ref,
  onOpen,
  onPin,
  onType,
}: RepositoryListProps): JSX.Element {
  const [active, setActive] = useState<string>();
  const listId = useId();
  const { scroller, drawn, topOf, height, reveal } = useFixedRows({ count: names.length, rowHeight: ROW });
  const at = active === undefined ? -1 : names.indexOf(active);

  useFocusWhenFree(scroller);
  useImperativeHandle(
    ref,
    () => ({
      focus() {
        scroller.current?.focus();
        setActive((before) => (before !== undefined && names.includes(before) ? before : names[0]));
      },
    }),
    [scroller, names],
  );

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.altKey || event.target !== event.currentTarget) return;
    const command = event.ctrlKey || event.metaKey;
    const to = command ? undefined : moveInList(event.key, at, names.length, PAGE);
    const name = names[at];
    if (to !== undefined) {
      setActive(names[to]);
      reveal(to);
    } else if (event.key === 'Enter' && name !== undefined) onOpen(name, command);
    else if (isTyping(event)) onType(event.key);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      role="grid"
      aria-label="Repositories"
      aria-rowcount={names.length}
      tabIndex={0}
      className={styles['list']}
      aria-activedescendant={drawn.includes(at) ? `${listId}-${at}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className={styles['rows']} style={{ height }}>
        {drawn.map((index) => {
          const name = names[index] ?? '';
          const isPinned = pinned.has(name);
          const pinLabel = isPinned ? 'Unpin' : 'Pin to the sidebar';
          return (
            <div
              key={name}
              id={`${listId}-${index}`}
              role="row"
              aria-rowindex={index + 1}
              aria-selected={index === at}
              aria-label={displayText(isPinned ? `${name}, pinned` : name)}
              className={styles['row']}
              style={{ transform: `translateY(${topOf(index)}px)` }}
              onClick={(event) => onOpen(name, event.ctrlKey || event.metaKey)}
            >
              <div role="gridcell" className={styles['cell']}>
                <Package size={15} strokeWidth={1.75} aria-hidden />
                <RepositoryName name={name} />
              </div>
              <div role="gridcell">
                <button
                  type="button"
                  tabIndex={-1}
                  aria-label={pinLabel}
                  title={pinLabel}
                  className={styles['pin']}
                  data-pinned={isPinned}
                  onClick={(event) => {
                    event.stopPropagation();
                    onPin(name, !isPinned);
                  }}
                >
                  {isPinned && <PinOff size={14} aria-hidden className={styles['unpinSign']} />}
                  <Pin size={14} aria-hidden className={styles['pinSign']} />
                </button>
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The name with its folders quieter than its last part, where the difference between names mostly is. */
function RepositoryName({ name }: { readonly name: string }): JSX.Element {
  const cut = name.lastIndexOf('/') + 1;
  return (
    <bdi className={styles['name']}>
      <span className={styles['folder']}>{displayText(name.slice(0, cut))}</span>
      {displayText(name.slice(cut))}
    </bdi>
  );
}
