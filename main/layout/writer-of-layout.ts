import path from 'node:path';
import { displayText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { FileSystem } from './file-system.ts';
import { LayoutWriter } from './layout-writer.ts';
import type { Layout } from './open-layout.ts';
import type { ProcessTable } from './process-identity.ts';
import { refuseLinks } from './refuse-links.ts';
import { layoutPaths } from './work-folder.ts';

export interface WriterOfLayoutOptions {
  readonly fileSystem: FileSystem;
  readonly processes: ProcessTable;
  /** Milliseconds that a change waits for another program's. */
  readonly lockWaitLimit?: number;
}

/**
 * The writer of a layout that is open for reading. Closing the writer closes the layout.
 * @throws TallymanError UNSUPPORTED for an archive, UNREADABLE when links in the layout would lead writes out of it; errors of
 * the file system as they are.
 */
export async function writerOfLayout(
  layout: Layout,
  { fileSystem, processes, lockWaitLimit }: WriterOfLayoutOptions,
): Promise<LayoutWriter> {
  const place = displayText(layout.path);
  if (layout.kind !== 'folder') {
    throw new TallymanError({
      code: 'UNSUPPORTED',
      message: `${place} is an archive: it can be read, not changed.`,
      hint: 'Import it into a layout folder.',
    });
  }
  const paths = layoutPaths(await fileSystem.realPath(path.resolve(layout.path)));
  await refuseLinks(fileSystem, paths, place);
  return new LayoutWriter({
    fileSystem,
    processes,
    paths,
    layout,
    ...(lockWaitLimit === undefined ? {} : { lockWaitLimit }),
  });
}
