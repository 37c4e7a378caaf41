import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type JSX, type KeyboardEvent } from 'react';
import { displayText } from '../../../../../shared/display/display-text.ts';
import { isBlob } from '../model/node-facts.ts';
import type { PictureSource } from '../model/picture-source.ts';
import { placeNodes } from '../model/placement.ts';
import { linksByLeft } from '../model/sibling-order.ts';
import { rowTitle } from './row-words.ts';
import { findTyped, treeKeyAction } from './tree-keyboard.ts';
import { TreeRowView } from './tree-row.tsx';
import { keysAbove, treeRows, type TreeRow } from './tree-rows.ts';
import styles from './tree.module.css';

/** Height of a row in pixels; the style sheet says the same. */
const ROW_HEIGHT = 30;
/** Letters typed within this time belong together, in milliseconds. */
const TYPING_PAUSE = 700;

interface TreeViewProps {
  readonly name: string;
  readonly source: PictureSource;
  /** True while nodes may still come. */
  readonly growing: boolean;
  /** True when configs and layers have rows without being unfolded. */
  readonly contentShown: boolean;
  readonly selected: string | undefined;
  readonly onSelect: (digest: string) => void;
}

/** The nodes of the picture as a tree: the same, line by line, for the keyboard and for screen readers. */
export function TreeView({
  name,
  source,
  growing,
  contentShown,
  selected,
  onSelect,
}: TreeViewProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  // The row that the keyboard stands on, where it is not the selected node's own one.
  const [standing, setStanding] = useState<string>();
  // The selection above which the person folded something: it does not unfold it again by itself.
  const [dismissed, setDismissed] = useState<string>();

  const placement = useMemo(() => placeNodes([...source.nodes.keys()], source.links, source.roots), [source]);
  const beside = useMemo(() => linksByLeft(source.links, !growing, source.sortables), [source, growing]);
  const rows = useMemo(
    () => treeRows({ nodes: source.nodes, beside, placement, toggled, contentShown }),
    [source, beside, placement, toggled, contentShown],
  );
  const indexes = useMemo(() => new Map(rows.map((row, index) => [row.key, index])), [rows]);
  const titles = useMemo(() => rows.map(rowTitle), [rows]);
  const roots = useMemo(() => new Set(source.roots.length === 1 ? source.roots : []), [source]);
  const standsAt = [standing, selected, source.roots[0]].find((key) => key !== undefined && indexes.has(key));
  const activeAt = standsAt === undefined ? 0 : (indexes.get(standsAt) ?? 0);

  if (
    selected !== undefined &&
    selected !== dismissed &&
    source.nodes.has(selected) &&
    !indexes.has(selected)
  ) {
    // A selection made elsewhere lies under something folded: unfold that.
    const above = keysAbove(selected, placement);
    const next = new Set(toggled);
    for (const key of above) {
      if (key.startsWith('content ') && !contentShown) next.add(key);
      else next.delete(key);
    }
    setToggled(next);
    setDismissed(selected);
  }

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    // The head above the rows is as high as one, and scrolls with them as far as the list is concerned.
    scrollPaddingEnd: ROW_HEIGHT,
    overscan: 12,
    getItemKey: (index) => rows[index]?.key ?? index,
    // The row with the keyboard is always in the page, wherever it is scrolled to.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), activeAt])].sort((a, b) => a - b),
  });

  // Keeps the row with the keyboard in sight when it moves, whoever moved it; takes the focus along if the tree has it.
  const stoodOn = useRef<string>(undefined);
  useEffect(() => {
    if (standsAt === undefined || standsAt === stoodOn.current) return;
    stoodOn.current = standsAt;
    virtual.scrollToIndex(activeAt);
    if (scroller.current?.contains(document.activeElement) !== true) return;
    const rowElements = [...scroller.current.querySelectorAll<HTMLElement>('[data-key]')];
    rowElements.find((row) => row.dataset['key'] === standsAt)?.focus({ preventScroll: true });
  }, [standsAt, activeAt, virtual]);

  const typed = useRef({ text: '', at: 0 });

  function standOn(index: number): void {
    const row = rows[index];
    if (row === undefined) return;
    setStanding(row.key);
    setDismissed(undefined);
    if (row.type !== 'content') onSelect(row.node.digest);
  }

  function toggle(key: string): void {
    const next = new Set(toggled);
    if (next.has(key)) next.delete(key);
    else next.add(key);
    setToggled(next);
    setStanding(key);
    setDismissed(selected);
  }

  function activate(index: number): void {
    const row = rows[index];
    if (row === undefined || row.type === 'content') return;
    setStanding(row.node.digest);
    setDismissed(undefined);
    onSelect(row.node.digest);
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const action = treeKeyAction(rows, activeAt, event.key);
    if (action !== undefined) {
      event.preventDefault();
      if (action.type === 'move') standOn(action.index);
      else if (action.type === 'toggle') toggle(action.key);
      else activate(action.index);
      return;
    }
    if (event.key.length !== 1 || event.key === ' ') return;
    const isNew = event.timeStamp - typed.current.at > TYPING_PAUSE;
    typed.current = { text: (isNew ? '' : typed.current.text) + event.key, at: event.timeStamp };
    const found = findTyped(titles, activeAt, typed.current.text);
    if (found !== undefined) standOn(found);
  }

  return (
    <div className={styles['frame']}>
      <div
        ref={scroller}
        className={styles['scroller']}
        role="treegrid"
        aria-label={`Tree of ${displayText(name)}`}
        aria-rowcount={rows.length + 1}
        aria-colcount={5}
        aria-busy={growing}
        onKeyDown={onKeyDown}
      >
        <div role="row" aria-rowindex={1} className={styles['head']}>
          <div role="columnheader">What</div>
          <div role="columnheader" className={styles['via']}>
            Found by
          </div>
          <div role="columnheader" className={styles['digest']}>
            Digest
          </div>
          <div role="columnheader" className={styles['size']}>
            Size
          </div>
          <div role="columnheader" className={styles['state']}>
            State
          </div>
        </div>
        <div role="rowgroup" className={styles['rows']} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <TreeRowView
                key={row.key}
                row={row}
                index={item.index}
                total={
                  row.type === 'node' && !isBlob(row.node) ? source.totals.get(row.node.digest) : undefined
                }
                isActive={item.index === activeAt}
                isSelected={isSelected(row, selected)}
                isRoot={row.type === 'node' && roots.has(row.node.digest)}
                top={item.start}
                onPick={standOn}
                onToggle={toggle}
                onActivate={activate}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function isSelected(row: TreeRow, selected: string | undefined): boolean {
  return row.type === 'node' && row.node.digest === selected;
}
