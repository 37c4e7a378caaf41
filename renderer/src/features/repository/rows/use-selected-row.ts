import { useMemo, useSyncExternalStore } from 'react';
import type { Inspected } from '../../../inspection/inspection.tsx';
import type { RepositoryView } from '../../../navigation/view.ts';
import type { RowList } from '../model/row.ts';
import type { RowStore } from '../model/row-store.ts';
import { rowNode } from '../row-node.ts';

/** The selected row's digest and what the inspector shows of it, as far as they are known. */
export interface SelectedRow {
  readonly digest: string | undefined;
  readonly inspected: Inspected | undefined;
}

export function useSelectedRow(view: RepositoryView, rows: RowList, store: RowStore): SelectedRow {
  const at = view.selected === undefined ? -1 : rows.find(view.selected);
  const row = at < 0 ? undefined : rows.at(at);
  const first = row?.tags[0];
  const resolved = useSyncExternalStore(store.subscribe, () =>
    first === undefined ? undefined : store.resolved(first),
  );
  const digest = row?.digest ?? resolved?.digest;
  const details = useSyncExternalStore(store.subscribe, () =>
    digest === undefined ? undefined : store.details(digest),
  );
  const size = row?.entry?.size ?? resolved?.size;
  const { source, repository } = view.target;

  const inspected = useMemo((): Inspected | undefined => {
    if (row === undefined || details === undefined || details.mediaType === '' || size === undefined)
      return undefined;
    const target = repository === undefined ? { source } : { source, repository };
    return { target, node: rowNode(details, row.tags, size) };
  }, [row, details, size, source, repository]);
  return { digest, inspected };
}
