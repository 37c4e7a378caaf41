import { dialog } from 'electron';
import type { BrowserWindow, OpenDialogOptions } from 'electron';
import path from 'node:path';
import type { Pick } from '../../shared/contract/transfer-words.ts';

const ARCHIVES = [
  { name: 'Archives', extensions: ['tar', 'tgz', 'gz'] },
  { name: 'All files', extensions: ['*'] },
];

const OPENING: Readonly<Record<Exclude<Pick, 'save-archive'>, OpenDialogOptions>> = {
  files: { title: 'Choose files', properties: ['openFile', 'multiSelections'] },
  folders: { title: 'Choose folders', properties: ['openDirectory', 'multiSelections'] },
  archive: { title: 'Choose an archive', properties: ['openFile'], filters: ARCHIVES },
  'save-folder': { title: 'Choose a folder', properties: ['openDirectory', 'createDirectory'] },
};

/** The native dialogs that choose what to send, and where to write. They open where the last one ended, in this run. */
export function createFilePicker(
  window: () => BrowserWindow | undefined,
): (what: Pick, suggestedName?: string) => Promise<readonly string[]> {
  let last: string | undefined;
  const inLast = (name = ''): { readonly defaultPath?: string } =>
    last === undefined && name === '' ? {} : { defaultPath: path.join(last ?? '', name) };

  return async (what, suggestedName) => {
    const parent = window();
    if (what === 'save-archive') {
      const options = { title: 'Write an archive', ...inLast(suggestedName), filters: ARCHIVES };
      const { canceled, filePath } = await (parent === undefined
        ? dialog.showSaveDialog(options)
        : dialog.showSaveDialog(parent, options));
      if (canceled || filePath === '') return [];
      last = path.dirname(filePath);
      return [filePath];
    }
    const options = { ...OPENING[what], ...inLast() };
    const { canceled, filePaths } = await (parent === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    const [first] = filePaths;
    if (canceled || first === undefined) return [];
    last = what === 'save-folder' ? first : path.dirname(first);
    return filePaths;
  };
}
