import { ChevronsUpDown } from 'lucide-react';
import type { JSX } from 'react';
import { hasEnded } from '../../../shared/contract/transfer-words.ts';
import { useActivity } from '../client/client-provider.tsx';
import { useTransfers } from '../data/transfers.ts';
import { COMMAND_LINE_TOOLS, setCommandLineTool, useCommandLineTool } from '../settings/command-line-tool.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Menu } from '../ui/menu.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { TransfersSummary } from './transfers-summary.tsx';
import { useEqualCommand } from './use-equal-command.ts';
import styles from './foot-bar.module.css';

/** The bar at the foot: what is moving at the left, the equal command line at the right. */
export function FootBar(): JSX.Element {
  const command = useEqualCommand();
  const tool = useCommandLineTool();
  return (
    <footer className={styles['bar']}>
      <Moving />
      <div className={styles['command']}>
        {command !== undefined && (
          <>
            <code className={styles['line']} title={command}>
              {command}
            </code>
            <CopyButton text={command} label="Copy command" />
            <Menu
              align="end"
              entries={COMMAND_LINE_TOOLS.map((each) => ({
                label: `In the words of ${each}`,
                checked: each === tool,
                onSelect: () => setCommandLineTool(each),
              }))}
            >
              <button
                type="button"
                className={styles['tool']}
                aria-label={`Command line of ${tool}: choose another`}
              >
                {tool}
                <ChevronsUpDown size={11} aria-hidden />
              </button>
            </Menu>
          </>
        )}
      </div>
    </footer>
  );
}

function Moving(): JSX.Element {
  const activities = useActivity();
  const { jobs } = useTransfers();
  const [first] = activities;
  const unfinished = jobs.filter(({ state }) => !hasEnded(state));
  if (unfinished.length > 0) return <TransfersSummary jobs={unfinished} />;
  return (
    <div className={styles['moving']} aria-live="off">
      {first === undefined ? (
        <span className={styles['dim']}>Nothing under way</span>
      ) : (
        <>
          <Spinner size={12} />
          <span>{first.label}</span>
          {first.detail !== undefined && <span className={styles['dim']}>{first.detail}</span>}
          {activities.length > 1 && <span className={styles['dim']}>and {activities.length - 1} more</span>}
        </>
      )}
    </div>
  );
}
