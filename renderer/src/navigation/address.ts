import type { TargetAddress } from '../../../shared/contract/common.ts';
import {
  ARTIFACT_MODES,
  INSPECTOR_TABS,
  REPOSITORY_SORTS,
  START,
  artifactView,
  repositoryView,
  sourceView,
} from './view.ts';
import type { View } from './view.ts';

/** Longest address that is read; what a person could paste, far above what `formatAddress` writes. */
const ADDRESS_LIMIT = 16_384;

/**
 * The address of a view, as the fragment of the window's URL: `#/artifact/registry:localhost:5000/team/app?tag=1.2`.
 * The first segment is the kind of view, the second the source, the rest the repository; what is not the default
 * follows as a query.
 */
export function formatAddress(view: View): string {
  switch (view.kind) {
    case 'start':
      return '#/';
    case 'source':
      return join('source', { source: view.source }, [['filter', view.filter]]);
    case 'repository':
      return join('repository', view.target, [
        ['filter', view.filter],
        ['sort', view.sort === 'version' ? undefined : view.sort],
        ['companions', view.companions ? 'shown' : undefined],
        ['selected', view.selected],
        ['tab', view.tab === 'overview' ? undefined : view.tab],
      ]);
    case 'artifact':
      return join('artifact', view.target, [
        ['tag', view.tag],
        ['digest', view.digest],
        ['mode', view.mode === 'graph' ? undefined : view.mode],
        ['selected', view.selected],
        ['tab', view.tab === 'overview' ? undefined : view.tab],
      ]);
  }
}

/** The view of an address; the start view for anything that is not one. Never throws: anyone may write a fragment. */
export function parseAddress(hash: string): View {
  if (hash.length > ADDRESS_LIMIT) return START;
  const path = hash.startsWith('#') ? hash.slice(1) : hash;
  const queryAt = path.indexOf('?');
  const segments = decodeSegments(queryAt < 0 ? path : path.slice(0, queryAt));
  if (segments === undefined) return START;
  const query = new URLSearchParams(queryAt < 0 ? '' : path.slice(queryAt + 1));
  const [kind, source, ...rest] = segments;
  if (source === undefined || source === '') return START;
  const repository = rest.join('/');
  const target: TargetAddress = repository === '' ? { source } : { source, repository };
  const selected = query.get('selected');

  switch (kind) {
    case 'source':
      return rest.length > 0 ? START : { ...sourceView(source), filter: query.get('filter') ?? '' };
    case 'repository':
      return {
        ...repositoryView(target),
        filter: query.get('filter') ?? '',
        sort: oneOf(REPOSITORY_SORTS, query.get('sort')),
        companions: query.get('companions') === 'shown',
        ...(selected === null ? {} : { selected }),
        tab: oneOf(INSPECTOR_TABS, query.get('tab')),
      };
    case 'artifact':
      return {
        ...artifactView(target, {
          tag: query.get('tag') ?? undefined,
          digest: query.get('digest') ?? undefined,
        }),
        mode: oneOf(ARTIFACT_MODES, query.get('mode')),
        ...(selected === null ? {} : { selected }),
        tab: oneOf(INSPECTOR_TABS, query.get('tab')),
      };
    default:
      return START;
  }
}

function join(
  kind: string,
  target: TargetAddress,
  query: readonly (readonly [name: string, value: string | undefined])[],
): string {
  const repository = target.repository === undefined ? [] : target.repository.split('/');
  const path = [kind, target.source, ...repository].map(encodeSegment).join('/');
  const parameters = new URLSearchParams();
  for (const [name, value] of query) if (value !== undefined && value !== '') parameters.set(name, value);
  const text = parameters.toString().replaceAll('%3A', ':').replaceAll('%2F', '/');
  return `#/${path}${text === '' ? '' : `?${text}`}`;
}

/** Percent-encoding that leaves `:` and `@` readable; lone surrogates, which cannot be encoded, become U+FFFD. */
function encodeSegment(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('%3A', ':').replaceAll('%40', '@');
}

/** The segments after the leading slash, decoded; undefined when an escape is broken. */
function decodeSegments(path: string): readonly string[] | undefined {
  try {
    return path.replace(/^\//, '').split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** The value if it is allowed, else the first of the allowed ones, which is the default everywhere. */
function oneOf<Allowed extends string>(
  allowed: readonly [Allowed, ...Allowed[]],
  value: string | null,
): Allowed {
  return allowed.find((candidate) => candidate === value) ?? allowed[0];
}
