import path from 'node:path';
import { quoteText } from '../../shared/display/display-text.ts';
import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import { fileError } from './file-error.ts';
import type { FileSystem } from './file-system.ts';
import { INDEX_NAME, LAYOUT_HEADER_NAME } from './layout-storage.ts';

/** Folders inside that are looked into for a layout, to name it in the message. */
const FOLDERS_LOOKED_INTO = 100;

/**
 * Checks that a folder has a file `oci-layout`.
 * @throws TallymanError NOT_A_LAYOUT that says what the folder seems to be instead.
 */
export async function checkLayoutFolder(
  fileSystem: FileSystem,
  folder: string,
  place: string,
): Promise<void> {
  try {
    if ((await fileSystem.look(path.join(folder, LAYOUT_HEADER_NAME))) !== undefined) return;
    throw await describeOther(fileSystem, folder, place);
  } catch (error) {
    throw fileError(error, `Looking for a layout in ${place}`);
  }
}

async function describeOther(fileSystem: FileSystem, folder: string, place: string): Promise<TallymanError> {
  const names = await fileSystem.list(folder);
  const other = (what: string, hint: string): TallymanError =>
    new TallymanError({ code: 'NOT_A_LAYOUT', message: `${place} is no OCI image layout: ${what}.`, hint });

  if (names.length === 0)
    return other('the folder is empty', 'Choose the folder that holds oci-layout, index.json and blobs.');
  if (names.includes(INDEX_NAME)) {
    return other(
      'it has an index.json and no file oci-layout',
      'Only a part was copied, or another program left it unfinished: copy the whole layout again.',
    );
  }
  for (const name of names.slice(0, FOLDERS_LOOKED_INTO)) {
    if ((await fileSystem.look(path.join(folder, name, LAYOUT_HEADER_NAME))) !== undefined) {
      return other(`the folder ${quoteText(name)} inside it is one`, 'Open that folder.');
    }
  }
  if (names.includes('manifest.json') || names.includes('repositories')) {
    return other(
      'it looks like an unpacked archive of docker save',
      'Docker archives are imported, not opened. Until then: skopeo copy docker-archive:FILE oci:FOLDER.',
    );
  }
  return other(
    'the file oci-layout is absent',
    'Choose the folder that holds oci-layout, index.json and blobs.',
  );
}
