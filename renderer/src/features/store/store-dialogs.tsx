import type { JSX } from 'react';
import { useSource } from '../../data/sources.ts';
import type { StoreDialog } from '../../dialogs/dialogs.tsx';
import { CheckDialog } from './check-dialog.tsx';
import { CleanUpDialog } from './clean-up-dialog.tsx';
import { ServeDialog } from './serve-dialog.tsx';
import { SizesDialog } from './sizes-dialog.tsx';

interface StoreDialogsProps {
  readonly what: StoreDialog;
  readonly source: string;
}

/** The dialogs about a layout as a whole. */
export function StoreDialogs({ what, source: id }: StoreDialogsProps): JSX.Element | null {
  const source = useSource(id);
  if (source === undefined) return null;
  switch (what) {
    case 'sizes':
      return <SizesDialog source={source} />;
    case 'check':
      return <CheckDialog source={source} />;
    case 'clean-up':
      return <CleanUpDialog source={source} />;
    case 'serve':
      return <ServeDialog source={source} />;
  }
}
