import {
  Archive,
  ChevronRight,
  FolderTree,
  HardDrive,
  Info,
  KeyRound,
  Pin,
  Plus,
  RadioTower,
  RotateCw,
  Server,
  Unplug,
} from 'lucide-react';
import { memo } from 'react';
import type { JSX, ReactNode } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import type { Source } from '../../../../shared/contract/source.ts';
import { useServed } from '../../data/served.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import type { TakeFiles } from '../../moving/take-files.ts';
import type { Thing } from '../../moving/thing.ts';
import { useDropZone } from '../../moving/use-drop-zone.ts';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import type { CatalogState, SourceRow } from './source-rows.ts';
import styles from './source-row.module.css';

interface SourceRowProps {
  readonly id: string;
  readonly row: SourceRow;
  /** Pixels from the top of the list. */
  readonly top: number;
  readonly active: boolean;
  /** True for the place that the work area shows. */
  readonly current: boolean;
  readonly onPick: (row: SourceRow, keep: boolean) => void;
  readonly onToggle: (row: SourceRow) => void;
  readonly onMenu: (row: SourceRow) => void;
  readonly onFiles: (row: SourceRow, take: TakeFiles, names: readonly string[]) => void;
  readonly onThing: (row: SourceRow, thing: Thing) => void;
}

/** One line of the sidebar. */
export const SourceRowView = memo(function SourceRowView({
  id,
  row,
  top,
  active,
  current,
  onPick,
  onToggle,
  onMenu,
  onFiles,
  onThing,
}: SourceRowProps): JSX.Element {
  const takes = row.kind === 'source' || row.kind === 'repository';
  const drop = useDropZone(
    takes
      ? {
          onFiles: (take, names) => onFiles(row, take, names),
          onThing: (thing) => onThing(row, thing),
        }
      : {},
  );
  const expandable = row.kind === 'source' && row.expandable;
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={row.level}
      aria-selected={current}
      aria-expanded={row.kind === 'group' ? true : expandable ? row.expanded : undefined}
      aria-label={labelOf(row)}
      className={styles['row']}
      data-kind={row.kind}
      data-active={active}
      data-current={current}
      data-over={drop.over || undefined}
      {...drop.handlers}
      style={{ transform: `translateY(${top}px)` }}
      title={titleOf(row)}
      onClick={(event) => {
        if (row.kind !== 'group') onPick(row, event.ctrlKey || event.metaKey);
      }}
      onAuxClick={(event) => {
        if (event.button === 1 && row.kind !== 'group') onPick(row, true);
      }}
      onContextMenu={() => onMenu(row)}
    >
      {row.kind === 'group' && <GroupRow group={row.group} />}
      {row.kind === 'source' && (
        <SourceLine
          source={row.source}
          catalog={row.catalog}
          expandable={row.expandable}
          expanded={row.expanded}
          onToggle={() => onToggle(row)}
        />
      )}
      {row.kind === 'repository' && (
        <>
          <span className={styles['indent']} />
          <bdi className={styles['name']}>{displayText(row.repository)}</bdi>
          {row.pinned && <Pin size={12} strokeWidth={2} aria-hidden className={styles['mark']} />}
        </>
      )}
      {row.kind === 'reading' && (
        <>
          <span className={styles['indent']} />
          <Skeleton width={120} />
        </>
      )}
      {row.kind === 'notice' && (
        <>
          <span className={styles['indent']} />
          <NoticeSign row={row} />
          <span className={styles['notice']}>{row.text}</span>
          {row.error !== undefined && <RotateCw size={12} aria-hidden className={styles['mark']} />}
        </>
      )}
    </div>
  );
});

function GroupRow({ group }: { readonly group: 'local' | 'registries' }): JSX.Element {
  const { show } = useDialogs();
  const label = group === 'local' ? 'Open layout…' : 'Add registry…';
  return (
    <>
      <span className={styles['group']}>{group === 'local' ? 'Local' : 'Registries'}</span>
      <button
        type="button"
        tabIndex={-1}
        className={styles['add']}
        aria-label={label}
        title={label}
        onClick={() => show({ kind: group === 'local' ? 'open-layout' : 'add-registry' })}
      >
        <Plus size={14} aria-hidden />
      </button>
    </>
  );
}

interface SourceLineProps {
  readonly source: Source;
  readonly catalog: CatalogState | undefined;
  readonly expandable: boolean;
  readonly expanded: boolean;
  readonly onToggle: () => void;
}

function SourceLine({ source, catalog, expandable, expanded, onToggle }: SourceLineProps): JSX.Element {
  return (
    <>
      {expandable ? (
        <button
          type="button"
          tabIndex={-1}
          className={styles['toggle']}
          data-expanded={expanded}
          aria-label={expanded ? 'Collapse' : 'Expand'}
          onClick={(event) => {
            event.stopPropagation();
            onToggle();
          }}
        >
          <ChevronRight size={14} aria-hidden />
        </button>
      ) : (
        <span className={styles['toggle']} />
      )}
      <SourceSign source={source} />
      <bdi className={styles['name']}>{displayText(source.label)}</bdi>
      {source.account !== undefined && (
        <KeyRound size={12} strokeWidth={2} aria-hidden className={styles['mark']} />
      )}
      {source.plainHttp === true && <span className={styles['plain']}>http</span>}
      {source.kind !== 'registry' && <ServedMark source={source} />}
      <span className={styles['count']}>{countOf(source, catalog)}</span>
    </>
  );
}

/** Says that a layout is served as a registry, and where; opens what can be done with that. */
function ServedMark({ source }: { readonly source: Source }): JSX.Element | null {
  const { show } = useDialogs();
  const served = useServed().find((each) => each.source === source.id);
  if (served === undefined) return null;
  const label = `Served at ${served.address}${served.readOnly ? ', read-only' : ''}`;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={styles['served']}
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.stopPropagation();
        show({ kind: 'store', what: 'serve', source: source.id });
      }}
    >
      <RadioTower size={12} strokeWidth={2} aria-hidden />:{served.port}
    </button>
  );
}

/** The sign of a source: what it is. The one of a layout says folder or archive. */
export function SourceSign({
  source,
  size = 15,
}: {
  readonly source: Source;
  readonly size?: number;
}): JSX.Element {
  const isArchive = /\.(tar|tgz|tar\.gz)$/i.test(source.location);
  const Icon =
    source.kind === 'registry'
      ? Server
      : source.kind === 'local'
        ? HardDrive
        : isArchive
          ? Archive
          : FolderTree;
  return <Icon size={size} strokeWidth={1.75} aria-hidden className={styles['sign']} />;
}

function NoticeSign({ row }: { readonly row: Extract<SourceRow, { kind: 'notice' }> }): JSX.Element {
  const Icon =
    row.error?.code === 'UNAUTHORIZED'
      ? KeyRound
      : row.error === undefined || row.error.code === 'UNSUPPORTED'
        ? Info
        : Unplug;
  return <Icon size={13} strokeWidth={1.75} aria-hidden className={styles['sign']} />;
}

function countOf(source: Source, catalog: CatalogState | undefined): ReactNode {
  if (catalog === undefined) return source.pinned.length > 0 ? source.pinned.length : '';
  if (catalog.reading && catalog.repositories.length === 0) return <Spinner size={11} />;
  if (catalog.error !== undefined && catalog.repositories.length === 0) return '';
  return `${catalog.repositories.length.toLocaleString('en')}${catalog.complete ? '' : '+'}`;
}

function labelOf(row: SourceRow): string {
  switch (row.kind) {
    case 'group':
      return row.group === 'local' ? 'Local' : 'Registries';
    case 'source': {
      const { source } = row;
      const kind = source.kind === 'registry' ? ', registry' : source.kind === 'layout' ? ', layout' : '';
      const account = source.account === undefined ? '' : `, signed in as ${source.account.username}`;
      return displayText(
        `${source.label}${kind}${source.plainHttp === true ? ', plain HTTP' : ''}${account}`,
      );
    }
    case 'repository':
      return displayText(`${row.repository}${row.pinned ? ', pinned' : ''}`);
    case 'reading':
      return 'Reading the catalog';
    case 'notice':
      return row.text;
  }
}

function titleOf(row: SourceRow): string | undefined {
  switch (row.kind) {
    case 'group':
    case 'reading':
      return undefined;
    case 'source': {
      const { source } = row;
      const account =
        source.account === undefined
          ? []
          : [`Signed in as ${source.account.username} (${source.account.from})`];
      return [
        source.location,
        ...(source.plainHttp === true ? ['Plain HTTP: nothing is encrypted'] : []),
        ...account,
      ]
        .map(displayText)
        .join('\n');
    }
    case 'repository':
      return displayText(`${row.source.location}/${row.repository}`);
    case 'notice':
      return [row.error?.message ?? row.text, row.error?.hint ?? '']
        .filter((line) => line !== '')
        .map(displayText)
        .join('\n');
  }
}
