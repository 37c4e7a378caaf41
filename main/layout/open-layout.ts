import path from 'node:path';
import { displayText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Target, TargetOptions } from '../content/target.ts';
import type { TargetWriter } from '../content/target-writer.ts';
import { readAll } from '../content/verify-content.ts';
import { errnoOf, fileError } from './file-error.ts';
import type { FileSystem } from './file-system.ts';
import { checkLayout, type CheckOptions, type LayoutCheck } from './check-layout.ts';
import { checkLayoutFolder } from './check-layout-folder.ts';
import { folderStorage } from './folder-storage.ts';
import { checkLayoutHeader } from './layout-header.ts';
import { LayoutReader, type ReadIndex } from './layout-reader.ts';
import { LAYOUT_HEADER_NAME, type LayoutStorage } from './layout-storage.ts';
import { LayoutTarget } from './layout-target.ts';
import { openLayoutTargetWriter } from './layout-target-writer.ts';
import { measureLayout, type LayoutSizes, type MeasureOptions } from './measure-layout.ts';
import { LAYOUT_HEADER_LIMIT } from './limits.ts';
import { localDisk } from './local-disk.ts';
import { openArchive } from './open-archive.ts';

/** An OCI image layout, opened for reading. */
export interface Layout {
  /** The path as it was asked for. */
  readonly path: string;
  readonly kind: 'folder' | 'archive';
  readonly target: Target;
  /** What `index.json` says now, with a stamp that differs once it changed. Fails as reading by the target does. */
  readIndex(signal: AbortSignal): Promise<ReadIndex>;
  /** Reads all content and follows every entry; see `checkLayout`. */
  check(options: CheckOptions): Promise<LayoutCheck>;
  /** How large its entries are, alone and together; see `measureLayout`. */
  measure(options: MeasureOptions): Promise<LayoutSizes>;
  /** Lets go of files and removes what was unpacked. Nothing may be read afterwards. */
  close(): Promise<void>;
}

export interface OpenLayoutOptions extends TargetOptions {
  readonly fileSystem?: FileSystem;
}

/**
 * Opens a layout in a folder, or in a tar, which stays packed (a gzip-compressed one is unpacked into a private temporary
 * file that has no name). Changes that other programs make to a folder are seen; an archive stays as it was when opened.
 * Version and index are read at once, so that a path without a readable layout fails here.
 * @throws TallymanError NOT_FOUND (nothing at the path), NOT_A_LAYOUT, LAYOUT_VERSION, MALFORMED (oci-layout, index.json or
 * the archive cannot be read), UNREADABLE (the file system refused), LIMIT.
 */
export async function openLayout(location: string, options: OpenLayoutOptions): Promise<Layout> {
  const { signal } = options;
  const storage = await openLayoutStorage(location, options);
  try {
    const reader = new LayoutReader(storage);
    await reader.index(signal);
    const openWriter = (): Promise<TargetWriter> => openLayoutTargetWriter(layout, options);
    const layout: Layout = {
      path: location,
      kind: storage.kind,
      target: new LayoutTarget(storage, reader, storage.kind === 'folder' ? openWriter : undefined),
      readIndex: (reading) => reader.index(reading),
      check: (check) => checkLayout(storage, reader, check),
      measure: (measuring) => measureLayout(storage, reader, measuring),
      close: () => storage.close(),
    };
    return layout;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/**
 * The files of a layout whose version is known; whether its index can be read is not asked.
 * @throws TallymanError as `openLayout`.
 */
export async function openLayoutStorage(
  location: string,
  options: OpenLayoutOptions,
): Promise<LayoutStorage> {
  const { signal, fileSystem = localDisk } = options;
  const place = displayText(location);
  const storage = await openStorage(path.resolve(location), place, fileSystem, signal);
  try {
    const header = storage.read(LAYOUT_HEADER_NAME, { offset: 0, signal });
    checkLayoutHeader(await readAll(header, LAYOUT_HEADER_LIMIT, `The file oci-layout of ${place}`), place);
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function openStorage(
  absolute: string,
  place: string,
  fileSystem: FileSystem,
  signal: AbortSignal,
): Promise<LayoutStorage> {
  // The path that a person names may be a link, or lead through some; only what is inside a layout may not.
  const real = await fileSystem.realPath(absolute).catch((error: unknown) => {
    throw cannotOpen(error, place);
  });
  const info = await fileSystem.look(real).catch((error: unknown) => {
    throw fileError(error, `Opening ${place}`);
  });
  if (info?.kind === 'folder') {
    await checkLayoutFolder(fileSystem, real, place);
    return folderStorage(fileSystem, real, place);
  }
  if (info?.kind === 'file') return openArchive(fileSystem, real, place, signal);
  throw new TallymanError({
    code: 'NOT_A_LAYOUT',
    message: `${place} is neither a folder nor a file.`,
    hint: 'Open a layout folder or an archive file.',
  });
}

function cannotOpen(error: unknown, place: string): Error {
  const errno = errnoOf(error);
  if (errno !== 'ENOENT' && errno !== 'ENOTDIR') return fileError(error, `Opening ${place}`);
  return new TallymanError(
    {
      code: 'NOT_FOUND',
      message: `There is nothing at ${place}.`,
      hint: 'Check the path of the layout folder or archive.',
    },
    { cause: error },
  );
}
