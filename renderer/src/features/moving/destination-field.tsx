import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import type { GrantedFile } from '../../../../shared/contract/files.ts';
import { displayText } from '../../../../shared/display/display-text.ts';
import { useClient } from '../../client/client-context.ts';
import { useTask } from '../../client/use-task.ts';
import { useHostInfo } from '../../data/host-info.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { ForeignText } from '../../ui/foreign-text.tsx';
import { TextField } from '../../ui/text-field.tsx';
import styles from './moving.module.css';

/** A path that is still being typed is not asked about, in milliseconds. */
const REST = 400;

interface DestinationFieldProps {
  readonly label: string;
  readonly what: 'folder' | 'archive';
  /** Of an archive. */
  readonly suggestedName?: string;
  readonly value: GrantedFile | undefined;
  readonly onChange: (value: GrantedFile | undefined) => void;
}

/** A folder or archive to write to: chosen in the system's own dialog where this host has one, typed elsewhere. */
export function DestinationField(props: DestinationFieldProps): JSX.Element {
  return useHostInfo()?.canPickFiles === true ? <Picked {...props} /> : <Typed {...props} />;
}

function Picked({ label, what, suggestedName, value, onChange }: DestinationFieldProps): JSX.Element {
  const client = useClient();
  const { state, run } = useTask<unknown>();
  const pick = (): void =>
    run(async (signal) => {
      const { files } = await client.call(
        'files.pick',
        {
          what: what === 'folder' ? 'save-folder' : 'save-archive',
          ...(suggestedName === undefined ? {} : { suggestedName }),
        },
        { signal },
      );
      if (files[0] !== undefined) onChange(files[0]);
    });
  return (
    <div className={styles['picked']}>
      <span className={styles['label']}>{label}</span>
      <div className={styles['pickedLine']}>
        <Button autoFocus onClick={pick} disabled={state.phase === 'running'}>
          {value === undefined ? 'Choose…' : 'Choose another…'}
        </Button>
        {value === undefined ? (
          <span className={styles['dim']}>{what === 'folder' ? 'No folder yet' : 'No file yet'}</span>
        ) : (
          <code>
            <ForeignText text={value.location} />
          </code>
        )}
      </div>
      {state.phase === 'failed' && <ErrorLine error={state.error} />}
    </div>
  );
}

function Typed({ label, what, suggestedName, onChange }: DestinationFieldProps): JSX.Element {
  const client = useClient();
  const [path, setPath] = useState('');
  const { state, run, cancel } = useTask<unknown>();
  const typed = path.trim();

  useEffect(() => {
    if (typed === '') return undefined;
    const timer = setTimeout(
      () =>
        run(async (signal) => {
          const { file } = await client.call('files.typeDestination', { path: typed, what }, { signal });
          onChange(file);
        }),
      REST,
    );
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }, [client, run, cancel, typed, what, onChange]);

  return (
    <TextField
      label={label}
      mono
      autoFocus
      placeholder={
        what === 'folder' ? '~/Downloads/release' : `~/Downloads/${suggestedName ?? 'release.tar'}`
      }
      value={path}
      onChange={(next) => {
        setPath(next);
        onChange(undefined);
      }}
      note={
        what === 'folder'
          ? 'A whole path below your home folder; it is made when it is not there.'
          : 'A whole path below your home folder that ends in .tar, .tar.gz or .tgz.'
      }
      problem={
        state.phase === 'failed' && typed !== ''
          ? displayText([state.error.message, state.error.hint ?? ''].join(' ').trim())
          : undefined
      }
    />
  );
}
