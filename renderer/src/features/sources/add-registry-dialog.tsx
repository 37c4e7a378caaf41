import { useState } from 'react';
import type { SyntheticEvent, JSX } from 'react';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { sourceView } from '../../navigation/view.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { Switch } from '../../ui/switch.tsx';
import { TextField } from '../../ui/text-field.tsx';
import styles from './source-dialogs.module.css';

/** Asks for the host of a registry and opens it. */
export function AddRegistryDialog(): JSX.Element {
  const client = useClient();
  const { close } = useDialogs();
  const { go } = useNavigation();
  const [host, setHost] = useState('');
  const [plainHttp, setPlainHttp] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();
  const typed = host.trim();

  const add = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (typed === '' || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const { source } = await client.call('sources.add', {
        kind: 'registry',
        location: typed,
        ...(plainHttp ? { plainHttp } : {}),
      });
      close();
      go(sourceView(source.id));
    } catch (reason) {
      setError(toErrorData(reason));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      onClose={close}
      title="Add a registry"
      description="Nothing is sent but questions; nothing is stored but its name."
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form="add-registry" disabled={typed === '' || busy}>
            Add registry
          </Button>
        </>
      }
    >
      <form id="add-registry" className={styles['form']} onSubmit={(event) => void add(event)}>
        <TextField
          label="Host"
          mono
          autoFocus
          placeholder="registry.example.org or localhost:5000"
          value={host}
          onChange={setHost}
          note="With its port where it is not the usual one."
        />
        <Switch
          label="Plain HTTP"
          note="On this machine it is tried by itself when TLS does not answer. Elsewhere, everything travels readable for others."
          checked={plainHttp}
          onChange={setPlainHttp}
        />
        {error !== undefined && <ErrorLine error={error} />}
      </form>
    </Dialog>
  );
}
