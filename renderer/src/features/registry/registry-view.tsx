import { useQuery } from '@tanstack/react-query';
import { Filter, KeyRound, Package, PackageOpen, Pin, PinOff, PlugZap, RotateCw } from 'lucide-react';
import { useId, useMemo, useRef, useState } from 'react';
import type { JSX, KeyboardEvent } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { useCommands } from '../../commands/commands.tsx';
import { catalogQuery } from '../../data/repositories.ts';
import { useSource } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { repositoryView } from '../../navigation/view.ts';
import type { SourceView } from '../../navigation/view.ts';
import { useNotify } from '../../notices/notices.tsx';
import { PlaceBreadcrumb } from '../../places/place-breadcrumb.tsx';
import { sourceName } from '../../places/source-name.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorLine, ErrorState } from '../../ui/error-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { isTyping, moveInList } from '../../ui/list-keys.ts';
import { SearchField } from '../../ui/search-field.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { useFixedRows } from '../../ui/use-fixed-rows.ts';
import styles from './registry-view.module.css';

/** Height of a row, in pixels; `--row-list` in the style sheet. */
const ROW = 32;
const SKELETON_WIDTHS = [140, 96, 180, 120, 160, 88, 132, 110] as const;

/** What is in a registry: its repositories, pinned ones first. */
export function RegistryView({ view }: { readonly view: SourceView }): JSX.Element {
  const client = useClient();
  const { go } = useNavigation();
  const { show } = useDialogs();
  const notify = useNotify();
  const source = useSource(view.source);
  const query = useQuery(catalogQuery(client, view.source));
  const [active, setActive] = useState<string>();
  const filterField = useRef<HTMLInputElement>(null);
  const listId = useId();

  const all = query.data?.repositories;
  const pinned = source?.pinned;
  const names = useMemo(() => {
    const wanted = view.filter.trim().toLowerCase();
    const isPinned = new Set(pinned ?? []);
    return [...(pinned ?? []), ...(all ?? []).filter((name) => !isPinned.has(name))].filter((name) =>
      name.toLowerCase().includes(wanted),
    );
  }, [all, pinned, view.filter]);
  const pinnedNames = new Set(pinned ?? []);
  const at = active === undefined ? -1 : names.indexOf(active);
  const { scroller, drawn, topOf, height, reveal } = useFixedRows({ count: names.length, rowHeight: ROW });

  const error = query.error === null ? undefined : toErrorData(query.error);
  const readAgain = (): void => void query.refetch();
  const signIn = (): void => show({ kind: 'sign-in', source: view.source });
  useCommands({ reload: readAgain, 'sign-in': signIn });

  const setFilter = (filter: string): void => go({ ...view, filter }, { replace: true });
  const open = (name: string, keep: boolean): void =>
    go(repositoryView({ source: view.source, repository: name }), { keep });
  const pin = (name: string, on: boolean): void => {
    client
      .call('sources.pin', { source: view.source, repository: name, pinned: on })
      .catch((reason: unknown) => notify({ tone: 'info', text: toErrorData(reason).message }));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.altKey || event.target !== event.currentTarget) return;
    const to = event.ctrlKey || event.metaKey ? undefined : moveInList(event.key, at, names.length, 12);
    const name = names[at];
    if (to !== undefined) {
      setActive(names[to]);
      reveal(to);
    } else if (event.key === 'Enter' && name !== undefined) open(name, event.ctrlKey || event.metaKey);
    else if (isTyping(event)) {
      filterField.current?.focus();
      setFilter(view.filter + event.key);
    } else return;
    event.preventDefault();
  };

  const waiting = query.data === undefined && query.isFetching && names.length === 0;
  return (
    <section className={styles['view']} aria-label={`Registry ${displayText(sourceName(view.source))}`}>
      <header className={styles['head']}>
        <div className={styles['where']}>
          <PlaceBreadcrumb view={view} />
          {source?.plainHttp === true && (
            <Chip look="warn" title="Nothing on the way to this registry is encrypted">
              plain HTTP
            </Chip>
          )}
        </div>
        <div className={styles['tools']}>
          <SearchField
            ref={filterField}
            className={styles['filter']}
            label={
              all === undefined
                ? 'Filter repositories'
                : `Filter ${all.length.toLocaleString('en')} repositories`
            }
            value={view.filter}
            onChange={setFilter}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
              event.preventDefault();
              scroller.current?.focus();
              setActive((before) => before ?? names[0]);
            }}
          />
          <Button icon={<KeyRound size={14} aria-hidden />} onClick={signIn}>
            {source?.account === undefined ? (
              'Sign in…'
            ) : (
              <bdi className={styles['account']}>{displayText(source.account.username)}</bdi>
            )}
          </Button>
          <IconButton
            label="Read again"
            keys="F5"
            icon={query.isFetching ? <Spinner /> : <RotateCw size={15} aria-hidden />}
            disabled={query.isFetching}
            onClick={readAgain}
          />
        </div>
      </header>
      {error !== undefined && names.length > 0 && (
        <div className={styles['why']}>
          <ErrorLine error={error} />
        </div>
      )}
      {names.length === 0 ? (
        <div className={styles['body']}>
          {waiting ? (
            <div aria-label="Reading the catalog" role="img">
              {SKELETON_WIDTHS.map((width) => (
                <div key={width} className={styles['blank']}>
                  <Skeleton still width={width} />
                </div>
              ))}
            </div>
          ) : error?.code === 'UNSUPPORTED' ? (
            <NoCatalog message={error.message} />
          ) : error !== undefined ? (
            <ErrorState
              error={error}
              actions={
                <>
                  {(error.code === 'UNAUTHORIZED' || error.code === 'DENIED') && (
                    <Button look="primary" onClick={signIn}>
                      Sign in…
                    </Button>
                  )}
                  <Button onClick={readAgain}>Try again</Button>
                </>
              }
            />
          ) : view.filter !== '' ? (
            <EmptyState
              icon={<Filter size={26} strokeWidth={1.5} aria-hidden />}
              title={
                <>
                  No repository has “<bdi>{displayText(view.filter)}</bdi>” in its name
                </>
              }
              actions={<Button onClick={() => setFilter('')}>Clear the filter</Button>}
            />
          ) : (
            <EmptyState
              icon={<PackageOpen size={26} strokeWidth={1.5} aria-hidden />}
              title="No repositories yet"
              actions={<Button onClick={readAgain}>Read again</Button>}
            >
              <p>
                The registry answers, and its catalog is empty. Some registries list only what this account
                may see.
              </p>
            </EmptyState>
          )}
        </div>
      ) : (
        <div
          ref={scroller}
          role="grid"
          aria-label="Repositories"
          aria-rowcount={names.length}
          tabIndex={0}
          className={styles['body']}
          aria-activedescendant={at < 0 ? undefined : `${listId}-${at}`}
          onKeyDown={onKeyDown}
        >
          <div role="rowgroup" className={styles['rows']} style={{ height }}>
            {drawn.map((index) => {
              const name = names[index] ?? '';
              const isPinned = pinnedNames.has(name);
              return (
                <div
                  key={name}
                  id={`${listId}-${index}`}
                  role="row"
                  aria-rowindex={index + 1}
                  aria-selected={index === at}
                  aria-label={displayText(isPinned ? `${name}, pinned` : name)}
                  className={styles['row']}
                  style={{ transform: `translateY(${topOf(index)}px)` }}
                  onClick={(event) => open(name, event.ctrlKey || event.metaKey)}
                >
                  <div role="gridcell" className={styles['cell']}>
                    <Package size={15} strokeWidth={1.75} aria-hidden />
                    <RepositoryName name={name} />
                  </div>
                  <div role="gridcell">
                    <button
                      type="button"
                      tabIndex={-1}
                      aria-label={isPinned ? 'Unpin' : 'Pin to the sidebar'}
                      className={styles['pin']}
                      data-pinned={isPinned}
                      title={isPinned ? 'Unpin' : 'Pin to the sidebar'}
                      onClick={(event) => {
                        event.stopPropagation();
                        pin(name, !isPinned);
                      }}
                    >
                      {isPinned ? <PinOff size={14} aria-hidden className={styles['unpinSign']} /> : null}
                      <Pin size={14} aria-hidden className={styles['pinSign']} />
                    </button>
                  </div>
                </div>
              );
            })}
          </div>
        </div>
      )}
      <div className={styles['foot']} role="status">
        {names.length === 0
          ? ''
          : `${names.length.toLocaleString('en')} ${names.length === 1 ? 'repository' : 'repositories'}${query.data?.complete === false && query.isFetching ? ' so far' : ''}`}
      </div>
    </section>
  );
}

/** The name with its folders quieter than its last part, where the difference between names mostly is. */
function RepositoryName({ name }: { readonly name: string }): JSX.Element {
  const cut = name.lastIndexOf('/') + 1;
  return (
    <bdi className={styles['name']}>
      <span className={styles['folder']}>{displayText(name.slice(0, cut))}</span>
      {displayText(name.slice(cut))}
    </bdi>
  );
}

/** A registry that cannot list what it holds: no fault, another way in. */
function NoCatalog({ message }: { readonly message: string }): JSX.Element {
  const { show } = useDialogs();
  return (
    <EmptyState
      icon={<PlugZap size={26} strokeWidth={1.5} aria-hidden />}
      title="This registry has no catalog"
      actions={
        <Button look="primary" onClick={() => show({ kind: 'open', text: '' })}>
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
