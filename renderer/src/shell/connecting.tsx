import { Layers } from 'lucide-react';
import type { JSX } from 'react';
import { useConnection } from '../client/connection.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import styles from './connecting.module.css';

/** The window before the first connection to the services stands. */
export function Connecting(): JSX.Element {
  const { state, error, retry } = useConnection();
  return (
    <main className={styles['page']}>
      {state === 'lost' && error !== undefined ? (
        <ErrorState
          error={error}
          title="Tallyman’s services do not answer this window"
          actions={<Button onClick={retry}>Try again</Button>}
        />
      ) : (
        <Layers
          size={40}
          strokeWidth={1.5}
          className={styles['sign']}
          role="img"
          aria-label="Tallyman is starting"
        />
      )}
    </main>
  );
}
