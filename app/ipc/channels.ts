/** The two channels between the preload and the main process; there are no others. */
export const TO_HOST = 'tallyman:to-host';
export const TO_WINDOW = 'tallyman:to-window';
