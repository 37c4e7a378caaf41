import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { NAME_BYTES_LIMIT, PATH_DEPTH_LIMIT } from '../limits.ts';

/** A relative path that is safe to write below a folder on every system: parts joined by `/`, in Unicode's form NFC. */
export type SafePath = string & { readonly __safePath: unique symbol };

/** Names that Windows gives to devices, with superscript digits too; refused everywhere, because files travel (bar, C3). */
const DEVICE_NAME = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])$/i;
/** Characters that Windows takes for something else than a part of a name: drives and streams (`:`), patterns, pipes. */
const FORBIDDEN_CHARACTERS = /[:*?"<>|]/;

/**
 * A name from outside (a title, a path in an archive, a chart's name) as a path below a folder (bar, C3). `/` and `\` both part it.
 * @returns what is wrong with it, as the end of a sentence, when it is not safe; the same on all systems.
 */
export function toSafePath(name: string): { readonly path: SafePath } | { readonly fault: string } {
  if (/\p{Cs}/u.test(name)) return { fault: 'it is no valid Unicode' };
  const parts = name.normalize('NFC').split(/[/\\]/);
  if (parts.length > PATH_DEPTH_LIMIT) return { fault: `it has more than ${PATH_DEPTH_LIMIT} parts` };
  if (parts[0] === '' && parts.length > 1) return { fault: 'it is an absolute path' };
  if (/^[A-Za-z]:/.test(name)) return { fault: 'it names a drive' };
  for (const part of parts) {
    const fault = partFault(part);
    if (fault !== undefined) return { fault };
  }
  return { path: parts.join('/') as SafePath };
}

/**
 * The same for names that must be safe.
 * @param what - what has the name, for the error's text: "The title".
 * @throws TallymanError INVALID_INPUT.
 */
export function requireSafePath(name: string, what: string): SafePath {
  const checked = toSafePath(name);
  if ('path' in checked) return checked.path;
  throw new TallymanError({
    code: 'INVALID_INPUT',
    message: `${what} ${quoteText(name)} cannot be the name of a file: ${checked.fault}.`,
    hint: 'Names are relative paths that every system can write: no “..”, no drive, none of : * ? " < > |, no device name.',
  });
}

/** Equal for paths that some file system takes for one: case and compatibility forms do not count. */
export function foldedPath(path: string): string {
  return path.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** A path without the parts that say nothing: `./a//b/` is `a/b`. Leading slashes and `..` stay, to be refused. */
export function collapsePath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `${isAbsolute ? '/' : ''}${parts.join('/')}`;
}

/** Another name for a file whose own is taken: `a/report (2).pdf`. */
export function withSuffix(path: string, number: number): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.indexOf('.', 1);
  const end = dot < 0 || name.length - dot > 20 ? '' : name.slice(dot);
  const mark = ` (${number})`;
  let stem = name.slice(0, name.length - end.length);
  while (Buffer.byteLength(stem + mark + end) > NAME_BYTES_LIMIT)
    stem = Array.from(stem).slice(0, -1).join('');
  return `${path.slice(0, path.length - name.length)}${stem}${mark}${end}`;
}

function partFault(part: string): string | undefined {
  if (part === '') return 'a part of it is empty';
  if (part === '.' || part === '..') return `it holds “${part}”`;
  // Controls and format characters (bidi overrides, zero-width) hide what a name really is.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(part)) return 'it holds a control or invisible character';
  if (FORBIDDEN_CHARACTERS.test(part)) return 'it holds one of : * ? " < > |';
  if (/[. ]$/.test(part)) return 'a part of it ends with a dot or a blank';
  if (Buffer.byteLength(part) > NAME_BYTES_LIMIT)
    return `a part of it has more than ${NAME_BYTES_LIMIT} bytes`;
  const dot = part.indexOf('.');
  const stem = (dot < 0 ? part : part.slice(0, dot)).trim();
  if (DEVICE_NAME.test(stem)) return 'Windows has a device of that name';
  return undefined;
}
