import { Clock, FolderTree, HardDrive, Layers, Server, Waypoints } from 'lucide-react';
import { useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { useSources } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { formatAddress } from '../../navigation/address.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { repositoryView } from '../../navigation/view.ts';
import { placeText } from '../../places/place-text.ts';
import { useRecentPlaces } from '../../places/recent-places.ts';
import { viewOfPlace } from '../../places/view-of-place.ts';
import { ErrorLine } from '../../ui/error-state.tsx';
import { Keys } from '../../ui/keys.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import styles from './start-view.module.css';

/** Most recent places shown here; the bar knows more. */
const RECENT_SHOWN = 6;

/** The window with nothing opened: what one can do first, and where one was last. */
export function StartView(): JSX.Element {
  const client = useClient();
  const { go } = useNavigation();
  const { show } = useDialogs();
  const sources = useSources();
  const recent = useRecentPlaces();
  const [building, setBuilding] = useState(false);
  const [error, setError] = useState<ErrorData>();

  const createSample = async (): Promise<void> => {
    setBuilding(true);
    setError(undefined);
    try {
      const { place } = await client.call('sample.create', {});
      go(viewOfPlace(place));
    } catch (reason) {
      setError(toErrorData(reason));
      setBuilding(false);
    }
  };

  return (
    <div className={styles['page']}>
      <div className={styles['column']}>
        <div className={styles['head']}>
          <Layers size={28} strokeWidth={1.75} aria-hidden className={styles['sign']} />
          <div>
            <h1 className={styles['title']}>Tallyman</h1>
            <p className={styles['claim']}>What is in a registry, and what is attached to it.</p>
          </div>
        </div>

        <section aria-label="Begin">
          <ul className={styles['actions']}>
            <Action
              main
              icon={building ? <Spinner size={18} /> : <Waypoints size={18} strokeWidth={1.75} aria-hidden />}
              title="Create the sample graph"
              text="An image with SBOM, signature and scan report, built offline"
              disabled={building}
              onClick={() => void createSample()}
            />
            <Action
              icon={<Server size={18} strokeWidth={1.75} aria-hidden />}
              title="Add a registry"
              text="localhost:5000, or any host: no account needed to look"
              onClick={() => show({ kind: 'add-registry' })}
            />
            <Action
              icon={<FolderTree size={18} strokeWidth={1.75} aria-hidden />}
              title="Open an image layout"
              text="A folder or a tar on this machine"
              keys="CmdOrCtrl+O"
              onClick={() => show({ kind: 'open-layout' })}
            />
            <Action
              icon={<HardDrive size={18} strokeWidth={1.75} aria-hidden />}
              title="Look into the local store"
              text="The layout that Tallyman keeps for you"
              onClick={() => go(repositoryView({ source: 'local' }))}
            />
          </ul>
          {error !== undefined && <ErrorLine error={error} />}
        </section>

        {recent.length > 0 && (
          <section aria-labelledby="recent-places">
            <h2 id="recent-places" className={styles['heading']}>
              Recent
            </h2>
            <ul className={styles['recent']}>
              {recent.slice(0, RECENT_SHOWN).map((place) => (
                <li key={formatAddress(place)}>
                  <a href={formatAddress(place)} className={styles['place']}>
                    <Clock size={14} strokeWidth={1.75} aria-hidden />
                    <bdi>{displayText(placeText(place, sources))}</bdi>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        )}

        <p className={styles['hints']}>
          <span>
            <Keys keys="CmdOrCtrl+K" /> open anything
          </span>
          <span>
            <Keys keys="Alt+Left" /> back
          </span>
          <span>
            <Keys keys="F1" /> keyboard and help
          </span>
        </p>
      </div>
    </div>
  );
}

interface ActionProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly text: string;
  readonly keys?: string;
  readonly main?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function Action({
  icon,
  title,
  text,
  keys,
  main = false,
  disabled = false,
  onClick,
}: ActionProps): JSX.Element {
  return (
    <li>
      <button
        type="button"
        className={styles['action']}
        data-main={main}
        disabled={disabled}
        onClick={onClick}
      >
        <span className={styles['actionIcon']}>{icon}</span>
        <span className={styles['actionWords']}>
          <span className={styles['actionTitle']}>{title}</span>
          <span className={styles['actionText']}>{text}</span>
        </span>
        {keys !== undefined && <Keys keys={keys} />}
      </button>
    </li>
  );
}
