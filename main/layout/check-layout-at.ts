import path from 'node:path';
import { displayText } from '../../shared/display/display-text.ts';
import { checkLayout, type CheckOptions, type LayoutCheck } from './check-layout.ts';
import { fileError } from './file-error.ts';
import type { FileSystem } from './file-system.ts';
import { LayoutReader } from './layout-reader.ts';
import { nodeFileSystem } from './node-file-system.ts';
import { openLayoutStorage } from './open-layout.ts';
import { listQuarantine, type QuarantinedFile } from './quarantine.ts';
import { layoutPaths } from './work-folder.ts';

/** All that can be said of the state of a layout without changing it. */
export interface LayoutCondition {
  /** As it was asked for. */
  readonly path: string;
  readonly kind: 'folder' | 'archive';
  readonly check: LayoutCheck;
  /** What repairs moved aside, kept for a person to look at. */
  readonly quarantine: readonly QuarantinedFile[];
  /** Whether a repair could bring back the last index that Tallyman wrote. */
  readonly hasPreviousIndex: boolean;
}

/**
 * Checks a layout by its path, folder or archive, also one that cannot be opened because its `index.json` cannot be read:
 * that is then one of the problems.
 * @throws TallymanError as `openLayout` for a path without a layout or a version that is not known; UNREADABLE.
 */
export async function checkLayoutAt(
  location: string,
  { fileSystem = nodeFileSystem, ...options }: CheckOptions & { readonly fileSystem?: FileSystem },
): Promise<LayoutCondition> {
  const storage = await openLayoutStorage(location, { signal: options.signal, fileSystem });
  try {
    const check = await checkLayout(storage, new LayoutReader(storage), options);
    if (storage.kind === 'archive')
      return { path: location, kind: 'archive', check, quarantine: [], hasPreviousIndex: false };
    const paths = layoutPaths(await fileSystem.realPath(path.resolve(location)));
    return {
      path: location,
      kind: 'folder',
      check,
      quarantine: await listQuarantine(fileSystem, paths),
      hasPreviousIndex: (await fileSystem.look(paths.previousIndex))?.kind === 'file',
    };
  } catch (error) {
    throw fileError(error, `Checking ${displayText(location)}`);
  } finally {
    await storage.close();
  }
}
