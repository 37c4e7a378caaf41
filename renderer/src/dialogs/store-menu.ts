import type { MenuEntry } from '../ui/menu.tsx';
import type { OpenDialog } from './dialogs.tsx';

/** What can be done with a layout as a whole, for a menu of it. */
export function storeMenu(source: string, show: (dialog: OpenDialog) => void): readonly MenuEntry[] {
  return [
    { label: 'Import an archive…', onSelect: () => show({ kind: 'import', target: { source } }) },
    'separator',
    { label: 'Sizes…', onSelect: () => show({ kind: 'store', what: 'sizes', source }) },
    { label: 'Check…', onSelect: () => show({ kind: 'store', what: 'check', source }) },
    { label: 'Clean up…', onSelect: () => show({ kind: 'store', what: 'clean-up', source }) },
    { label: 'Serve…', onSelect: () => show({ kind: 'store', what: 'serve', source }) },
  ];
}
