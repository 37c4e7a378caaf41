/** The channels between the preload and the main process; there are no others. */
export const TO_HOST = 'tallyman:to-host';
export const TO_WINDOW = 'tallyman:to-window';
/** Files that were dropped on the page: the preload says their paths, and gets tokens for the page. */
export const GRANT_FILES = 'tallyman:grant-files';
