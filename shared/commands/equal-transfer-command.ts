import type { TransferRequest } from '../contract/transfer-request.ts';
import { isDigest } from '../oci/digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import { isTag } from '../oci/tag.ts';
import {
  joinReference,
  nameIn,
  needsPlainHttpFlag,
  placeOf,
  type CommandedPlace,
  type CommandedSource,
} from './commanded-place.ts';
import { quoteForShell } from './quote-for-shell.ts';

/** What is known of the sources that a request names, by their ids. */
export type SourceFacts = (source: string) => CommandedSource;

type RequestOf<Kind extends TransferRequest['kind']> = Extract<TransferRequest, { readonly kind: Kind }>;

/** The folder of a file that is known by its name alone: wherever the person has it. */
const HERE = '.';

/**
 * The command line of `oras` (or of `regctl`, for archives) that does what a job does, ready to paste into a shell. Undefined where
 * neither can do it. Files of the request are paths here, or names alone.
 */
export function equalTransferCommand(request: TransferRequest, facts: SourceFacts): string | undefined {
  const words = wordsOf(request, facts);
  if (words === undefined) return undefined;
  const line = words.map(quoteForShell).join(' ');
  const folder = request.kind === 'push' || request.kind === 'attach' ? folderOf(request.files) : undefined;
  return folder === undefined || folder === HERE || words[0] !== 'oras'
    ? line
    : `cd ${quoteForShell(folder)} && ${line}`;
}

function wordsOf(request: TransferRequest, facts: SourceFacts): readonly string[] | undefined {
  switch (request.kind) {
    case 'push':
      return pushWords(request, facts);
    case 'attach':
      return attachWords(request, facts);
    case 'pull':
      return pullWords(request, facts);
    case 'copy':
      return copyWords(request, facts);
    case 'import':
      return archiveWords('import', request.target, undefined, request.file, facts);
    case 'export':
      return request.referrers
        ? undefined
        : archiveWords('export', request.from.target, request.from.reference, request.file, facts, [
            ...(request.platform === undefined ? [] : ['--platform', formatPlatform(request.platform)]),
          ]);
    case 'delete':
      return request.referrers
        ? undefined
        : named(['oras', 'manifest', 'delete', '--force'], request.target, request.reference, facts);
  }
}

function pushWords(request: RequestOf<'push'>, facts: SourceFacts): readonly string[] | undefined {
  const [only] = request.files;
  const place = placeOf(request.target, facts(request.target.source));
  if (request.form === 'chart') {
    const repository = place?.kind === 'registry' ? place.repository : undefined;
    if (place?.kind !== 'registry' || repository === undefined || only === undefined) return undefined;
    // helm adds the name of the chart itself.
    const above = [place.host, ...repository.split('/').slice(0, -1)].join('/');
    return ['helm', 'push', only.file, `oci://${above}`, ...(place.plainHttp ? ['--plain-http'] : [])];
  }
  const tags = request.tags.join(',');
  const types = [
    ...(request.artifactType === undefined ? [] : ['--artifact-type', request.artifactType]),
    ...(request.imageSpec === undefined ? [] : ['--image-spec', `v${request.imageSpec}`]),
    ...configWords(request.config),
  ];
  const start = ['oras', 'push', ...types, ...annotationWords(request.annotations)];
  const whole = named(start, request.target, tags === '' ? undefined : tags, facts);
  return withFiles(whole, request.files);
}

function attachWords(request: RequestOf<'attach'>, facts: SourceFacts): readonly string[] | undefined {
  const { artifactType, config, annotations, target, subject, files } = request;
  if (artifactType === undefined || config !== undefined) return undefined;
  const start = ['oras', 'attach', '--artifact-type', artifactType, ...annotationWords(annotations)];
  return withFiles(named(start, target, subject, facts), files);
}

function pullWords(request: RequestOf<'pull'>, facts: SourceFacts): readonly string[] | undefined {
  const { part = 'files', only, blob, existing, platform, target, reference, folder } = request;
  if (blob !== undefined) {
    const file = `${folder}/${blob.name ?? blob.digest}`;
    return named(['oras', 'blob', 'fetch', '--output', file], target, blob.digest, facts);
  }
  if (part !== 'files' || only !== undefined || existing === 'rename') return undefined;
  const start = [
    ...['oras', 'pull', '--output', folder],
    ...(existing === 'keep' ? ['--keep-old-files'] : []),
    ...(platform === undefined ? [] : ['--platform', formatPlatform(platform)]),
  ];
  return named(start, target, reference, facts);
}

function copyWords(request: RequestOf<'copy'>, facts: SourceFacts): readonly string[] | undefined {
  const { from, to, referrers, platforms = [] } = request;
  const [platform, ...others] = platforms;
  if (others.length > 0) return undefined;
  const source = placeOf(from.target, facts(from.target.source));
  const destination =
    'layout' in to
      ? ({ kind: 'layout', path: to.layout } as const)
      : placeOf(to.target, facts(to.target.source));
  const kept = isDigest(from.reference) ? [] : [from.reference];
  const tags = (request.tags ?? kept).join(',');
  const [left, right] = [
    source && nameOf(source, from.reference),
    destination && nameOf(destination, tags === '' ? undefined : tags),
  ];
  if (source === undefined || destination === undefined || left === undefined || right === undefined)
    return undefined;
  return [
    ...['oras', 'cp', ...(referrers ? ['-r'] : [])],
    ...(platform === undefined ? [] : ['--platform', formatPlatform(platform)]),
    ...sideFlags('from', source),
    ...sideFlags('to', destination),
    left,
    right,
  ];
}

function sideFlags(side: 'from' | 'to', place: CommandedPlace): readonly string[] {
  if (place.kind === 'layout') return [`--${side}-oci-layout`];
  return needsPlainHttpFlag(place) ? [`--${side}-plain-http`] : [];
}

function archiveWords(
  verb: 'import' | 'export',
  target: RequestOf<'import'>['target'],
  reference: string | undefined,
  file: string,
  facts: SourceFacts,
  flags: readonly string[] = [],
): readonly string[] | undefined {
  const place = placeOf(target, facts(target.source));
  const name = place && nameOf(place, reference);
  if (place === undefined || name === undefined) return undefined;
  const plain =
    place.kind === 'registry' && place.plainHttp ? ['--host', `reg=${place.host},tls=disabled`] : [];
  const whole = place.kind === 'layout' ? `ocidir://${name}` : name;
  return ['regctl', ...plain, 'image', verb, ...flags, whole, file];
}

/** The command of oras with the place behind it. */
function named(
  start: readonly string[],
  target: RequestOf<'import'>['target'],
  reference: string | undefined,
  facts: SourceFacts,
): readonly string[] | undefined {
  const place = placeOf(target, facts(target.source));
  const name = place && nameOf(place, reference);
  if (place === undefined || name === undefined) return undefined;
  const flag = place.kind === 'layout' ? ['--oci-layout'] : needsPlainHttpFlag(place) ? ['--plain-http'] : [];
  return [...start, ...flag, name];
}

/** Undefined for what these command lines cannot name: paths with ":" or "\@", and names that are no tags. */
function nameOf(place: CommandedPlace, reference: string | undefined): string | undefined {
  const asked =
    reference === undefined ? {} : isDigest(reference) ? { digest: reference } : { tag: reference };
  if (asked.tag !== undefined && !asked.tag.split(',').every(isTag)) return undefined;
  if (place.kind === 'registry') return nameIn(place, asked);
  return /[:@]/.test(place.path) ? undefined : joinReference(place.path, asked);
}

/** oras takes a colon in the name of a file for the start of its type: with a type behind it, the last one is. */
function withFiles(
  start: readonly string[] | undefined,
  files: RequestOf<'push'>['files'],
): readonly string[] | undefined {
  if (start === undefined || files.some(({ title, annotations }) => (title ?? annotations) !== undefined))
    return undefined;
  const folder = folderOf(files);
  if (folder === undefined) return files.length === 0 ? start : undefined;
  const words = files.map(({ file, mediaType }) => {
    const name = folder === HERE ? file : file.slice(folder.length).replace(/^[/\\]/, '');
    return mediaType === undefined ? name : `${name}:${mediaType}`;
  });
  return words.some((word) => word.startsWith('-')) ? undefined : [...start, ...words];
}

/** The one folder in which all files lie: oras takes what it is told as titles, and no whole paths. */
function folderOf(files: RequestOf<'push'>['files']): string | undefined {
  const folders = new Set(files.map(({ file }) => folderAbove(file)));
  const [folder, ...others] = folders;
  return others.length > 0 ? undefined : folder;
}

function folderAbove(file: string): string {
  const last = file.search(/[/\\][^/\\]*$/);
  if (last < 0) return HERE;
  return file.slice(0, last) || '/';
}

function configWords(config: RequestOf<'push'>['config']): readonly string[] {
  if (config?.file === undefined) return [];
  return ['--config', config.mediaType === undefined ? config.file : `${config.file}:${config.mediaType}`];
}

function annotationWords(annotations: RequestOf<'push'>['annotations'] = {}): readonly string[] {
  return Object.entries(annotations).flatMap(([name, value]) => ['--annotation', `${name}=${value}`]);
}
