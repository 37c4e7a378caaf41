import { Filter, FoldVertical, PackageOpen, Waypoints } from 'lucide-react';
import type { JSX, ReactNode } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import type { ErrorCode } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { useNavigation } from '../../navigation/navigation-context.ts';
import type { RepositoryView } from '../../navigation/view.ts';
import { useNotify } from '../../notices/notices.tsx';
import { isRegistry } from '../../places/source-name.ts';
import { viewOfPlace } from '../../places/view-of-place.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import styles from './repository-pictures.module.css';

/** The buttons under a failure: what this failure asks for. */
export function NextSteps({
  code,
  source,
  onAgain,
}: {
  readonly code: ErrorCode;
  readonly source: string;
  readonly onAgain: () => void;
}): ReactNode {
  const { show } = useDialogs();
  const canSignIn = isRegistry(source) && (code === 'UNAUTHORIZED' || code === 'DENIED');
  return (
    <>
      {canSignIn && (
        <Button look="primary" onClick={() => show({ kind: 'sign-in', source })}>
          Sign in…
        </Button>
      )}
      <Button onClick={onAgain}>Try again</Button>
    </>
  );
}

/** A place that holds nothing. */
export function EmptyPlace({
  view,
  onAgain,
}: {
  readonly view: RepositoryView;
  readonly onAgain: () => void;
}): JSX.Element {
  const client = useClient();
  const { go } = useNavigation();
  const notify = useNotify();
  const picture = <PackageOpen size={26} strokeWidth={1.5} aria-hidden />;
  if (view.target.source === 'local') {
    return (
      <EmptyState
        icon={picture}
        title="The local store is empty"
        actions={
          <Button
            look="primary"
            icon={<Waypoints size={14} aria-hidden />}
            onClick={() => {
              client.call('sample.create', {}).then(
                ({ place }) => go(viewOfPlace(place)),
                (error: unknown) => notify({ tone: 'info', text: toErrorData(error).message }),
              );
            }}
          >
            Create the sample graph
          </Button>
        }
      >
        <p>
          It is an image layout that Tallyman keeps for you. The sample is an image with an SBOM, a signature
          and a report, built offline.
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={picture}
      title="Nothing in here"
      actions={<Button onClick={onAgain}>Read again</Button>}
    >
      <p>
        {view.target.repository === undefined
          ? 'The layout’s index lists no entry.'
          : 'The registry knows this repository, and lists no tag in it. What has only a digest can be opened by it.'}
      </p>
    </EmptyState>
  );
}

/** No rows although there are tags: a filter, or everything is folded. */
export function NothingShown({
  view,
  folded,
  onChange,
}: {
  readonly view: RepositoryView;
  readonly folded: number;
  readonly onChange: (next: Partial<RepositoryView>) => void;
}): JSX.Element {
  return (
    <div role="row" className={styles['nothing']}>
      <div role="gridcell">
        {view.filter.trim() === '' ? (
          <EmptyState
            icon={<FoldVertical size={26} strokeWidth={1.5} aria-hidden />}
            title="Only companions"
            actions={
              <Button onClick={() => onChange({ companions: true })}>
                Show {folded.toLocaleString('en')} companions
              </Button>
            }
          >
            <p>Every tag here holds something that is attached to a digest without a tag of its own.</p>
          </EmptyState>
        ) : (
          <EmptyState
            icon={<Filter size={26} strokeWidth={1.5} aria-hidden />}
            title={
              <>
                No tag has “<bdi>{displayText(view.filter)}</bdi>” in it
              </>
            }
            actions={<Button onClick={() => onChange({ filter: '' })}>Clear the filter</Button>}
          >
            <p>Tags are searched anywhere in their name, digests from their beginning.</p>
          </EmptyState>
        )}
      </div>
    </div>
  );
}
