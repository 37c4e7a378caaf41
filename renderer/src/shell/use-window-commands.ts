import { toErrorData } from '../../../shared/errors/tallyman-error.ts';
import { useClient } from '../client/client-context.ts';
import { useCommands } from '../commands/commands.tsx';
import { useHostInfo } from '../data/host-info.ts';
import { useDialogs } from '../dialogs/dialogs.tsx';
import type { StoreDialog } from '../dialogs/dialogs.tsx';
import { useNavigation } from '../navigation/navigation-context.ts';
import { useNotify } from '../notices/notices.tsx';
import { useCopyText } from '../notices/use-copy-text.ts';
import { isRegistry } from '../places/source-name.ts';
import { viewOfSource } from '../places/view-of-place.ts';
import { THEMES, setTheme, useTheme } from '../settings/theme.ts';
import { useColumns } from './columns.tsx';
import { useEqualCommand } from './use-equal-command.ts';

/** The commands that concern the window as a whole. */
export function useWindowCommands(): void {
  const client = useClient();
  const host = useHostInfo();
  const { view, tabs, go, back, forward, closeTab } = useNavigation();
  const { show } = useDialogs();
  const { sources, inspector } = useColumns();
  const notify = useNotify();
  const copy = useCopyText();
  const theme = useTheme();
  const command = useEqualCommand();

  const openLayout = (what: 'folder' | 'archive'): void => {
    if (host?.canPickFolder !== true) {
      show({ kind: 'open-layout' });
      return;
    }
    client.call('sources.pick', { what }).then(
      ({ source }) => {
        if (source !== undefined) go(viewOfSource(source.id));
      },
      (error: unknown) => notify({ tone: 'info', text: toErrorData(error).message }),
    );
  };
  const stepTab = (step: number): void => {
    const at = tabs.tabs.findIndex((tab) => tab.key === tabs.active);
    const next = tabs.tabs[(at + step + tabs.tabs.length) % tabs.tabs.length];
    if (next !== undefined) go(next.view);
  };

  // What is on screen, where that lies on this machine; else the local store.
  const at = view.kind === 'repository' || view.kind === 'artifact' ? view.target.source : 'local';
  const store = isRegistry(at) ? 'local' : at;
  const showStore = (what: StoreDialog) => () => show({ kind: 'store', what, source: store });

  useCommands({
    open: () => show({ kind: 'open' }),
    'open-layout-folder': () => openLayout('folder'),
    'open-layout-archive': () => openLayout('archive'),
    'add-registry': () => show({ kind: 'add-registry' }),
    'store-sizes': showStore('sizes'),
    'store-check': showStore('check'),
    'store-clean-up': showStore('clean-up'),
    'store-serve': showStore('serve'),
    'copy-address':
      view.kind === 'start' ? undefined : () => copy(window.location.href, 'the address of this view'),
    'copy-command': command === undefined ? undefined : () => copy(command, 'the command line'),
    'toggle-sources': sources.toggle,
    'toggle-inspector': view.kind === 'repository' || view.kind === 'artifact' ? inspector.toggle : undefined,
    'switch-theme': () => setTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'),
    back,
    forward,
    'next-tab': () => stepTab(1),
    'previous-tab': () => stepTab(-1),
    'close-tab': () => closeTab(tabs.active),
    help: () => show({ kind: 'help' }),
  });
}
