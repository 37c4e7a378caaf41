import {
  ArrowDownUp,
  ArrowLeft,
  ArrowRight,
  CircleHelp,
  Layers,
  Monitor,
  Moon,
  PanelLeft,
  PanelRight,
  Search,
  Sun,
  Terminal,
  Upload,
} from 'lucide-react';
import type { JSX } from 'react';
import { displayText } from '../../../shared/display/display-text.ts';
import { useRunCommand } from '../commands/commands.tsx';
import { useSources } from '../data/sources.ts';
import { useDialogs } from '../dialogs/dialogs.tsx';
import { useNavigation } from '../navigation/navigation-context.ts';
import { placeText } from '../places/place-text.ts';
import { setTheme, useTheme } from '../settings/theme.ts';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { describeKeys } from '../ui/describe-keys.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Keys } from '../ui/keys.tsx';
import { Menu } from '../ui/menu.tsx';
import { useColumns } from './columns.tsx';
import { useEqualCommand } from './use-equal-command.ts';
import styles from './top-bar.module.css';

/** The bar at the top: where the window is, the way elsewhere, and what concerns the window as a whole. */
export function TopBar(): JSX.Element {
  const { view, canGoBack, canGoForward, back, forward } = useNavigation();
  const { sources, inspector } = useColumns();
  const { show, transfersShown } = useDialogs();
  const run = useRunCommand();
  const command = useEqualCommand();
  const here = displayText(placeText(view, useSources()));
  const hasInspector = view.kind === 'repository' || view.kind === 'artifact';

  return (
    <header className={styles['bar']}>
      <div className={styles['brand']}>
        <Layers size={18} strokeWidth={2} aria-hidden className={styles['sign']} />
        <span className={styles['name']}>Tallyman</span>
        <IconButton
          label={sources.shown ? 'Hide sources' : 'Show sources'}
          keys="CmdOrCtrl+B"
          aria-expanded={sources.shown}
          icon={<PanelLeft size={16} aria-hidden />}
          onClick={sources.toggle}
        />
      </div>
      <div className={styles['ways']}>
        <IconButton
          label="Back"
          keys="Alt+Left"
          icon={<ArrowLeft size={16} aria-hidden />}
          disabled={!canGoBack}
          onClick={back}
        />
        <IconButton
          label="Forward"
          keys="Alt+Right"
          icon={<ArrowRight size={16} aria-hidden />}
          disabled={!canGoForward}
          onClick={forward}
        />
      </div>
      <button
        type="button"
        className={styles['field']}
        aria-label={here === '' ? 'Open anything' : `Open anything; now ${here}`}
        aria-haspopup="dialog"
        onClick={() => show({ kind: 'open' })}
      >
        <Search size={14} aria-hidden />
        {here === '' ? (
          <span className={styles['invitation']}>Open anything: a reference, a digest, a path…</span>
        ) : (
          <bdi className={styles['here']}>{here}</bdi>
        )}
        <Keys keys="CmdOrCtrl+K" />
      </button>
      <div className={styles['tools']}>
        <Button
          className={styles['copy']}
          icon={<Terminal size={14} aria-hidden />}
          disabled={command === undefined}
          title={command}
          onClick={() => run('copy-command')}
        >
          <span className={styles['copyWords']}>Copy command</span>
        </Button>
        <Button
          look="primary"
          className={classNames(styles['copy'], styles['push'])}
          aria-label="Push files…"
          title={`Push files… (${describeKeys('Alt+Shift+P')})`}
          icon={<Upload size={14} aria-hidden />}
          onClick={() => run('push')}
        >
          <span className={styles['copyWords']}>Push…</span>
        </Button>
        <IconButton
          label={transfersShown ? 'Hide transfers' : 'Show transfers'}
          keys="CmdOrCtrl+J"
          aria-expanded={transfersShown}
          icon={<ArrowDownUp size={16} aria-hidden />}
          onClick={() => run('toggle-transfers')}
        />
        <ThemeMenu />
        <IconButton
          label="Keyboard and help"
          keys="F1"
          icon={<CircleHelp size={16} aria-hidden />}
          onClick={() => show({ kind: 'help' })}
        />
        <IconButton
          label={inspector.shown ? 'Hide inspector' : 'Show inspector'}
          keys="CmdOrCtrl+I"
          disabled={!hasInspector}
          aria-expanded={inspector.shown}
          icon={<PanelRight size={16} aria-hidden />}
          onClick={inspector.toggle}
        />
      </div>
    </header>
  );
}

function ThemeMenu(): JSX.Element {
  const theme = useTheme();
  const Icon = theme === 'light' ? Sun : theme === 'dark' ? Moon : Monitor;
  return (
    <Menu
      align="end"
      entries={[
        {
          label: 'Like the system',
          icon: <Monitor size={14} aria-hidden />,
          checked: theme === 'system',
          onSelect: () => setTheme('system'),
        },
        {
          label: 'Light',
          icon: <Sun size={14} aria-hidden />,
          checked: theme === 'light',
          onSelect: () => setTheme('light'),
        },
        {
          label: 'Dark',
          icon: <Moon size={14} aria-hidden />,
          checked: theme === 'dark',
          onSelect: () => setTheme('dark'),
        },
      ]}
    >
      <IconButton label="Theme" icon={<Icon size={16} aria-hidden />} />
    </Menu>
  );
}
