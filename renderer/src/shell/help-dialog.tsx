import type { JSX } from 'react';
import { COMMANDS, COMMAND_GROUPS } from '../../../shared/commands/commands.ts';
import type { Command } from '../../../shared/commands/commands.ts';
import { useHostInfo } from '../data/host-info.ts';
import { useDialogs } from '../dialogs/dialogs.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Keys } from '../ui/keys.tsx';
import styles from './help-dialog.module.css';

/** Keys of lists, tables and the tree; they belong to what has the focus and are in no menu. */
const LIST_KEYS: readonly { readonly keys: readonly string[]; readonly label: string }[] = [
  { keys: ['Up', 'Down'], label: 'Move to the next row' },
  { keys: ['Home', 'End'], label: 'To the first, to the last' },
  { keys: ['Enter'], label: 'Open' },
  { keys: ['CmdOrCtrl+Enter'], label: 'Open in a tab that stays' },
  { keys: ['Space'], label: 'Show or hide the inspector' },
  { keys: ['Left', 'Right'], label: 'Close and open a branch' },
  { keys: ['Shift+F10'], label: 'Context menu' },
  { keys: ['a … z'], label: 'Filter a table, find in a tree' },
  { keys: ['Delete'], label: 'Close the tab that has the focus' },
];

/** Every command with its keys. */
export function HelpDialog(): JSX.Element {
  const { close } = useDialogs();
  const host = useHostInfo();
  return (
    <Dialog
      open
      onClose={close}
      width="wide"
      title="Keyboard and help"
      description={host === undefined ? undefined : `Tallyman ${host.version} on ${host.operatingSystem}`}
    >
      <div className={styles['groups']}>
        {COMMAND_GROUPS.map((group) => (
          <section key={group} className={styles['group']} aria-label={group}>
            <h3 className={styles['heading']}>{group}</h3>
            <dl>
              {COMMANDS.filter((command: Command) => command.group === group).map((command: Command) => (
                <div key={command.id} className={styles['line']}>
                  <dt>{command.label.replace(/…$/, '')}</dt>
                  <dd>
                    {command.accelerator === undefined ? (
                      <span className={styles['none']}>in the palette</span>
                    ) : (
                      <Keys keys={command.accelerator} />
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section className={styles['group']} aria-label="Lists, tables, trees">
          <h3 className={styles['heading']}>Lists, tables, trees</h3>
          <dl>
            {LIST_KEYS.map(({ keys, label }) => (
              <div key={label} className={styles['line']}>
                <dt>{label}</dt>
                <dd>
                  {keys.map((each) => (
                    <Keys key={each} keys={each} />
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
