import type { TargetAddress } from '../contract/common.ts';
import { isTag } from '../oci/tag.ts';
import {
  isLoopback,
  joinReference,
  nameIn,
  needsPlainHttpFlag,
  placeOf,
  type CommandedPlace,
  type CommandedSource,
  type PlaceReference,
} from './commanded-place.ts';
import { quoteForShell } from './quote-for-shell.ts';

/** The clients that a person may have beside Tallyman. */
export type CommandLineTool = 'oras' | 'crane' | 'regctl';

/** What is on screen, as far as a command line can show the same. The renderer's `View` fits. */
export type CommandedView =
  | { readonly kind: 'start' }
  | { readonly kind: 'source'; readonly source: string }
  | { readonly kind: 'repository'; readonly target: TargetAddress }
  | {
      readonly kind: 'artifact';
      readonly target: TargetAddress;
      readonly tag?: string;
      readonly digest?: string;
    }
  /** One document in the inspector. */
  | { readonly kind: 'manifest'; readonly target: TargetAddress; readonly digest: string }
  /** One blob in the inspector. */
  | { readonly kind: 'blob'; readonly target: TargetAddress; readonly digest: string };

/**
 * The command line that shows what a view shows, ready to paste into a shell: every foreign part is one quoted word, and
 * the text holds no hidden character. Undefined where the tool has no such command (crane knows neither layouts nor
 * referrers) or there is nothing to show.
 */
export function equalCommand(
  view: CommandedView,
  source: CommandedSource = {},
  tool: CommandLineTool = 'oras',
): string | undefined {
  if (view.kind === 'start') return undefined;
  const place = placeOf(view.kind === 'source' ? { source: view.source } : view.target, source);
  if (place === undefined) return undefined;
  const words = WORDS[tool](view, place);
  return words?.map(quoteForShell).join(' ');
}

const WORDS: Readonly<
  Record<CommandLineTool, (view: ShownView, place: CommandedPlace) => readonly string[] | undefined>
> = {
  oras: orasWords,
  crane: craneWords,
  regctl: regctlWords,
};

type ShownView = Exclude<CommandedView, { readonly kind: 'start' }>;

function orasWords(view: ShownView, place: CommandedPlace): readonly string[] | undefined {
  const plain = place.kind === 'registry' && needsPlainHttpFlag(place) ? ['--plain-http'] : [];
  switch (view.kind) {
    case 'source':
      return place.kind === 'registry'
        ? ['oras', 'repo', 'ls', ...plain, place.host]
        : orasLayoutTags(place.path);
    case 'repository':
      return place.kind === 'registry'
        ? prefixed(['oras', 'repo', 'tags', ...plain], nameIn(place))
        : orasLayoutTags(place.path);
    case 'artifact':
      if (place.kind === 'layout' && referenceOf(view) === undefined) return orasLayoutTags(place.path);
      return orasRead(['discover'], place, referenceOf(view), plain);
    case 'manifest':
      return orasRead(['manifest', 'fetch', '--pretty'], place, { digest: view.digest }, plain);
    case 'blob':
      return orasRead(['blob', 'fetch', '--output', '-'], place, { digest: view.digest }, plain);
  }
}

/** The tag where there is one, else the digest; the empty `ref.name` of some layouts is no tag. */
function referenceOf(view: { readonly tag?: string; readonly digest?: string }): PlaceReference | undefined {
  if (view.tag !== undefined && view.tag !== '') return { tag: view.tag };
  return view.digest === undefined ? undefined : { digest: view.digest };
}

function orasRead(
  verb: readonly string[],
  place: CommandedPlace,
  reference: PlaceReference | undefined,
  plain: readonly string[],
): readonly string[] | undefined {
  if (reference === undefined) return undefined;
  if (place.kind === 'registry') return prefixed(['oras', ...verb, ...plain], nameIn(place, reference));
  const { tag, digest = '' } = reference;
  const isPlainPath = !place.path.includes(':') && !place.path.includes('@');
  if (isPlainPath && (tag === undefined || isTag(tag)))
    return ['oras', ...verb, '--oci-layout', joinReference(place.path, reference)];
  // This form takes the path as it is, and as the name whatever the layout's index calls the entry.
  return ['oras', ...verb, '--oci-layout-path', place.path, '--', tag ?? digest];
}

/** Of a path with a colon or an at sign oras takes the rest for a tag or digest; this command has no form that does not. */
function orasLayoutTags(path: string): readonly string[] | undefined {
  return path.includes(':') || path.includes('@')
    ? undefined
    : ['oras', 'repo', 'tags', '--oci-layout', path];
}

function craneWords(view: ShownView, place: CommandedPlace): readonly string[] | undefined {
  if (place.kind === 'layout') return undefined;
  const start = place.plainHttp && !isLoopback(place.host) ? ['crane', '--insecure'] : ['crane'];
  switch (view.kind) {
    case 'source':
      return [...start, 'catalog', place.host];
    case 'repository':
      return prefixed([...start, 'ls'], nameIn(place));
    case 'artifact':
      return undefined;
    case 'manifest':
      return prefixed([...start, 'manifest'], nameIn(place, { digest: view.digest }));
    case 'blob':
      return prefixed([...start, 'blob'], nameIn(place, { digest: view.digest }));
  }
}

function regctlWords(view: ShownView, place: CommandedPlace): readonly string[] | undefined {
  const isLayout = place.kind === 'layout';
  // regctl cannot name such a folder at all.
  if (isLayout && (place.path.includes(':') || place.path.includes('@'))) return undefined;
  const start =
    !isLayout && place.plainHttp ? ['regctl', '--host', `reg=${place.host},tls=disabled`] : ['regctl'];
  const name = isLayout ? `ocidir://${place.path}` : nameIn(place);
  switch (view.kind) {
    case 'source':
      return isLayout
        ? [...start, 'tag', 'ls', `ocidir://${place.path}`]
        : [...start, 'repo', 'ls', place.host];
    case 'repository':
      return prefixed([...start, 'tag', 'ls'], name);
    case 'artifact': {
      const reference = referenceOf(view);
      const isNameable = reference !== undefined && (reference.tag === undefined || isTag(reference.tag));
      return name === undefined || !isNameable
        ? undefined
        : [...start, 'artifact', 'tree', '--digest-tags', joinReference(name, reference)];
    }
    case 'manifest':
      return name === undefined
        ? undefined
        : [...start, 'manifest', 'get', '--format', 'raw-body', joinReference(name, { digest: view.digest })];
    case 'blob':
      return name === undefined ? undefined : [...start, 'blob', 'get', name, view.digest];
  }
}

function prefixed(start: readonly string[], last: string | undefined): readonly string[] | undefined {
  return last === undefined ? undefined : [...start, last];
}
