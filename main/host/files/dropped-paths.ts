import { quoteText } from '../../../shared/display/display-text.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';

/** Folders within folders of a drop. */
const DEPTH_LIMIT = 64;
/** Bytes of one part of a path, as file systems take them. */
const NAME_BYTES = 255;

/** A file of a drop, or a folder where it has no size. */
export interface DroppedFile {
  readonly path: string;
  readonly size?: number;
}

/**
 * Checks the paths of a drop, which come from a page: each stays inside, and no two are the same, also where a file system
 * does not tell capital letters apart.
 * @returns their parts, in the same order.
 * @throws TallymanError INVALID_INPUT that names the path.
 */
export function checkDroppedPaths(files: readonly DroppedFile[]): readonly (readonly string[])[] {
  const folders = new Set<string>();
  const names = new Set<string>();
  return files.map(({ path, size }) => {
    const parts = path.split('/');
    if (parts.length > DEPTH_LIMIT || !parts.every(isPlainName)) throw refused(path, 'is no plain path');
    const key = keyOf(parts);
    for (let length = 1; length < parts.length; length += 1) {
      const above = keyOf(parts.slice(0, length));
      if (names.has(above)) throw refused(path, 'lies below a file');
      folders.add(above);
    }
    if (names.has(key) || (size !== undefined && folders.has(key))) throw refused(path, 'is there twice');
    if (size === undefined) folders.add(key);
    else names.add(key);
    return parts;
  });
}

function keyOf(parts: readonly string[]): string {
  return parts.join('/').normalize('NFC').toLowerCase();
}

function isPlainName(name: string): boolean {
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    Buffer.byteLength(name) <= NAME_BYTES &&
    !/[\p{Cc}\p{Cs}\\]/u.test(name)
  );
}

function refused(path: string, why: string): TallymanError {
  return new TallymanError({
    code: 'INVALID_INPUT',
    message: `${quoteText(path)} cannot be taken in: it ${why}.`,
    hint: 'Rename it, or drop it apart from the others.',
  });
}
