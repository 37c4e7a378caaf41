import { useState } from 'react';
import type { JSX, SyntheticEvent } from 'react';
import { servedCommands } from '../../../../shared/commands/served-commands.ts';
import type { Source } from '../../../../shared/contract/source.ts';
import type { Served } from '../../../../shared/contract/store.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';
import { useServed } from '../../data/served.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { readSetting, writeSetting } from '../../settings/stored-setting.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { Switch } from '../../ui/switch.tsx';
import { TextField } from '../../ui/text-field.tsx';
import styles from './store.module.css';

/** Starts and stops serving a layout as a registry on this machine, and says how to use it. */
export function ServeDialog({ source }: { readonly source: Source }): JSX.Element {
  const served = useServed().find((each) => each.source === source.id);
  return served === undefined ? (
    <StartServing source={source} />
  ) : (
    <Serving source={source} served={served} />
  );
}

function StartServing({ source }: { readonly source: Source }): JSX.Element {
  const client = useClient();
  const { close } = useDialogs();
  const { state, run } = useTask<unknown>();
  const [port, setPort] = useState(() => readSetting('serve.port') ?? '');
  const [readOnly, setReadOnly] = useState(source.kind !== 'local');
  const [token, setToken] = useState(false);
  const typed = port.trim();
  const isPort = typed === '' || (/^\d{1,5}$/.test(typed) && Number(typed) <= 65_535);
  const busy = state.phase === 'running';

  const start = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (!isPort || busy) return;
    writeSetting('serve.port', typed);
    run((signal) =>
      client.call(
        'serving.start',
        { source: source.id, port: typed === '' ? 0 : Number(typed), readOnly, token },
        { signal },
      ),
    );
  };

  return (
    <Dialog
      open
      onClose={close}
      title={`Serve ${displayText(source.label)}`}
      description="As a registry that only programs on this machine can reach, until you stop it or Tallyman ends."
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form="serve"
            disabled={!isPort || busy}
            icon={busy ? <Spinner size={12} /> : undefined}
          >
            Serve
          </Button>
        </>
      }
    >
      <form id="serve" className={styles['form']} onSubmit={start}>
        <TextField
          label="Port"
          autoFocus
          inputMode="numeric"
          placeholder="any free one"
          value={port}
          onChange={setPort}
          problem={isPort ? undefined : 'A number up to 65535, or nothing for any free port.'}
          note="Empty for any free port; a fixed one keeps command lines the same."
        />
        <Switch
          label="Read-only"
          note="Nobody can push, tag or delete."
          checked={readOnly}
          onChange={setReadOnly}
        />
        <Switch
          label="Ask for a token"
          note="Made for this run; clients give it as the password of any user name."
          checked={token}
          onChange={setToken}
        />
        {state.phase === 'failed' && <ErrorLine error={state.error} />}
      </form>
    </Dialog>
  );
}

function Serving({ source, served }: { readonly source: Source; readonly served: Served }): JSX.Element {
  const client = useClient();
  const { close } = useDialogs();
  const { state, run } = useTask<unknown>();
  const commands = servedCommands(served);
  return (
    <Dialog
      open
      onClose={close}
      width="wide"
      title={`Serving ${displayText(source.label)}`}
      description={`${served.readOnly ? 'Read-only' : 'Read and write'}, for programs on this machine, until you stop it or Tallyman ends.`}
      actions={
        <>
          <Button
            look="danger"
            disabled={state.phase === 'running'}
            onClick={() => run((signal) => client.call('serving.stop', { source: source.id }, { signal }))}
          >
            Stop serving
          </Button>
          <Button autoFocus look="primary" onClick={close}>
            Close
          </Button>
        </>
      }
    >
      <div className={styles['form']}>
        <dl className={styles['copies']}>
          <Copied name="Address" text={served.address} what="Copy the address" />
          {served.token !== undefined && <Copied name="Token" text={served.token} what="Copy the token" />}
        </dl>
        <ul className={styles['commands']} aria-label="Command lines">
          {commands.map(({ tool, what, line }) => (
            <li key={line}>
              <span className={styles['dim']}>{what}</span>
              <code title={line}>
                <ForeignText text={line} />
              </code>
              <CopyButton text={line} label={`Copy: ${what} with ${tool}`} />
            </li>
          ))}
        </ul>
        {state.phase === 'failed' && <ErrorLine error={state.error} />}
      </div>
    </Dialog>
  );
}

function Copied({
  name,
  text,
  what,
}: {
  readonly name: string;
  readonly text: string;
  readonly what: string;
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{text}</code>
        <CopyButton text={text} label={what} />
      </dd>
    </div>
  );
}
