import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SyntheticEvent, JSX } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { useSource } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { sourceName } from '../../places/source-name.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { TextField } from '../../ui/text-field.tsx';
import styles from './sign-in-dialog.module.css';

/** Signs in to a registry. What is typed goes to the host at once and is kept there in memory only. */
export function SignInDialog({ source: id }: { readonly source: string }): JSX.Element {
  const client = useClient();
  const queryClient = useQueryClient();
  const source = useSource(id);
  const { close } = useDialogs();
  const [username, setUsername] = useState(source?.account?.username ?? '');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();
  const ready = username !== '' && password !== '' && !busy;

  const signIn = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    setError(undefined);
    try {
      await client.call('accounts.signIn', { source: id, username, password });
      void queryClient.invalidateQueries({ predicate: (query) => query.state.status === 'error' });
      close();
    } catch (reason) {
      setError(toErrorData(reason));
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      onClose={close}
      width="narrow"
      title={
        <>
          Sign in to <bdi>{displayText(source?.label ?? sourceName(id))}</bdi>
        </>
      }
      description="Kept in memory until Tallyman quits; never written to disk."
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form="sign-in" disabled={!ready}>
            {busy ? 'Signing in…' : 'Sign in'}
          </Button>
        </>
      }
    >
      <form id="sign-in" className={styles['form']} onSubmit={(event) => void signIn(event)}>
        <TextField
          label="User name"
          autoFocus={username === ''}
          autoComplete="username"
          value={username}
          onChange={setUsername}
        />
        <TextField
          label="Password or token"
          type="password"
          autoFocus={username !== ''}
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          {...(source?.plainHttp === true
            ? { problem: 'This registry is asked over plain HTTP: the password travels readable.' }
            : {})}
        />
        {error !== undefined && <ErrorLine error={error} />}
      </form>
    </Dialog>
  );
}
