import {
  useCallback,
  useEffect,
  useEffectEvent,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { JSX, KeyboardEvent, ReactNode, Ref } from 'react';
import { isTyping, moveInList } from '../../../ui/list-keys.ts';
import { ContextMenu } from '../../../ui/menu.tsx';
import type { MenuEntry } from '../../../ui/menu.tsx';
import { openContextMenuAt } from '../../../ui/open-context-menu-at.ts';
import { useFixedRows } from '../../../ui/use-fixed-rows.ts';
import { useFocusWhenFree } from '../../../ui/use-focus-when-free.ts';
import type { RowsInSight } from '../../../ui/use-fixed-rows.ts';
import type { Row, RowList } from '../model/row.ts';
import type { RowStore } from '../model/row-store.ts';
import { RepositoryRow } from './repository-row.tsx';
import { COLUMNS, ROW_HEIGHT } from './row-columns.ts';
import styles from './repository-table.module.css';

/** What the view around the table does with it. */
export interface TableHandle {
  readonly focus: () => void;
}

interface RepositoryTableProps {
  readonly label: string;
  readonly rows: RowList;
  readonly store: RowStore;
  readonly selected: string | undefined;
  readonly ref?: Ref<TableHandle>;
  readonly onSelect: (row: Row) => void;
  readonly onOpen: (
    row: Row,
    what: { readonly tag?: string; readonly digest?: string } | undefined,
    keep: boolean,
  ) => void;
  /** Space: shows or hides the inspector. */
  readonly onPeek: () => void;
  /** A typed character goes to the filter. */
  readonly onType: (text: string) => void;
  readonly menuOf: (row: Row) => readonly MenuEntry[];
  /** A row begins to be dragged elsewhere. */
  readonly onDrag: (row: Row, transfer: DataTransfer) => void;
  /** In place of rows. */
  readonly children?: ReactNode;
}

/** The rows, as many as are on screen, under a head that stays. One thing takes the focus: the table; arrows move the selection. */
export function RepositoryTable(props: RepositoryTableProps): JSX.Element {
  const { label, rows, store, selected, ref, onSelect, onOpen, onPeek, onType, menuOf, onDrag, children } =
    props;
  const tableId = useId();
  const [menuRow, setMenuRow] = useState<Row>();
  const at = useMemo(() => (selected === undefined ? -1 : rows.find(selected)), [rows, selected]);

  const askFor = useCallback(
    ({ first, last }: RowsInSight) => {
      const visible: Row[] = [];
      for (let index = first; index <= last; index++) {
        const row = rows.at(index);
        if (row !== undefined) visible.push(row);
      }
      store.wantVisible(visible);
    },
    [rows, store],
  );
  const { scroller, drawn, topOf, height, reveal, sight } = useFixedRows({
    count: rows.length,
    rowHeight: ROW_HEIGHT,
    headHeight: ROW_HEIGHT,
    onSight: askFor,
  });

  useFocusWhenFree(scroller);
  useImperativeHandle(ref, () => ({ focus: () => scroller.current?.focus() }), [scroller]);

  // Other rows may be in sight although nothing was scrolled.
  useEffect(() => askFor(sight()), [askFor, sight]);

  // The rows under the eye stay where they are when others come before them.
  const anchor = useRef<{ readonly key: string; readonly offset: number }>(undefined);
  const keepAnchor = useEffectEvent(() => {
    const element = scroller.current;
    if (element === null || anchor.current === undefined || element.scrollTop === 0) return;
    const index = rows.find(anchor.current.key);
    if (index >= 0) element.scrollTo({ top: index * ROW_HEIGHT + anchor.current.offset });
  });
  useEffect(() => keepAnchor(), [rows]);
  const onScroll = (): void => {
    const top = scroller.current?.scrollTop ?? 0;
    const key = rows.at(Math.floor(top / ROW_HEIGHT))?.key;
    anchor.current = key === undefined ? undefined : { key, offset: top % ROW_HEIGHT };
  };

  // An address with a selection opens with its row in sight.
  const firstSight = useRef(true);
  useEffect(() => {
    if (at < 0 || !firstSight.current) return;
    firstSight.current = false;
    reveal(at);
  }, [at, reveal]);

  const select = (index: number): void => {
    const row = rows.at(index);
    if (row === undefined) return;
    firstSight.current = false;
    onSelect(row);
    reveal(index);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.altKey || event.target !== event.currentTarget) return;
    const row = rows.at(at);
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 320) / ROW_HEIGHT) - 2);
    const next = event.ctrlKey || event.metaKey ? undefined : moveInList(event.key, at, rows.length, page);
    if (next !== undefined) select(next);
    else if (event.key === 'Enter' && row !== undefined)
      onOpen(row, undefined, event.ctrlKey || event.metaKey);
    else if (event.key === ' ' && row !== undefined) onPeek();
    else if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
      if (row === undefined || !openContextMenuAt(document.getElementById(rowId(tableId, at)))) return;
    } else if (isTyping(event)) onType(event.key);
    else return;
    event.preventDefault();
  };

  const active = rows.at(at);
  const isDrawn = drawn.includes(at);
  return (
    <ContextMenu entries={menuRow === undefined ? [] : menuOf(menuRow)}>
      <div
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-activedescendant={active !== undefined && isDrawn ? rowId(tableId, at) : undefined}
        tabIndex={0}
        className={styles['table']}
        onKeyDown={onKeyDown}
        onScroll={onScroll}
      >
        <div role="row" aria-rowindex={1} className={styles['head']}>
          {COLUMNS.map((column) => (
            <div key={column.id} role="columnheader" className={styles['heading']} data-column={column.id}>
              {column.id === 'sign' ? <span className="visually-hidden">{column.label}</span> : column.label}
            </div>
          ))}
        </div>
        {rows.length === 0 ? (
          children
        ) : (
          <div role="rowgroup" className={styles['rows']} style={{ height }}>
            {drawn.map((index) => {
              const row = rows.at(index);
              if (row === undefined) return null;
              return (
                <RepositoryRow
                  key={row.key}
                  id={rowId(tableId, index)}
                  row={row}
                  store={store}
                  position={index + 2}
                  top={topOf(index)}
                  selected={index === at}
                  onSelect={onSelect}
                  onOpen={onOpen}
                  onMenu={setMenuRow}
                  onDrag={onDrag}
                />
              );
            })}
          </div>
        )}
      </div>
    </ContextMenu>
  );
}

/** By position: a key may hold what an id must not (a tag of a layout can be any text). */
function rowId(tableId: string, index: number): string {
  return `${tableId}-${index}`;
}
