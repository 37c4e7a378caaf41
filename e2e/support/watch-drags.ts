import type { ElectronApplication } from '@playwright/test';

/** Notes what is handed to the desktop to be dragged, in place of a desktop. @returns reads the paths so far. */
export async function watchDrags(electron: ElectronApplication): Promise<() => Promise<readonly string[]>> {
  const noted = await electron.evaluateHandle(({ BrowserWindow }) => {
    const paths: string[] = [];
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      webContents.startDrag = ({ file, icon }) => {
        if (typeof icon !== 'string' && icon.isEmpty()) throw new Error('a drag needs a picture');
        paths.push(file);
      };
    }
    return paths;
  });
  return () => noted.jsonValue();
}
