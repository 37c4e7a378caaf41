import { createContext, use, useCallback, useMemo, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { readSetting, writeSetting } from '../settings/stored-setting.ts';
import { useMedia } from './use-media.ts';

/** Below these widths the columns become drawers, in CSS pixels. */
const INSPECTOR_COLUMN_FROM = 1100;
const SOURCES_COLUMN_FROM = 760;

/** One of the two side columns as it stands now. */
export interface SideColumn {
  /** A drawer lies over the work area; a column stands beside it. */
  readonly form: 'column' | 'drawer';
  readonly shown: boolean;
  /** Pixels of the column, as the person left it. */
  readonly width: number;
  readonly setWidth: (width: number) => void;
  readonly toggle: () => void;
  readonly show: () => void;
  readonly hide: () => void;
}

interface Columns {
  readonly sources: SideColumn;
  readonly inspector: SideColumn;
}

const ColumnsContext = createContext<Columns | undefined>(undefined);

/** The two side columns. */
export function useColumns(): Columns {
  const columns = use(ColumnsContext);
  if (columns === undefined) throw new Error('useColumns needs a ColumnsProvider above it.');
  return columns;
}

export function ColumnsProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const sources = useSideColumn('sources', SOURCES_COLUMN_FROM, 248);
  const inspector = useSideColumn('inspector', INSPECTOR_COLUMN_FROM, 340);
  const columns = useMemo(() => ({ sources, inspector }), [sources, inspector]);
  return <ColumnsContext value={columns}>{children}</ColumnsContext>;
}

/** Whether the column is shown is remembered; whether the drawer is open is not: it begins closed in every narrow window. */
function useSideColumn(name: string, columnFrom: number, usualWidth: number): SideColumn {
  const wide = useMedia(`(min-width: ${columnFrom}px)`);
  const [shownAsColumn, setShownAsColumn] = useState(() => readSetting(`${name}.shown`) !== 'no');
  const [drawerOpen, setDrawerOpen] = useState(false);
  const [width] = useState(() => Number(readSetting(`${name}.width`) ?? usualWidth) || usualWidth);

  const set = useCallback(
    (shown: boolean) => {
      if (!wide) {
        setDrawerOpen(shown);
        return;
      }
      setShownAsColumn(shown);
      writeSetting(`${name}.shown`, shown ? 'yes' : 'no');
    },
    [wide, name],
  );
  const shown = wide ? shownAsColumn : drawerOpen;
  return useMemo(
    () => ({
      form: wide ? 'column' : 'drawer',
      shown,
      width,
      setWidth: (next) => writeSetting(`${name}.width`, String(Math.round(next))),
      toggle: () => set(!shown),
      show: () => set(true),
      hide: () => set(false),
    }),
    [wide, shown, width, name, set],
  );
}
