import type { WebContents } from 'electron';
import { PAGE_ADDRESS, pathOfPageAddress } from '../page-address.ts';

/**
 * Nothing but the window's own page is ever shown (reliability bar, F5): no navigation, no redirect, no frame, no window, no webview.
 *
 * @param onLink - gets the address of a link that wanted a window of its own
 */
export function guardContents(contents: WebContents, onLink: (address: string) => void): void {
  const stay = (event: { readonly url: string; preventDefault(): void }): void => {
    if (pathOfPageAddress(event.url) !== '/') event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', (event) => {
    if (event.isMainFrame) stay(event);
    else event.preventDefault();
  });
  // Electron asks nobody about `about:blank`; from there the way leads back.
  contents.on('did-navigate', (_event, address) => {
    if (pathOfPageAddress(address) !== '/') void contents.loadURL(PAGE_ADDRESS);
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    onLink(url);
    return { action: 'deny' };
  });
}
