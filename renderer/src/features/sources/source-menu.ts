import type { Source } from '../../../../shared/contract/source.ts';
import type { OpenDialog } from '../../dialogs/dialogs.tsx';
import { repositoryView } from '../../navigation/view.ts';
import type { View } from '../../navigation/view.ts';
import { placeText } from '../../places/place-text.ts';
import { viewOfSource } from '../../places/view-of-place.ts';
import { storeMenu } from '../../dialogs/store-menu.ts';
import type { MenuEntry } from '../../ui/menu.tsx';
import type { SourceRow } from './source-rows.ts';
import type { SourceActions } from './use-source-actions.ts';

interface MenuTools {
  readonly actions: SourceActions;
  readonly go: (view: View, options?: { readonly keep?: boolean }) => void;
  readonly show: (dialog: OpenDialog) => void;
  readonly copy: (text: string, what: string) => void;
}

/** The context menu of a line of the sidebar. */
export function sourceMenu(row: SourceRow | undefined, tools: MenuTools): readonly MenuEntry[] {
  if (row === undefined) return [];
  switch (row.kind) {
    case 'group':
      return row.group === 'local'
        ? [{ label: 'Open layout…', onSelect: () => tools.show({ kind: 'open-layout' }) }]
        : [{ label: 'Add registry…', onSelect: () => tools.show({ kind: 'add-registry' }) }];
    case 'repository':
      return repositoryMenu(row.source, row.repository, row.pinned, tools);
    case 'reading':
    case 'notice':
    case 'source':
      return row.source.kind === 'registry' ? registryMenu(row.source, tools) : layoutMenu(row.source, tools);
  }
}

function repositoryMenu(
  source: Source,
  repository: string,
  pinned: boolean,
  { actions, go, show, copy }: MenuTools,
): readonly MenuEntry[] {
  const view = repositoryView({ source: source.id, repository });
  return [
    { label: 'Open', keys: 'Enter', onSelect: () => go(view) },
    { label: 'Open in a tab that stays', onSelect: () => go(view, { keep: true }) },
    'separator',
    {
      label: 'Push files…',
      onSelect: () => show({ kind: 'push', target: { source: source.id, repository } }),
    },
    {
      label: 'Import an archive…',
      onSelect: () => show({ kind: 'import', target: { source: source.id, repository } }),
    },
    'separator',
    { label: pinned ? 'Unpin' : 'Pin', onSelect: () => actions.pin(source, repository, !pinned) },
    { label: 'Copy reference', onSelect: () => copy(placeText(view), 'the reference') },
  ];
}

function registryMenu(source: Source, { actions, go, show, copy }: MenuTools): readonly MenuEntry[] {
  return [
    { label: 'Open', keys: 'Enter', onSelect: () => go(viewOfSource(source.id)) },
    { label: 'Read its catalog again', onSelect: () => actions.readCatalog(source) },
    { label: 'Copy host', onSelect: () => copy(source.location, 'the host') },
    'separator',
    source.account === undefined
      ? { label: 'Sign in…', onSelect: () => show({ kind: 'sign-in', source: source.id }) }
      : { label: 'Sign in as somebody else…', onSelect: () => show({ kind: 'sign-in', source: source.id }) },
    ...(source.account?.from === 'session'
      ? [{ label: 'Sign out', onSelect: () => actions.signOut(source) }]
      : []),
    'separator',
    { label: 'Remove from the sidebar', danger: true, onSelect: () => actions.remove(source) },
  ];
}

function layoutMenu(source: Source, { actions, go, show, copy }: MenuTools): readonly MenuEntry[] {
  return [
    { label: 'Open', keys: 'Enter', onSelect: () => go(viewOfSource(source.id)) },
    { label: 'Open in a tab that stays', onSelect: () => go(viewOfSource(source.id), { keep: true }) },
    { label: 'Copy path', onSelect: () => copy(source.location, 'the path') },
    'separator',
    { label: 'Push files…', onSelect: () => show({ kind: 'push', target: { source: source.id } }) },
    ...storeMenu(source.id, show),
    ...(source.kind === 'local'
      ? []
      : ([
          'separator',
          { label: 'Close this layout', danger: true, onSelect: () => actions.remove(source) },
        ] as const)),
  ];
}
