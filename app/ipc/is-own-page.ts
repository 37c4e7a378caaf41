import type { WebFrameMain } from 'electron';
import { isPageAddress, PAGE_ORIGIN } from '../page-address.ts';

/** What is looked at of a message's sender; the parts of Electron's event that matter. */
export interface MessageSender {
  readonly sender: { readonly id: number };
  readonly senderFrame: Pick<WebFrameMain, 'url' | 'origin' | 'parent'> | null;
}

/**
 * True when a message comes from the top document of the one window, showing the window's own page (reliability bar, F7). A
 * frame that is gone meanwhile is nobody.
 *
 * @param windowId - id of the window's web contents
 */
export function isOwnPage(event: MessageSender, windowId: number): boolean {
  if (event.sender.id !== windowId || event.senderFrame === null) return false;
  const { parent, url, origin } = event.senderFrame;
  // A sandboxed document has the address, and not the origin.
  return parent === null && isPageAddress(url) && origin === PAGE_ORIGIN;
}
