/** The parts of the path of an entry, without `.` and doubled slashes; undefined for one that is absolute or leads upwards. */
export function entryPathParts(path: string): readonly string[] | undefined {
  if (path.startsWith('/')) return undefined;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : parts;
}

/**
 * The path that a symbolic link in a folder of the archive leads to; undefined when that is outside of the archive. Only the
 * text counts: a link on the way is not followed.
 */
export function linkedPathParts(folder: readonly string[], link: string): readonly string[] | undefined {
  if (link.startsWith('/')) return undefined;
  const parts = [...folder];
  for (const part of link.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts;
}
