import { useQuery } from '@tanstack/react-query';
import { KeyRound, RotateCw } from 'lucide-react';
import { useMemo, useRef } from 'react';
import type { JSX } from 'react';
import { displayText } from '../../../../shared/display/display-text.ts';
import { toErrorData } from '../../../../shared/errors/tallyman-error.ts';
import { useClient } from '../../client/client-context.ts';
import { useCommands } from '../../commands/commands.tsx';
import { catalogQuery } from '../../data/repositories.ts';
import { useSource } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { DropWords } from '../../moving/drop-words.tsx';
import { useDropZone } from '../../moving/use-drop-zone.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import { repositoryView } from '../../navigation/view.ts';
import type { SourceView } from '../../navigation/view.ts';
import { useNotify } from '../../notices/notices.tsx';
import { PlaceBreadcrumb } from '../../places/place-breadcrumb.tsx';
import { sourceName } from '../../places/source-name.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { ComingRepositories, EmptyCatalog, FailedCatalog, NoCatalog, NoMatch } from './registry-pictures.tsx';
import { RepositoryList } from './repository-list.tsx';
import type { ListHandle } from './repository-list.tsx';
import styles from './registry-view.module.css';

/** What is in a registry: its repositories, pinned ones first. */
export function RegistryView({ view }: { readonly view: SourceView }): JSX.Element {
  const client = useClient();
  const { go } = useNavigation();
  const { show } = useDialogs();
  const notify = useNotify();
  const source = useSource(view.source);
  const query = useQuery(catalogQuery(client, view.source));
  const filterField = useRef<HTMLInputElement>(null);
  const list = useRef<ListHandle>(null);

  const listed = query.data?.repositories;
  const pinnedNames = source?.pinned;
  const pinned = useMemo(() => new Set(pinnedNames ?? []), [pinnedNames]);
  const names = useMemo(() => {
    const wanted = view.filter.trim().toLowerCase();
    const all = [...pinned, ...(listed ?? []).filter((name) => !pinned.has(name))];
    return wanted === '' ? all : all.filter((name) => name.toLowerCase().includes(wanted));
  }, [listed, pinned, view.filter]);

  const error = query.error === null ? undefined : toErrorData(query.error);
  const readAgain = (): void => void query.refetch();
  const signIn = (): void => show({ kind: 'sign-in', source: view.source });
  const setFilter = (filter: string): void => go({ ...view, filter }, { replace: true });
  useCommands({ reload: readAgain, 'sign-in': signIn });
  // Which repository they go into is asked for then.
  const drop = useDropZone({
    onFiles: (take) => show({ kind: 'push', target: { source: view.source }, take }),
  });

  const picture = (): JSX.Element => {
    if (view.filter.trim() !== '' && (listed?.length ?? 0) + pinned.size > 0)
      return <NoMatch filter={view.filter} onClear={() => setFilter('')} />;
    if (error?.code === 'UNSUPPORTED') return <NoCatalog source={view.source} message={error.message} />;
    if (error !== undefined) return <FailedCatalog error={error} onSignIn={signIn} onAgain={readAgain} />;
    return query.data?.complete === true ? <EmptyCatalog onAgain={readAgain} /> : <ComingRepositories />;
  };

  return (
    <section
      className={styles['view']}
      aria-label={`Registry ${displayText(sourceName(view.source))}`}
      {...drop.handlers}
    >
      {drop.over && <DropWords>Drop to push into {displayText(sourceName(view.source))}</DropWords>}
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
            label={listed === undefined ? 'Filter repositories' : `Filter ${countOf(listed.length)}`}
            value={view.filter}
            onChange={setFilter}
            onKeyDown={(event) => {
              if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
              event.preventDefault();
              list.current?.focus();
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
      <div className={styles['body']}>
        {names.length === 0 ? (
          picture()
        ) : (
          <RepositoryList
            ref={list}
            names={names}
            pinned={pinned}
            onOpen={(name, keep) => go(repositoryView({ source: view.source, repository: name }), { keep })}
            onPin={(name, on) => {
              client
                .call('sources.pin', { source: view.source, repository: name, pinned: on })
                .catch((reason: unknown) => notify({ tone: 'info', text: toErrorData(reason).message }));
            }}
            onType={(text) => {
              filterField.current?.focus();
              setFilter(view.filter + text);
            }}
          />
        )}
      </div>
      <div className={styles['foot']} role="status">
        {names.length > 0 &&
          `${countOf(names.length)}${query.isFetching && query.data?.complete === false ? ' so far' : ''}`}
      </div>
    </section>
  );
}

function countOf(repositories: number): string {
  return `${repositories.toLocaleString('en')} ${repositories === 1 ? 'repository' : 'repositories'}`;
}
