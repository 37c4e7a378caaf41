import { lstat, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { saveFileName } from '../save-file-name.ts';

/** What a typed path may name: a folder to write into, or an archive that is not there yet. */
export type DestinationKind = 'folder' | 'archive';

export interface DestinationSurroundings {
  /** What `~` means, and outside of what nothing is written by a typed path. */
  readonly homeFolder: string;
  /** Folders that count like the home folder: removable disks, the folder for temporary files. */
  readonly furtherRoots: readonly string[];
}

/**
 * A place to write to that was typed, where the host has no dialog. Because a compromised page could type as well, it is
 * below the person's home or another allowed folder, has no hidden part (configuration, keys, start files), and is never a file that
 * is there already. Links are followed before that is looked at.
 * @returns the absolute path without links.
 * @throws TallymanError INVALID_INPUT that says what is wrong, NOT_FOUND when the folder above it is missing.
 */
export async function checkDestination(
  text: string,
  kind: DestinationKind,
  surroundings: DestinationSurroundings,
): Promise<string> {
  const { homeFolder } = surroundings;
  if (text.includes('\0')) throw refused(text, 'a path has no NUL character');
  const expanded = text === '~' || /^~[/\\]/.test(text) ? path.join(homeFolder, text.slice(1)) : text;
  if (!path.isAbsolute(expanded)) throw refused(text, 'it is not a whole path');
  const named = path.resolve(expanded);
  const parent = await resolveParent(text, path.dirname(named));
  const name = path.basename(named);
  if (saveFileName(name, '') !== name) throw refused(text, 'its last part is no name for a file everywhere');
  const destination = path.join(parent, name);
  const found = await lstat(destination).catch(() => undefined);
  const whole = found?.isSymbolicLink() === true ? await realpath(destination) : destination;
  const roots = await Promise.all(
    [homeFolder, ...surroundings.furtherRoots].map((root) => realpath(root).catch(() => undefined)),
  );
  const root = roots.find((each) => each !== undefined && isBelow(each, whole));
  if (root === undefined) throw refused(text, 'it is outside of your home folder');
  if (
    path
      .relative(root, whole)
      .split(path.sep)
      .some((part) => part.startsWith('.'))
  )
    throw refused(text, 'a part of it is hidden');
  const there = await stat(whole).catch(() => undefined);
  if (kind === 'folder' && there !== undefined && !there.isDirectory())
    throw refused(text, 'a file has that name');
  if (kind === 'archive' && there !== undefined) throw refused(text, 'something has that name already');
  if (kind === 'archive' && !/\.(?:tar|tar\.gz|tgz)$/i.test(name))
    throw refused(text, 'the name of an archive ends in .tar, .tar.gz or .tgz');
  return whole;
}

async function resolveParent(text: string, parent: string): Promise<string> {
  try {
    return await realpath(parent);
  } catch (error) {
    throw new TallymanError(
      {
        code: 'NOT_FOUND',
        message: `There is no folder ${quoteText(parent)} for ${quoteText(text)}.`,
        hint: 'Make the folder first, or choose another one.',
      },
      { cause: error },
    );
  }
}

function isBelow(root: string, file: string): boolean {
  const way = path.relative(root, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

function refused(text: string, why: string): TallymanError {
  return new TallymanError({
    code: 'INVALID_INPUT',
    message: `Tallyman does not write to ${quoteText(text)}: ${why}.`,
    hint: 'Type the whole path of a folder below your home folder, such as ~/Downloads/release; the command line writes anywhere.',
  });
}
