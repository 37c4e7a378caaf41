import { useState } from 'react';
import type { SyntheticEvent, JSX } from 'react';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { useHostInfo } from '../../data/host-info.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { viewOfSource } from '../../places/view-of-place.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { TextField } from '../../ui/text-field.tsx';
import styles from './source-dialogs.module.css';

/** Asks for a layout: by the system's own dialog where this host has one, by its path everywhere. */
export function OpenLayoutDialog(): JSX.Element {
  const client = useClient();
  const host = useHostInfo();
  const { close } = useDialogs();
  const { go } = useNavigation();
  const [path, setPath] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();
  const typed = path.trim();

  const open = async (choose: () => Promise<string | undefined>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const id = await choose();
      if (id === undefined) return;
      close();
      go(viewOfSource(id));
    } catch (reason) {
      setError(toErrorData(reason));
    } finally {
      setBusy(false);
    }
  };
  const pick = (what: 'folder' | 'archive'): void =>
    void open(async () => (await client.call('sources.pick', { what })).source?.id);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (typed === '' || busy) return;
    void open(async () => (await client.call('sources.add', { kind: 'layout', location: typed })).source.id);
  };

  return (
    <Dialog
      open
      onClose={close}
      title="Open an image layout"
      description="A folder with “oci-layout” and “index.json” in it, or a tar of one. It is read where it lies; nothing is written to it."
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form="open-layout" disabled={typed === '' || busy}>
            Open
          </Button>
        </>
      }
    >
      <form id="open-layout" className={styles['form']} onSubmit={submit}>
        <TextField
          label="Path"
          mono
          autoFocus
          placeholder="/home/ada/release-layout or ./image.tar"
          value={path}
          onChange={setPath}
        />
        {host?.canPickFolder === true && (
          <div className={styles['pick']}>
            <Button disabled={busy} onClick={() => pick('folder')}>
              Choose a folder…
            </Button>
            <Button disabled={busy} onClick={() => pick('archive')}>
              Choose an archive…
            </Button>
          </div>
        )}
        {error !== undefined && <ErrorLine error={error} />}
      </form>
    </Dialog>
  );
}
