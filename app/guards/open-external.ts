import { dialog, shell } from 'electron';
import type { BrowserWindow } from 'electron';
import { displayText } from '../../shared/display/display-text.ts';
import { externalAddress } from './external-address.ts';

let asking = false;

/** Offers an address to the system's browser; it is opened only when the person says so, and one question is shown at a time. */
export async function askToOpenExternal(window: BrowserWindow, address: string): Promise<void> {
  const external = externalAddress(address);
  if (external === undefined || asking) return;
  asking = true;
  try {
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      message: `Open ${external.host} in your browser?`,
      detail: displayText(external.href),
      buttons: ['Open', 'Cancel'],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    });
    if (response === 0) await shell.openExternal(external.href);
  } finally {
    asking = false;
  }
}
