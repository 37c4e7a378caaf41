import { useCallback, useEffect, useMemo, useRef, useState, type JSX } from 'react';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { ContextMenu } from '../../ui/menu.tsx';
import { displayText } from '../../../../shared/display/display-text.ts';
import { useCommands } from '../../commands/commands.tsx';
import { useSource } from '../../data/sources.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { useInspect } from '../../inspection/inspection.tsx';
import { useOnPlaceChange } from '../../moving/place-changes.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import type { ArtifactMode, ArtifactView as ArtifactViewAddress } from '../../navigation/view.ts';
import { useCopyText } from '../../notices/use-copy-text.ts';
import { placeText } from '../../places/place-text.ts';
import { isRegistry } from '../../places/source-name.ts';
import { ArtifactHeader } from './artifact-header.tsx';
import { GraphView } from './graph/graph-view.tsx';
import { inspectedNode } from './model/inspected-node.ts';
import { pictureSource } from './model/picture-source.ts';
import { TreeView } from './tree/tree-view.tsx';
import { useNodeMoves } from './use-node-moves.ts';
import { WalkNotices } from './walk-notices.tsx';
import { useThrottled } from './walk/use-throttled.ts';
import { useGraphWalk } from './walk/use-graph-walk.ts';
import type { WalkState } from './walk/graph-walk.ts';
import styles from './artifact-view.module.css';

/** While nodes come, picture, tree and inspector follow at most this often, in milliseconds; the numbers always. */
const GROWING_INTERVAL = 160;

interface ArtifactViewProps {
  readonly view: ArtifactViewAddress;
}

/** What hangs together with one tag or digest, as a picture or as a tree of the same nodes; both share one selection. */
export function ArtifactView({ view }: ArtifactViewProps): JSX.Element {
  const { source, repository } = view.target;
  // Another place begins anew: its own walk, view, folds and opened clusters.
  return <ArtifactPlace key={JSON.stringify([source, repository, view.digest ?? view.tag])} view={view} />;
}

function ArtifactPlace({ view }: ArtifactViewProps): JSX.Element {
  const { go } = useNavigation();
  const { state, reload } = useGraphWalk(view.target, view.digest ?? view.tag);
  const [contentShown, setContentShown] = useState(false);
  useAnotherTryAfterSigningIn(view.target.source, state, reload);

  const growing = state.phase === 'walking' && !state.refreshing;
  const { model, summary } = useThrottled(state, growing ? GROWING_INTERVAL : 0);
  const source = useMemo(
    () => pictureSource(model, summary?.roots ?? (view.digest === undefined ? [] : [view.digest])),
    [model, summary, view.digest],
  );
  const selected = view.selected ?? source.roots[0];
  const select = useCallback(
    (digest: string) => go({ ...view, selected: digest }, { replace: true }),
    [go, view],
  );
  useInspect(
    useMemo(
      () => inspectedNode(source, view.target, selected, select),
      [source, view.target, selected, select],
    ),
  );

  useArtifactCommands(view, selected, reload);
  useOnPlaceChange(view.target, reload);
  const { handlers, menu } = useNodeMoves(source, view.target);

  const name = placeText(view);
  const shared = { name, source, growing, contentShown, selected, onSelect: select };
  const isEmpty = model.nodes.size === 0;

  return (
    <section className={styles['view']} aria-label={`Artifact ${displayText(name)}`} {...handlers}>
      <ArtifactHeader
        view={view}
        state={state}
        source={source}
        model={model}
        summary={summary}
        name={name}
        contentShown={contentShown}
        onContentShown={setContentShown}
        onReload={reload}
      />
      <WalkNotices state={state} onReload={reload} onSelect={select} />
      {isEmpty && state.phase !== 'walking' ? (
        <NothingToShow state={state} source={view.target.source} onReload={reload} />
      ) : (
        <ContextMenu entries={menu}>
          <div className={styles['picture']}>
            {view.mode === 'graph' ? (
              <GraphView {...shared} lit={view.selected} onContentShown={setContentShown} />
            ) : (
              <TreeView {...shared} />
            )}
          </div>
        </ContextMenu>
      )}
    </section>
  );
}

/** The commands of menu, palette and keyboard that concern this view; the export menu has its own. */
function useArtifactCommands(
  view: ArtifactViewAddress,
  selected: string | undefined,
  reload: () => void,
): void {
  const { go } = useNavigation();
  const { show } = useDialogs();
  const copy = useCopyText();
  const showAs = (mode: ArtifactMode): void => go({ ...view, mode }, { replace: true });
  useCommands({
    'show-graph': () => showAs('graph'),
    'show-tree': () => showAs('tree'),
    'switch-graph-tree': () => showAs(view.mode === 'graph' ? 'tree' : 'graph'),
    'copy-digest': selected === undefined ? undefined : () => copy(selected, 'the digest'),
    reload,
    ...(isRegistry(view.target.source)
      ? { 'sign-in': () => show({ kind: 'sign-in', source: view.target.source }) }
      : {}),
  });
}

/** What was refused for want of an account is asked for again with the account that a person signed in with meanwhile. */
function useAnotherTryAfterSigningIn(source: string, state: WalkState, reload: () => void): void {
  const known = useSource(source);
  const username = known?.account?.username;
  const triedAs = useRef<{ readonly username: string | undefined }>(undefined);
  const isRefused = state.error?.code === 'UNAUTHORIZED' || state.error?.code === 'DENIED';
  useEffect(() => {
    if (known === undefined) return;
    const isOther = triedAs.current !== undefined && triedAs.current.username !== username;
    triedAs.current = { username };
    if (isOther && isRefused && username !== undefined) reload();
  }, [known, username, isRefused, reload]);
}

interface NothingToShowProps {
  readonly state: WalkState;
  readonly source: string;
  readonly onReload: () => void;
}

/** The walk ended before its first node, or the place is empty: two different pictures. */
function NothingToShow({ state, source, onReload }: NothingToShowProps): JSX.Element {
  const { show } = useDialogs();
  const again = <Button onClick={onReload}>Try again</Button>;
  if (state.error === undefined) {
    return (
      <EmptyState title="Nothing here" actions={again}>
        The place was read and its index lists nothing.
      </EmptyState>
    );
  }
  const mayHelp = state.error.code === 'UNAUTHORIZED' || state.error.code === 'DENIED';
  const signIn = (
    <Button look="primary" onClick={() => show({ kind: 'sign-in', source })}>
      Sign in…
    </Button>
  );
  return (
    <ErrorState
      error={state.error}
      actions={
        <>
          {mayHelp && signIn}
          {again}
        </>
      }
    />
  );
}
