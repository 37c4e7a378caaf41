import { dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import path from 'node:path';

/** The native dialog that chooses a layout folder or archive. It opens where the last one ended, in this run. */
export function createPathPicker(
  window: () => BrowserWindow | undefined,
): (what: 'folder' | 'archive') => Promise<string | undefined> {
  let last: string | undefined;
  return async (what) => {
    const parent = window();
    const options: Electron.OpenDialogOptions = {
      title: what === 'folder' ? 'Open an image layout' : 'Open a layout archive',
      properties: [what === 'folder' ? 'openDirectory' : 'openFile'],
      ...(last === undefined ? {} : { defaultPath: last }),
      ...(what === 'folder'
        ? {}
        : {
            filters: [
              { name: 'Layout archives', extensions: ['tar'] },
              { name: 'All files', extensions: ['*'] },
            ],
          }),
    };
    const { canceled, filePaths } = await (parent === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options));
    const chosen = canceled ? undefined : filePaths[0];
    if (chosen !== undefined) last = path.dirname(chosen);
    return chosen;
  };
}
