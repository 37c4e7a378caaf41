import { Filter, FoldVertical, PackageOpen, RotateCw, UnfoldVertical, Waypoints } from 'lucide-react';
import { useRef } from 'react';
import type { JSX, ReactNode } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { useClient } from '../../client/client-context.ts';
import { useCommands } from '../../commands/commands.tsx';
import { useSources } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { useInspect } from '../../inspection/inspection.tsx';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { artifactView } from '../../navigation/view.ts';
import type { RepositorySort, RepositoryView as RepositoryViewState } from '../../navigation/view.ts';
import { useNotify } from '../../notices/notices.tsx';
import { useCopyText } from '../../notices/use-copy-text.ts';
import { PlaceBreadcrumb } from '../../places/place-breadcrumb.tsx';
import { placeText } from '../../places/place-text.ts';
import { isRegistry } from '../../places/source-name.ts';
import { viewOfPlace } from '../../places/view-of-place.ts';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorLine, ErrorState } from '../../ui/error-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import type { MenuEntry } from '../../ui/menu.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { useStableCallback } from '../../ui/use-stable-callback.ts';
import { describeListing } from './describe-listing.ts';
import { companionCount } from './model/build-rows.ts';
import { tagCount } from './model/listing.ts';
import type { Row } from './model/row.ts';
import { RepositoryTable } from './rows/repository-table.tsx';
import type { TableHandle } from './rows/repository-table.tsx';
import { whatToOpen } from './rows/repository-row.tsx';
import { useRepositoryRows } from './rows/use-repository-rows.ts';
import { useSelectedRow } from './rows/use-selected-row.ts';
import { SkeletonRows } from './skeleton-rows.tsx';
import styles from './repository-view.module.css';

const SORTS: readonly { readonly id: RepositorySort; readonly label: string; readonly title: string }[] = [
  { id: 'version', label: 'Version', title: 'The newest version first' },
  { id: 'date', label: 'Date', title: 'The youngest first' },
  { id: 'name', label: 'Name', title: 'In the order of the names' },
];

interface RepositoryViewProps {
  readonly view: RepositoryViewState;
  /** Space on a row: shows or hides the inspector. */
  readonly onPeek: () => void;
}

/** What is in a repository or a layout: rows are digests with their tags. */
export function RepositoryView({ view, onPeek }: RepositoryViewProps): JSX.Element {
  const { go } = useNavigation();
  const { show } = useDialogs();
  const copy = useCopyText();
  const sources = useSources();
  const repositoryRows = useRepositoryRows(view);
  const { rows, listing, store, reading, waiting, error, readAgain } = repositoryRows;
  const table = useRef<TableHandle>(null);
  const filterField = useRef<HTMLInputElement>(null);
  const selected = useSelectedRow(view, rows, store);
  useInspect(selected.inspected);

  const change = (next: Partial<RepositoryViewState>): void => go({ ...view, ...next }, { replace: true });
  const onSelect = useStableCallback((row: Row) => {
    if (row.key !== view.selected) change({ selected: row.key });
  });
  const onOpen = useStableCallback(
    (row: Row, what: { readonly tag?: string; readonly digest?: string } | undefined, keep: boolean) => {
      const chosen = what ?? whatToOpen(row, row.digest);
      if (chosen.tag !== undefined || chosen.digest !== undefined)
        go(artifactView(view.target, chosen), { keep });
    },
  );

  const digest = selected.digest;
  useCommands({
    reload: readAgain,
    'copy-digest': digest === undefined ? undefined : () => copy(digest, 'the digest'),
    ...(isRegistry(view.target.source)
      ? { 'sign-in': () => show({ kind: 'sign-in', source: view.target.source }) }
      : {}),
  });

  const menuOf = (row: Row): readonly MenuEntry[] => {
    const rowDigest =
      row.digest ?? (row.tags[0] === undefined ? undefined : store.resolved(row.tags[0])?.digest);
    const reference = placeText(artifactView(view.target, whatToOpen(row, rowDigest)), sources);
    return [
      { label: 'Open graph', keys: 'Enter', onSelect: () => onOpen(row, undefined, false) },
      {
        label: 'Open in a tab that stays',
        keys: 'CmdOrCtrl+Enter',
        onSelect: () => onOpen(row, undefined, true),
      },
      ...(rowDigest !== undefined && row.tags.length > 0
        ? [{ label: 'Open by digest', onSelect: () => onOpen(row, { digest: rowDigest }, false) }]
        : []),
      ...row.tags
        .slice(1, 8)
        .map((tag) => ({ label: `Open ${displayText(tag)}`, onSelect: () => onOpen(row, { tag }, false) })),
      'separator',
      { label: 'Copy reference', onSelect: () => copy(reference, 'the reference') },
      {
        label: 'Copy digest',
        disabled: rowDigest === undefined,
        onSelect: () => copy(rowDigest ?? '', 'the digest'),
      },
    ];
  };

  const folded = companionCount(listing);
  const label =
    tagCount(listing) > 0 ? `Filter ${tagCount(listing).toLocaleString('en')} tags` : 'Filter tags';
  const isEmpty =
    listing.complete && tagCount(listing) + listing.untagged.length + listing.attachedEntries.length === 0;

  return (
    <section className={styles['view']} aria-label={`Repository ${displayText(placeText(view, sources))}`}>
      <header className={styles['head']}>
        <PlaceBreadcrumb view={view} />
        <div className={styles['tools']}>
          <SearchField
            ref={filterField}
            className={styles['filter']}
            label={label}
            value={view.filter}
            onChange={(filter) => change({ filter })}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
              event.preventDefault();
              const first = rows.at(0);
              table.current?.focus();
              if (first !== undefined && rows.find(view.selected ?? '') < 0) onSelect(first);
            }}
          />
          <Segmented
            label="Sort by"
            options={SORTS}
            value={view.sort}
            onChange={(sort) => change({ sort })}
          />
          {folded > 0 && (
            <Button
              className={styles['companions']}
              aria-pressed={view.companions}
              icon={
                view.companions ? (
                  <FoldVertical size={14} aria-hidden />
                ) : (
                  <UnfoldVertical size={14} aria-hidden />
                )
              }
              title="Fallback tags, cosign tags and untagged attachments: they belong to other rows"
              onClick={() => change({ companions: !view.companions })}
            >
              <span className={styles['companionWords']}>
                {view.companions ? 'Companions: shown' : 'Companions: folded'}
              </span>{' '}
              ({folded.toLocaleString('en')})
            </Button>
          )}
          <IconButton
            label="Read again"
            keys="F5"
            icon={reading ? <Spinner /> : <RotateCw size={15} aria-hidden />}
            disabled={reading}
            onClick={readAgain}
          />
        </div>
      </header>
      <div className={styles['body']}>
        {error !== undefined && tagCount(listing) === 0 ? (
          <ErrorState
            error={error}
            actions={<NextSteps code={error.code} source={view.target.source} onAgain={readAgain} />}
          />
        ) : isEmpty ? (
          <EmptyPlace view={view} onAgain={readAgain} />
        ) : (
          <RepositoryTable
            ref={table}
            label={`Tags of ${displayText(placeText(view, sources))}`}
            rows={rows}
            store={store}
            selected={view.selected}
            onSelect={onSelect}
            onOpen={onOpen}
            onPeek={onPeek}
            onType={(text) => {
              filterField.current?.focus();
              change({ filter: view.filter + text });
            }}
            menuOf={menuOf}
          >
            {waiting ? (
              <SkeletonRows label="Reading tags" />
            ) : (
              <NothingShown view={view} folded={folded} onChange={change} />
            )}
          </RepositoryTable>
        )}
      </div>
      {error !== undefined && tagCount(listing) > 0 && (
        <div className={styles['rest']}>
          <ErrorLine error={error} actions={<Button onClick={readAgain}>Read again</Button>} />
        </div>
      )}
      <div className={styles['foot']} role="status">
        {waiting || isEmpty
          ? ''
          : error !== undefined && tagCount(listing) === 0
            ? ''
            : describeListing(repositoryRows, view.filter, view.companions)}
      </div>
    </section>
  );
}

/** The buttons under a failure: what this failure asks for. */
function NextSteps({
  code,
  source,
  onAgain,
}: {
  readonly code: string;
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
function EmptyPlace({
  view,
  onAgain,
}: {
  readonly view: RepositoryViewState;
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
function NothingShown({
  view,
  folded,
  onChange,
}: {
  readonly view: RepositoryViewState;
  readonly folded: number;
  readonly onChange: (next: Partial<RepositoryViewState>) => void;
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
