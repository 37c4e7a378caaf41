import { Download, RotateCw } from 'lucide-react';
import { memo, useMemo, type JSX } from 'react';
import type { GraphSummary } from '../../../../shared/contract/graph.ts';
import { formatSize } from '../../../../shared/display/format-size.ts';
import { viaName } from '../../../../shared/display/via-name.ts';
import { useNavigation } from '../../navigation/navigation-context.ts';
import type { ArtifactView } from '../../navigation/view.ts';
import { PlaceBreadcrumb } from '../../places/place-breadcrumb.tsx';
import { Digest } from '../../ui/digest.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { ExportMenu } from './export/export-menu.tsx';
import { countGraph, type GraphCounts } from './model/graph-counts.ts';
import type { GraphModel } from './model/graph-model.ts';
import { isBlob } from './model/node-facts.ts';
import type { PictureSource } from './model/picture-source.ts';
import type { WalkState } from './walk/graph-walk.ts';
import styles from './artifact-view.module.css';

interface ArtifactHeaderProps extends HeaderToolsProps {
  /** The walk as it is at this moment. */
  readonly state: WalkState;
}

/** Where this is, how much of it there is, and how to see it: one line above picture and tree. */
export function ArtifactHeader({ state, ...tools }: ArtifactHeaderProps): JSX.Element {
  const { view, source } = tools;
  const root = source.roots.length === 1 ? source.roots[0] : undefined;
  return (
    <header className={styles['header']} data-mode={view.mode}>
      <PlaceBreadcrumb view={view}>
        {root !== undefined && (
          <span className={styles['at']}>
            @ <Digest digest={root} />
          </span>
        )}
      </PlaceBreadcrumb>
      <Summary state={state} />
      <HeaderTools {...tools} />
    </header>
  );
}

interface HeaderToolsProps {
  readonly view: ArtifactView;
  readonly name: string;
  /** What is shown, and what "save" saves. */
  readonly source: PictureSource;
  readonly model: GraphModel;
  readonly summary: GraphSummary | undefined;
  readonly contentShown: boolean;
  readonly onContentShown: (shown: boolean) => void;
  readonly onReload: () => void;
}

/** The buttons at the right; left alone by React while only the numbers beside them change. */
const HeaderTools = memo(function HeaderTools(props: HeaderToolsProps): JSX.Element {
  const { view, name, source, model, summary, contentShown, onContentShown, onReload } = props;
  const { go } = useNavigation();
  const hasContent = useMemo(() => [...source.nodes.values()].some(isBlob), [source]);
  return (
    <div className={styles['tools']}>
      {view.mode === 'tree' && hasContent && (
        <button
          type="button"
          className={styles['toggle']}
          aria-pressed={contentShown}
          title="Unfold configs and layers"
          onClick={() => onContentShown(!contentShown)}
        >
          Content
        </button>
      )}
      <IconButton label="Look again" icon={<RotateCw size={15} aria-hidden />} onClick={onReload} />
      <ExportMenu name={name} source={source} model={model} summary={summary} contentShown={contentShown}>
        <IconButton
          label="Save the graph as…"
          icon={<Download size={15} aria-hidden />}
          disabled={source.nodes.size === 0}
        />
      </ExportMenu>
      <Segmented
        label="Show as"
        value={view.mode}
        options={MODES}
        onChange={(mode) => go({ ...view, mode }, { replace: true })}
      />
    </div>
  );
});

const MODES = [
  { id: 'graph', label: 'Graph' },
  { id: 'tree', label: 'Tree' },
] as const;

function Summary({ state }: { readonly state: WalkState }): JSX.Element | null {
  const counts = useMemo(() => countGraph(state.model), [state.model]);
  const walking = state.phase === 'walking';
  if (counts.manifests === 0 && !walking) return null;
  return (
    <p
      className={styles['summary']}
      data-crowded={walking || counts.problems > 0 || undefined}
      title={countedWords(counts)}
      role="status"
    >
      {walking && <Spinner size={12} />}
      {counts.manifests > 0 && (
        <>
          <span>{plural(counts.manifests, 'node')}</span>
          {counts.sources.length > 0 && (
            <span className={styles['sources']}>{plural(counts.sources.length, 'source')}</span>
          )}
          <span>{formatSize(counts.size)}</span>
        </>
      )}
      {walking && (
        <span className={styles['pending']}>
          {state.refreshing
            ? 'looking again'
            : state.pending > 0
              ? `${state.pending.toLocaleString('en')} to look at`
              : 'looking'}
        </span>
      )}
      {counts.problems > 0 && (
        <span className={styles['problems']}>{plural(counts.problems, 'problem')}</span>
      )}
    </p>
  );
}

/** What the numbers of the summary count. */
function countedWords({ manifests, blobs, sources, size }: GraphCounts): string {
  return [
    `${plural(manifests, 'manifest')} and indexes, which have a card each`,
    plural(blobs, 'config or layer', 'configs and layers'),
    sources.length === 0
      ? 'nothing attached was found'
      : `attached things were found by ${sources.map(viaName).join(', ')}`,
    `${formatSize(size)} in all of them together, each digest counted once`,
  ].join('\n');
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
