import { Filter, PackageOpen, PlugZap } from 'lucide-react';
import type { JSX } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import type { ErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { sourceName } from '../../places/source-name.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import styles from './registry-pictures.module.css';

const SKELETON_WIDTHS = [140, 96, 180, 120, 160, 88, 132, 110] as const;

/** The repositories that are coming: as high as rows, so that nothing moves when they come. */
export function ComingRepositories(): JSX.Element {
  return (
    <div aria-label="Reading the catalog" role="img">
      {SKELETON_WIDTHS.map((width) => (
        <div key={width} className={styles['blank']}>
          <Skeleton still width={width} />
        </div>
      ))}
    </div>
  );
}

interface FailedCatalogProps {
  readonly error: ErrorData;
  readonly onSignIn: () => void;
  readonly onAgain: () => void;
}

/** A catalog that could not be read. */
export function FailedCatalog({ error, onSignIn, onAgain }: FailedCatalogProps): JSX.Element {
  const canSignIn = error.code === 'UNAUTHORIZED' || error.code === 'DENIED';
  return (
    <ErrorState
      error={error}
      actions={
        <>
          {canSignIn && (
            <Button look="primary" onClick={onSignIn}>
              Sign in…
            </Button>
          )}
          <Button onClick={onAgain}>Try again</Button>
        </>
      }
    />
  );
}

/** A registry that cannot list what it holds: no fault, another way in. */
export function NoCatalog({
  source,
  message,
}: {
  readonly source: string;
  readonly message: string;
}): JSX.Element {
  const { show } = useDialogs();
  return (
    <EmptyState
      icon={<PlugZap size={26} strokeWidth={1.5} aria-hidden />}
      title="This registry has no catalog"
      actions={
        <Button look="primary" onClick={() => show({ kind: 'open', text: `${sourceName(source)}/` })}>
          Type a repository…
        </Button>
      }
    >
      <p>
        <bdi>{displayText(message)}</bdi>
      </p>
      <p>A repository that was typed once stays here.</p>
    </EmptyState>
  );
}

/** A catalog that lists nothing. */
export function EmptyCatalog({ onAgain }: { readonly onAgain: () => void }): JSX.Element {
  return (
    <EmptyState
      icon={<PackageOpen size={26} strokeWidth={1.5} aria-hidden />}
      title="No repositories yet"
      actions={<Button onClick={onAgain}>Read again</Button>}
    >
      <p>
        The registry answers, and its catalog is empty. Some registries list only what this account may see.
      </p>
    </EmptyState>
  );
}

/** Repositories that the filter leaves out, all of them. */
export function NoMatch({
  filter,
  onClear,
}: {
  readonly filter: string;
  readonly onClear: () => void;
}): JSX.Element {
  return (
    <EmptyState
      icon={<Filter size={26} strokeWidth={1.5} aria-hidden />}
      title={
        <>
          No repository has “<bdi>{displayText(filter)}</bdi>” in its name
        </>
      }
      actions={<Button onClick={onClear}>Clear the filter</Button>}
    />
  );
}
