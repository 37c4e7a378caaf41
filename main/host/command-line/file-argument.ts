import path from 'node:path';
import { quoteText } from '../../../shared/display/display-text.ts';
import { UsageError } from './usage-error.ts';

/** FILE[:TYPE] of a verb. */
export interface FileArgument {
  /** As it was typed. */
  readonly named: string;
  /** Absolute. */
  readonly path: string;
  /** What the file is called in an artifact: the path as it was typed, with `/`, as in oras. */
  readonly title: string;
  readonly mediaType?: string;
}

/**
 * Reads FILE[:TYPE] as oras does: behind the last colon is the type, so a name with a colon needs one at its end. A path that is
 * absolute or leads upwards cannot be a title: the file is called by its name then, where oras refuses it.
 */
export function readFileArgument(text: string, workingDirectory: string): FileArgument {
  const colon = text.lastIndexOf(':');
  // C:\file on Windows
  const isDrive = colon === 1 && /^[A-Za-z]:[\\/]/.test(text) && path.sep === '\\';
  const named = colon < 0 || isDrive ? text : text.slice(0, colon);
  const mediaType = colon < 0 || isDrive ? '' : text.slice(colon + 1);
  if (named === '') throw new UsageError(`${quoteText(text)} names no file.`);
  const clean = withoutSeparator(path.normalize(named));
  const leavesFolder = path.isAbsolute(clean) || clean.split(path.sep)[0] === '..' || clean === '.';
  const place = path.resolve(workingDirectory, named);
  return {
    named,
    path: place,
    title: leavesFolder ? path.basename(place) : clean.split(path.sep).join('/'),
    ...(mediaType === '' ? {} : { mediaType }),
  };
}

/** Normalised, a path ends with one separator at most. */
function withoutSeparator(clean: string): string {
  return clean.length > 1 && clean.endsWith(path.sep) ? clean.slice(0, -1) : clean;
}
