import type { ErrorData } from '../../../../shared/errors/tallyman-error.ts';
import type { Source } from '../../../../shared/contract/source.ts';

/** What is known of a registry's catalog: not asked (collapsed), coming, there, or not to be had. */
export interface CatalogState {
  readonly repositories: readonly string[];
  readonly reading: boolean;
  readonly complete: boolean;
  readonly error?: ErrorData;
}

/** One line of the sidebar's tree. */
export type SourceRow =
  | {
      readonly kind: 'group';
      readonly key: string;
      readonly group: 'local' | 'registries';
      readonly level: 1;
    }
  | {
      readonly kind: 'source';
      readonly key: string;
      readonly source: Source;
      readonly level: 2;
      readonly expandable: boolean;
      readonly expanded: boolean;
      readonly catalog?: CatalogState;
    }
  | {
      readonly kind: 'repository';
      readonly key: string;
      readonly source: Source;
      readonly repository: string;
      readonly pinned: boolean;
      readonly level: 3;
    }
  /** Repositories are coming. */
  | { readonly kind: 'reading'; readonly key: string; readonly source: Source; readonly level: 3 }
  /** Why there are no (more) repositories here. */
  | {
      readonly kind: 'notice';
      readonly key: string;
      readonly source: Source;
      readonly level: 3;
      readonly error?: ErrorData;
      readonly text: string;
    };

interface SourceRowsInput {
  readonly sources: readonly Source[];
  readonly expanded: ReadonlySet<string>;
  readonly catalogs: ReadonlyMap<string, CatalogState>;
  readonly filter: string;
}

/** The sidebar's tree as a flat list, in the order in which it is drawn. */
export function sourceRows({ sources, expanded, catalogs, filter }: SourceRowsInput): readonly SourceRow[] {
  const wanted = filter.trim().toLowerCase();
  const rows: SourceRow[] = [{ kind: 'group', key: 'group:local', group: 'local', level: 1 }];
  for (const source of sources) {
    if (source.kind === 'registry' || !matches(source.label, wanted)) continue;
    rows.push({ kind: 'source', key: source.id, source, level: 2, expandable: false, expanded: false });
  }
  rows.push({ kind: 'group', key: 'group:registries', group: 'registries', level: 1 });
  for (const source of sources) {
    if (source.kind === 'registry')
      rows.push(...registryRows(source, expanded.has(source.id), catalogs.get(source.id), wanted));
  }
  return rows;
}

function registryRows(
  source: Source,
  expanded: boolean,
  catalog: CatalogState | undefined,
  wanted: string,
): readonly SourceRow[] {
  const named = matches(source.label, wanted);
  const pinned = source.pinned.filter((name) => named || matches(name, wanted));
  const isPinned = new Set(source.pinned);
  const listed = expanded
    ? (catalog?.repositories ?? []).filter((name) => !isPinned.has(name) && (named || matches(name, wanted)))
    : [];
  if (!named && pinned.length + listed.length === 0) return [];

  const rows: SourceRow[] = [
    {
      kind: 'source',
      key: source.id,
      source,
      level: 2,
      expandable: true,
      expanded,
      ...(catalog === undefined ? {} : { catalog }),
    },
  ];
  if (!expanded) return rows;
  for (const repository of pinned) rows.push(repositoryRow(source, repository, true));
  for (const repository of listed) rows.push(repositoryRow(source, repository, false));
  if (catalog?.reading === true && !catalog.complete)
    rows.push({ kind: 'reading', key: `reading:${source.id}`, source, level: 3 });
  const notice = wanted === '' ? noticeOf(catalog, pinned.length) : undefined;
  if (notice !== undefined)
    rows.push({ kind: 'notice', key: `notice:${source.id}`, source, level: 3, ...notice });
  return rows;
}

function repositoryRow(source: Source, repository: string, pinned: boolean): SourceRow {
  return {
    kind: 'repository',
    key: JSON.stringify([source.id, repository]),
    source,
    repository,
    pinned,
    level: 3,
  };
}

/** One line for what the list lacks. An error is never shown as "none". */
function noticeOf(
  catalog: CatalogState | undefined,
  pinned: number,
): { readonly text: string; readonly error?: ErrorData } | undefined {
  if (catalog === undefined || catalog.reading) return undefined;
  const { error } = catalog;
  if (error === undefined)
    return catalog.repositories.length + pinned === 0 ? { text: 'No repositories' } : undefined;
  const isWhole = catalog.repositories.length === 0;
  switch (error.code) {
    case 'UNSUPPORTED':
    case 'NOT_FOUND':
      return { text: 'No catalog: type a name', error };
    case 'UNAUTHORIZED':
      return { text: 'Sign in to see its catalog', error };
    case 'DENIED':
      return { text: 'Its catalog is not for this account', error };
    case 'UNREACHABLE':
      return { text: 'Cannot be reached', error };
    default:
      return { text: isWhole ? 'Its catalog cannot be read' : 'The rest could not be read', error };
  }
}

function matches(text: string, wanted: string): boolean {
  return wanted === '' || text.toLowerCase().includes(wanted);
}
