import type { Session } from 'electron';
import { isPageAddress } from '../page-address.ts';
import { isOwnDownload } from './is-own-download.ts';

/** The one permission the page uses: "copy" writes text to the clipboard. */
const GRANTED = 'clipboard-sanitized-write';

/** Denies every permission but writing text to the clipboard, every device, and every download that the page did not begin (reliability bar, F8). */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(permission === GRANTED && isPageAddress(details.requestingUrl));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === GRANTED && isPageAddress(origin),
  );
  session.setDevicePermissionHandler(() => false);
  // The dictionary of the spell checker would be fetched from the network.
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event, item) => {
    if (!isOwnDownload(item.getURL())) event.preventDefault();
  });
}
