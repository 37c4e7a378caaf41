import { TallymanError } from '../../shared/errors/tallyman-error.ts';

/** The name of the system call's error ("ENOENT"), undefined for other errors. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const MEANINGS: Readonly<Record<string, { readonly meaning: string; readonly hint: string }>> = {
  EACCES: {
    meaning: 'permission denied',
    hint: 'Check the permissions of the file and of the folders above it.',
  },
  EPERM: { meaning: 'not permitted', hint: 'Check the permissions and the attributes of the file.' },
  EROFS: { meaning: 'the file system is read-only', hint: 'Choose a folder on a disk that can be written.' },
  ENOSPC: {
    meaning: 'the disk is full',
    hint: 'Free some space and try again; what was there before is unchanged.',
  },
  EDQUOT: {
    meaning: 'the disk quota is used up',
    hint: 'Free some space and try again; what was there before is unchanged.',
  },
  EIO: { meaning: 'the disk reported an error', hint: 'Check the disk, and copy the layout to another one.' },
  ELOOP: {
    meaning: 'it is a symbolic link, and links inside a layout are not followed',
    hint: 'Replace the link by the file itself.',
  },
  ENOENT: {
    meaning: 'it is not there',
    hint: 'Check the path; another program may have moved or removed it.',
  },
  ENOTDIR: { meaning: 'a part of the path is no folder', hint: 'Check the path.' },
  EISDIR: {
    meaning: 'it is a folder',
    hint: 'Something else than a layout was written there: check the folder.',
  },
  EMFILE: {
    meaning: 'too many files are open',
    hint: 'Close other programs, or raise the limit of open files.',
  },
  ENFILE: {
    meaning: 'too many files are open',
    hint: 'Close other programs, or raise the limit of open files.',
  },
  EXDEV: { meaning: 'it lies on another disk', hint: 'Keep the whole layout on one file system.' },
  ENAMETOOLONG: { meaning: 'the path is too long', hint: 'Move the layout to a shorter path.' },
};

/**
 * A failed system call as a typed error: `what` says what was tried ("Reading index.json of ./release").
 * Errors that are typed already, and cancellations, pass unchanged.
 */
export function fileError(error: unknown, what: string): Error {
  if (error instanceof TallymanError) return error;
  const errno = errnoOf(error);
  if (error instanceof Error && (error.name === 'AbortError' || errno === undefined)) return error;
  const known = MEANINGS[errno ?? ''];
  return new TallymanError(
    {
      code: 'UNREADABLE',
      message: `${what} failed: ${known?.meaning ?? 'the file system refused'} (${errno ?? 'unknown'}).`,
      hint: known?.hint ?? 'Check the disk and the permissions, then try again.',
      details: { errno: errno ?? 'unknown' },
    },
    { cause: error },
  );
}
