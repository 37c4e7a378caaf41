import path from 'node:path';
import { equalTransferCommand } from '../../../shared/commands/equal-transfer-command.ts';
import type { TargetAddress } from '../../../shared/contract/common.ts';
import { displayText } from '../../../shared/display/display-text.ts';
import { isDigest } from '../../../shared/oci/digest.ts';
import type { JobText } from '../../transfers/job-runner.ts';
import type { SourceList } from '../sources/source-list.ts';
import { type LocalRequest, withFiles } from './local-request.ts';

/** Digits of a digest that a title shows. */
const SHORT_DIGEST = 12;

/**
 * How a job is called, where it can be opened, and the equal command line. What was dropped in a browser, and lies in `dropFolder`,
 * is called by its name alone: where it lies is nobody's business.
 * @throws TallymanError NOT_FOUND when it names a source that is not in the list.
 */
export async function jobTextOf(
  asked: LocalRequest,
  sources: SourceList,
  dropFolder: string,
): Promise<JobText> {
  const request = withDropsNamed(asked, dropFolder);
  const facts = new Map<string, { label: string; location: string; plainHttp?: boolean }>();
  for (const { source } of addressesIn(request)) {
    const { label, location, plainHttp } = (await sources.get(source)).source;
    facts.set(source, { label, location, ...(plainHttp === undefined ? {} : { plainHttp }) });
  }
  const placeName = ({ source, repository }: TargetAddress): string =>
    [facts.get(source)?.label ?? source, ...(repository === undefined ? [] : [repository])].join('/');
  const artifact = (target: TargetAddress, reference: string): string =>
    `${placeName(target)}${isDigest(reference) ? '@' : ':'}${shortReference(reference)}`;
  const short = ({ source, repository }: TargetAddress, reference: string): string =>
    `${repository ?? facts.get(source)?.label ?? source}${isDigest(reference) ? '@' : ':'}${shortReference(reference)}`;
  const command = equalTransferCommand(request, (source) => facts.get(source) ?? {});
  const lanes = addressesIn(request).map(({ source }) => source);

  const text = ((): Omit<JobText, 'command' | 'lanes'> => {
    switch (request.kind) {
      case 'push': {
        const [tag] = request.tags;
        return {
          title: `Push ${filesName(request.files)}`,
          from: foldersName(request.files),
          to: tag === undefined ? placeName(request.target) : artifact(request.target, tag),
          place: { target: request.target, ...(tag === undefined ? {} : { reference: tag }) },
        };
      }
      case 'attach':
        return {
          title: `Attach ${filesName(request.files)}`,
          from: foldersName(request.files),
          to: artifact(request.target, request.subject),
          place: { target: request.target, reference: request.subject },
        };
      case 'pull':
        return {
          title: `Pull ${short(request.target, request.reference)}`,
          from: artifact(request.target, request.reference),
          to: request.folder,
          place: { target: request.target, reference: request.reference },
        };
      case 'copy': {
        const { from, to, tags = isDigest(from.reference) ? [] : [from.reference] } = request;
        const reference = tags[0] ?? from.reference;
        return {
          title: `Copy ${short(from.target, from.reference)}${request.referrers ? ' with referrers' : ''}`,
          from: artifact(from.target, from.reference),
          to: 'layout' in to ? to.layout : artifact(to.target, reference),
          ...('layout' in to ? {} : { place: { target: to.target, reference } }),
        };
      }
      case 'import':
        return {
          title: `Import ${path.basename(request.file)}`,
          from: request.file,
          to: placeName(request.target),
          place: { target: request.target },
        };
      case 'export':
        return {
          title: `Export ${short(request.from.target, request.from.reference)}`,
          from: artifact(request.from.target, request.from.reference),
          to: request.file,
          place: request.from,
        };
      case 'delete':
        return {
          title: `Delete ${short(request.target, request.reference)}${request.referrers ? ' with referrers' : ''}`,
          from: artifact(request.target, request.reference),
          to: '',
        };
    }
  })();
  return {
    ...text,
    title: displayText(text.title),
    from: displayText(text.from),
    to: displayText(text.to),
    ...(command === undefined ? {} : { command }),
    lanes,
  };
}

function addressesIn(request: LocalRequest): readonly TargetAddress[] {
  switch (request.kind) {
    case 'copy':
      return 'layout' in request.to ? [request.from.target] : [request.from.target, request.to.target];
    case 'export':
      return [request.from.target];
    default:
      return [request.target];
  }
}

function withDropsNamed(request: LocalRequest, dropFolder: string): LocalRequest {
  return withFiles(request, (file) => (file.startsWith(dropFolder + path.sep) ? path.basename(file) : file));
}

function filesName(files: readonly { readonly file: string }[]): string {
  const [first, ...others] = files;
  if (first === undefined) return 'annotations';
  return others.length === 0 ? path.basename(first.file) : `${files.length} files`;
}

function foldersName(files: readonly { readonly file: string }[]): string {
  const folders = new Set(
    files.map(({ file }) => (path.isAbsolute(file) ? path.dirname(file) : 'the browser')),
  );
  const [first, ...others] = folders;
  if (first === undefined) return '';
  return others.length === 0 ? first : `${first} and ${others.length} more folders`;
}

function shortReference(reference: string): string {
  if (!isDigest(reference)) return reference;
  return reference.slice(0, reference.indexOf(':') + 1 + SHORT_DIGEST);
}
