import { useEffect, useEffectEvent, useId, useMemo, useState } from 'react';
import type { JSX, KeyboardEvent } from 'react';
import type { TargetAddress } from '../../../../shared/contract/common.ts';
import { useSources } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import type { TakeFiles } from '../../moving/take-files.ts';
import type { Thing } from '../../moving/thing.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { repositoryView } from '../../navigation/view.ts';
import type { View } from '../../navigation/view.ts';
import { useCopyText } from '../../notices/use-copy-text.ts';
import { isRegistry } from '../../places/source-name.ts';
import { viewOfSource } from '../../places/view-of-place.ts';
import { isTyping, moveInList } from '../../ui/list-keys.ts';
import { ContextMenu } from '../../ui/menu.tsx';
import { openContextMenuAt } from '../../ui/open-context-menu-at.ts';
import { SearchField } from '../../ui/search-field.tsx';
import { useFixedRows } from '../../ui/use-fixed-rows.ts';
import { useStableCallback } from '../../ui/use-stable-callback.ts';
import { useTypeAhead } from '../../ui/use-type-ahead.ts';
import { sourceMenu } from './source-menu.ts';
import { sourceRows } from './source-rows.ts';
import type { SourceRow } from './source-rows.ts';
import { SourceRowView } from './source-row.tsx';
import { useCatalogs } from './use-catalogs.ts';
import { useExpanded } from './use-expanded.ts';
import { useSourceActions } from './use-source-actions.ts';
import styles from './sources-sidebar.module.css';

/** Height of a line, in pixels; `--row` in the style sheet. */
const ROW = 28;

interface SourcesSidebarProps {
  /** Called when a place was opened from here: a drawer closes then. */
  readonly onOpened?: () => void;
}

/** The sources: local store, opened layouts, registries with their repositories. A tree by keyboard, a flat virtual list by build. */
export function SourcesSidebar({ onOpened }: SourcesSidebarProps): JSX.Element {
  const sources = useSources();
  const { view, go } = useNavigation();
  const { show } = useDialogs();
  const copy = useCopyText();
  const actions = useSourceActions();
  const typeAhead = useTypeAhead();
  const { expanded, setExpanded } = useExpanded(sources);
  const catalogs = useCatalogs(expanded);
  const [filter, setFilter] = useState('');
  const [activeKey, setActiveKey] = useState<string>();
  const [menuKey, setMenuKey] = useState<string>();
  const treeId = useId();

  const rows = useMemo(
    () => sourceRows({ sources, expanded, catalogs, filter }),
    [sources, expanded, catalogs, filter],
  );
  const currentKey = keyOfView(view);
  const at = rows.findIndex((row) => row.key === (activeKey ?? currentKey));
  const { scroller, drawn, topOf, height, reveal } = useFixedRows({ count: rows.length, rowHeight: ROW });

  // Opening a repository from elsewhere opens its registry here, too.
  const registry =
    view.kind === 'source' ? view.source : view.kind === 'start' ? undefined : view.target.source;
  const openRegistry = useEffectEvent((id: string) => setExpanded(id, true));
  useEffect(() => {
    if (registry?.startsWith('registry:') === true) openRegistry(registry);
  }, [registry]);

  const activate = (index: number): void => {
    setActiveKey(rows[index]?.key);
    reveal(index);
  };
  const open = (next: View, keep: boolean): void => {
    go(next, { keep });
    onOpened?.();
  };
  const run = (row: SourceRow, keep = false): void => {
    if (row.kind === 'repository')
      open(repositoryView({ source: row.source.id, repository: row.repository }), keep);
    else if (row.kind === 'source') open(viewOfSource(row.source.id), keep);
    else if (row.kind === 'notice' && row.error?.code === 'UNAUTHORIZED')
      show({ kind: 'sign-in', source: row.source.id });
    else if (row.kind === 'notice' && row.error !== undefined) actions.readCatalog(row.source);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const command = event.ctrlKey || event.metaKey;
    if (event.altKey || (command && event.key !== 'Enter')) return;
    const row = rows[at];
    const to = moveInList(event.key, at, rows.length, 10);
    if (to !== undefined) activate(to);
    else if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
      if (row === undefined || !openContextMenuAt(document.getElementById(rowId(treeId, at)))) return;
    } else if (isTyping(event)) {
      const found = typeAhead(event.key, rows.map(nameOf), at);
      if (found !== undefined) activate(found);
    } else if (row === undefined) return;
    else if (event.key === 'Enter') {
      // What opens takes the focus; see useFocusWhenFree.
      if (row.key !== currentKey && (row.kind === 'repository' || row.kind === 'source'))
        event.currentTarget.blur();
      run(row, command);
    } else if (event.key === 'ArrowRight' && row.kind === 'source' && row.expandable) {
      if (row.expanded) activate(Math.min(at + 1, rows.length - 1));
      else setExpanded(row.source.id, true);
    } else if (event.key === 'ArrowLeft') {
      if (row.kind === 'source' && row.expanded) setExpanded(row.source.id, false);
      else
        activate(
          Math.max(
            0,
            rows.findLastIndex((other, index) => index < at && other.level < row.level),
          ),
        );
    } else if (event.key === ' ' && row.kind === 'source' && row.expandable)
      setExpanded(row.source.id, !row.expanded);
    else return;
    event.preventDefault();
  };

  // The same functions each time, so that a line is drawn again only when it changes.
  const pick = useStableCallback((row: SourceRow, keep: boolean) => {
    setActiveKey(row.key);
    run(row, keep);
  });
  const toggle = useStableCallback((row: SourceRow) => {
    if (row.kind === 'source') setExpanded(row.source.id, !row.expanded);
  });
  const dropFiles = useStableCallback((row: SourceRow, take: TakeFiles, names: readonly string[]) => {
    const target = addressOf(row);
    if (target === undefined) return;
    const isArchive = names.length === 1 && /\.(tar|tar\.gz|tgz)$/i.test(names[0] ?? '');
    show({ kind: isArchive && row.kind === 'source' ? 'import' : 'push', target, take });
  });
  const dropThing = useStableCallback((row: SourceRow, thing: Thing) => {
    const to = addressOf(row);
    if (to === undefined) return;
    // Into a registry goes the repository that it has where it comes from, until somebody says otherwise.
    const repository = to.repository ?? thing.target.repository;
    show({
      kind: 'copy',
      thing,
      to: isRegistry(to.source) && repository !== undefined ? { source: to.source, repository } : to,
    });
  });
  const openMenu = useStableCallback((row: SourceRow) => setMenuKey(row.key));

  const active = drawn.includes(at) ? rows[at] : undefined;
  const menuRow = rows.find((row) => row.key === menuKey);
  return (
    <div className={styles['sidebar']}>
      <div className={styles['head']}>
        <SearchField
          label="Filter sources"
          value={filter}
          onChange={setFilter}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
            event.preventDefault();
            scroller.current?.focus();
          }}
        />
      </div>
      <ContextMenu
        entries={sourceMenu(menuRow, {
          actions,
          go: (next, options) => open(next, options?.keep === true),
          show,
          copy,
        })}
      >
        <div
          ref={scroller}
          role="tree"
          aria-label="Sources"
          tabIndex={0}
          aria-activedescendant={active === undefined ? undefined : rowId(treeId, at)}
          className={styles['tree']}
          onKeyDown={onKeyDown}
          onBlur={() => setActiveKey(undefined)}
        >
          <div role="none" className={styles['rows']} style={{ height }}>
            {drawn.map((index) => {
              const row = rows[index];
              if (row === undefined) return null;
              return (
                <SourceRowView
                  key={row.key}
                  id={rowId(treeId, index)}
                  row={row}
                  top={topOf(index)}
                  active={index === at}
                  current={row.key === currentKey}
                  onPick={pick}
                  onToggle={toggle}
                  onMenu={openMenu}
                  onFiles={dropFiles}
                  onThing={dropThing}
                />
              );
            })}
          </div>
          {sources.length > 0 && rows.length <= 2 && filter !== '' && (
            <p className={styles['none']}>No source or open repository has “{filter}” in its name.</p>
          )}
        </div>
      </ContextMenu>
    </div>
  );
}

/** The place that a line stands for. */
function addressOf(row: SourceRow): TargetAddress | undefined {
  if (row.kind === 'repository') return { source: row.source.id, repository: row.repository };
  return row.kind === 'source' ? { source: row.source.id } : undefined;
}

/** By position: a key may hold what an id must not, such as the spaces of a path. */
function rowId(treeId: string, index: number): string {
  return `${treeId}-${index}`;
}

function nameOf(row: SourceRow): string {
  if (row.kind === 'repository') return row.repository;
  return row.kind === 'source' ? row.source.label : '';
}

/** Key of the line that the view belongs to. */
function keyOfView(view: View): string | undefined {
  if (view.kind === 'start') return undefined;
  if (view.kind === 'source') return view.source;
  const { source, repository } = view.target;
  return repository === undefined ? source : JSON.stringify([source, repository]);
}
