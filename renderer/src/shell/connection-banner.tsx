import { Unplug } from 'lucide-react';
import type { JSX } from 'react';
import { displayText } from '../../../shared/display/display-text.ts';
import { useConnection } from '../client/connection.tsx';
import { Button } from '../ui/button.tsx';
import styles from './connection-banner.module.css';

/** One line across the window while the services are gone; what was shown stays readable below it. */
export function ConnectionBanner(): JSX.Element | null {
  const { state, error, retry } = useConnection();
  if (state !== 'lost') return null;
  return (
    <div className={styles['banner']} role="alert">
      <Unplug size={16} aria-hidden />
      <span className={styles['words']}>
        {displayText(error?.message ?? '')}{' '}
        <span className={styles['dim']}>
          {displayText(error?.hint ?? 'Trying again; what is shown stays readable.')}
        </span>
      </span>
      <Button onClick={retry}>Try now</Button>
    </div>
  );
}
