import type { Locator } from '@playwright/test';
import { step } from '../pages/step.ts';
import type { App } from './test.ts';

/** Says where to write: in the Electron shell by the system's own dialog, which a spec answers for the person; typed elsewhere. */
export async function chooseDestination({ electron }: App, dialog: Locator, place: string): Promise<void> {
  await step(`choose ${place}`, async () => {
    if (electron === undefined) {
      await dialog.getByRole('textbox', { name: /^(Folder|Layout folder|Archive)$/ }).fill(place);
      return;
    }
    await electron.evaluate(({ dialog: native }, chosen) => {
      native.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
      native.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen });
    }, place);
    await dialog.getByRole('button', { name: 'Choose…' }).click();
  });
}
