import type { BigIntStats } from 'node:fs';
import { lstat, opendir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { fileError } from '../../layout/file-error.ts';
import { FOLDER_ENTRY_LIMIT } from '../limits.ts';

/** One thing in a folder that is packed. */
export interface FolderEntry {
  /** Where it lies on this machine. */
  readonly location: string;
  /** Below the folder, with `/` between the parts; empty for the folder itself. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'symbolic-link';
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly stats: BigIntStats;
  /** Of links: what they say. */
  readonly linkPath?: string;
}

/**
 * The folder and everything below it, each folder before what is in it, names in the order of their bytes: the order in which Go's
 * filepath.Walk goes, and oras with it. Links are not followed.
 * @throws TallymanError UNREADABLE that names what could not be read, UNSUPPORTED for devices, pipes and sockets, LIMIT.
 */
export async function* listFolder(
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<FolderEntry, void, undefined> {
  let count = 0;
  // A stack, because folders may be deeper in one another than calls.
  const waiting: { readonly location: string; readonly path: string }[] = [{ location: folder, path: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    signal.throwIfAborted();
    count += 1;
    if (count > FOLDER_ENTRY_LIMIT) throw tooMany(folder);
    const entry = await look(next.location, next.path);
    yield entry;
    if (entry.type !== 'folder') continue;
    const names = await readNames(next.location, folder);
    names.sort((left, right) => Buffer.compare(Buffer.from(right), Buffer.from(left))); // the last one is taken first
    for (const name of names) {
      waiting.push({
        location: path.join(next.location, name),
        path: next.path === '' ? name : `${next.path}/${name}`,
      });
    }
  }
}

async function readNames(location: string, folder: string): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const { name } of await opendir(location)) {
      names.push(name);
      if (names.length > FOLDER_ENTRY_LIMIT) throw tooMany(folder);
    }
    return names;
  } catch (error) {
    throw fileError(error, `Listing ${quoteText(location)}`);
  }
}

async function look(location: string, relative: string): Promise<FolderEntry> {
  try {
    const stats = await lstat(location, { bigint: true });
    const about = { location, path: relative, mode: Number(stats.mode) & 0o7777, stats };
    if (stats.isFile()) return { ...about, type: 'file' };
    if (stats.isDirectory()) return { ...about, type: 'folder' };
    if (stats.isSymbolicLink())
      return { ...about, type: 'symbolic-link', linkPath: await readlink(location) };
  } catch (error) {
    throw fileError(error, `Reading ${quoteText(location)}`);
  }
  throw new TallymanError({
    code: 'UNSUPPORTED',
    message: `${quoteText(location)} is a device, a pipe or a socket, which cannot be packed.`,
    hint: 'Take it out of the folder, or push the files that you need.',
  });
}

function tooMany(folder: string): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `${quoteText(folder)} holds more than ${FOLDER_ENTRY_LIMIT} files and folders.`,
    hint: 'Pack it yourself and push the archive as one file.',
    details: { limit: FOLDER_ENTRY_LIMIT },
  });
}
