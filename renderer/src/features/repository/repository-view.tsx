import { useRef } from 'react';
import type { JSX } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { useCommands } from '../../commands/commands.tsx';
import { useSources } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { useInspect } from '../../inspection/inspection.tsx';
import { DropWords } from '../../moving/drop-words.tsx';
import { useOnPlaceChange } from '../../moving/place-changes.ts';
import { thingMenu } from '../../moving/thing-menu.ts';
import { startDrag, thingOf } from '../../moving/thing.ts';
import type { Thing } from '../../moving/thing.ts';
import { useDropZone } from '../../moving/use-drop-zone.ts';
import { useUntag } from '../../moving/use-untag.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { artifactView } from '../../navigation/view.ts';
import type { RepositoryView as RepositoryViewState } from '../../navigation/view.ts';
import { useCopyText } from '../../notices/use-copy-text.ts';
import { placeText } from '../../places/place-text.ts';
import { placeTitle } from '../../places/place-title.ts';
import { isRegistry } from '../../places/source-name.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorLine, ErrorState } from '../../ui/error-state.tsx';
import type { MenuEntry } from '../../ui/menu.tsx';
import { useStableCallback } from '../../ui/use-stable-callback.ts';
import { describeListing } from './describe-listing.ts';
import { companionCount } from './model/build-rows.ts';
import { tagCount } from './model/listing.ts';
import type { Row } from './model/row.ts';
import { rowNode } from './row-node.ts';
import { RepositoryHead } from './repository-head.tsx';
import { EmptyPlace, NextSteps, NothingShown } from './repository-pictures.tsx';
import { RepositoryTable } from './rows/repository-table.tsx';
import type { TableHandle } from './rows/repository-table.tsx';
import { whatToOpen } from './rows/repository-row.tsx';
import { useRepositoryRows } from './rows/use-repository-rows.ts';
import { useSelectedRow } from './rows/use-selected-row.ts';
import { SkeletonRows } from './skeleton-rows.tsx';
import styles from './repository-view.module.css';

interface RepositoryViewProps {
  readonly view: RepositoryViewState;
  /** Space on a row: shows or hides the inspector. */
  readonly onPeek: () => void;
}

/** What is in a repository or a layout: rows are digests with their tags. */
export function RepositoryView({ view, onPeek }: RepositoryViewProps): JSX.Element {
  const { go } = useNavigation();
  const { show } = useDialogs();
  const untag = useUntag();
  const copy = useCopyText();
  const sources = useSources();
  const repositoryRows = useRepositoryRows(view);
  const { rows, listing, store, waiting, error, readAgain } = repositoryRows;
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

  useOnPlaceChange(view.target, readAgain);
  const drop = useDropZone({
    onFiles: (take) => show({ kind: 'push', target: view.target, take }),
  });
  const thingOfRow = (row: Row): Thing | undefined => {
    const known = row.digest ?? (row.tags[0] === undefined ? undefined : store.resolved(row.tags[0])?.digest);
    const details = known === undefined ? undefined : store.details(known);
    const size =
      row.entry?.size ?? (row.tags[0] === undefined ? undefined : store.resolved(row.tags[0])?.size);
    return details === undefined || details.mediaType === ''
      ? undefined
      : thingOf(view.target, rowNode(details, row.tags, size ?? 0));
  };
  const onDrag = useStableCallback((row: Row, transfer: DataTransfer) => {
    const thing = thingOfRow(row);
    if (thing !== undefined)
      startDrag(
        transfer,
        thing,
        placeText(artifactView(view.target, whatToOpen(row, thing.digest)), sources),
      );
  });

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
    const thing = thingOfRow(row);
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
      ...(thing === undefined ? [] : [...thingMenu(thing, { show, untag }), 'separator' as const]),
      { label: 'Copy reference', onSelect: () => copy(reference, 'the reference') },
      {
        label: 'Copy digest',
        disabled: rowDigest === undefined,
        onSelect: () => copy(rowDigest ?? '', 'the digest'),
      },
    ];
  };

  const folded = companionCount(listing);
  const isEmpty =
    listing.complete && tagCount(listing) + listing.untagged.length + listing.attachedEntries.length === 0;

  return (
    <section
      className={styles['view']}
      aria-label={`Repository ${displayText(placeText(view, sources))}`}
      {...drop.handlers}
    >
      {drop.over && <DropWords>Drop to push into {displayText(placeTitle(view))}</DropWords>}
      <RepositoryHead
        view={view}
        rows={repositoryRows}
        filterField={filterField}
        onChange={change}
        onLeaveFilter={() => {
          const first = rows.at(0);
          table.current?.focus();
          if (first !== undefined && rows.find(view.selected ?? '') < 0) onSelect(first);
        }}
      />
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
            onDrag={onDrag}
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
