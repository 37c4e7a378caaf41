import type { TargetAddress } from '../../../shared/contract/common.ts';

/** Which tab of the inspector is open. Part of the address, so that a shared address shows the same. */
export const INSPECTOR_TABS = ['overview', 'json', 'raw'] as const;
export type InspectorTab = (typeof INSPECTOR_TABS)[number];

export const ARTIFACT_MODES = ['graph', 'tree'] as const;
export type ArtifactMode = (typeof ARTIFACT_MODES)[number];

export const REPOSITORY_SORTS = ['version', 'date', 'name'] as const;
export type RepositorySort = (typeof REPOSITORY_SORTS)[number];

/** Nothing opened yet. */
export interface StartView {
  readonly kind: 'start';
}

/** A registry: its repositories. */
export interface SourceView {
  readonly kind: 'source';
  readonly source: string;
  readonly filter: string;
}

/** A repository of a registry, or a whole layout (no `target.repository`): its rows. */
export interface RepositoryView {
  readonly kind: 'repository';
  readonly target: TargetAddress;
  readonly filter: string;
  readonly sort: RepositorySort;
  /** True when fallback tags, cosign tags and the like have rows of their own. */
  readonly companions: boolean;
  /** The tag, or the digest of a row without one, that is selected and shown in the inspector. */
  readonly selected?: string;
  readonly tab: InspectorTab;
}

/** What is around one tag or digest; without either, around every entry of a layout's index. */
export interface ArtifactView {
  readonly kind: 'artifact';
  readonly target: TargetAddress;
  readonly tag?: string;
  readonly digest?: string;
  readonly mode: ArtifactMode;
  /** Digest of the selected node. */
  readonly selected?: string;
  readonly tab: InspectorTab;
}

/** Everything the work area can show. Each has an address that reopens it exactly. */
export type View = StartView | SourceView | RepositoryView | ArtifactView;

export const START: StartView = { kind: 'start' };

export function sourceView(source: string): SourceView {
  return { kind: 'source', source, filter: '' };
}

export function repositoryView(target: TargetAddress): RepositoryView {
  return { kind: 'repository', target, filter: '', sort: 'version', companions: false, tab: 'overview' };
}

export function artifactView(
  target: TargetAddress,
  what: { readonly tag?: string | undefined; readonly digest?: string | undefined },
): ArtifactView {
  return {
    kind: 'artifact',
    target,
    ...(what.tag === undefined ? {} : { tag: what.tag }),
    ...(what.digest === undefined ? {} : { digest: what.digest }),
    mode: 'graph',
    tab: 'overview',
  };
}

/**
 * What makes two views the same place: filters, selections and modes do not. One tab shows one place.
 */
export function placeKey(view: View): string {
  switch (view.kind) {
    case 'start':
      return 'start';
    case 'source':
      return JSON.stringify(['source', view.source]);
    case 'repository':
      return JSON.stringify(['repository', view.target.source, view.target.repository ?? null]);
    case 'artifact':
      return JSON.stringify([
        'artifact',
        view.target.source,
        view.target.repository ?? null,
        view.tag ?? null,
        view.tag === undefined ? (view.digest ?? null) : null,
      ]);
  }
}
