/** Sizes of the picture in pixels at zoom 1. Cards never change size, so that a layout needs no measuring. */

export const CARD_WIDTH = 212;
export const CARD_HEIGHT = 50;
/** Between the columns: room for the curve of an edge and for the name of the way it was found. */
const COLUMN_GAP = 106;
export const COLUMN_PITCH = CARD_WIDTH + COLUMN_GAP;
/** Between two cards of a column. */
export const ROW_GAP = 18;
/** Between what begins the picture at its left, when there is more than one. */
export const TOP_GAP = 44;
/** Between a signature and the report below it that it signs. */
export const STACK_GAP = 34;

/** More than this many of one kind beside one parent become one card with a count. */
export const CLUSTER_THRESHOLD = 12;

/** An opened cluster is a tray: a header, and its cards inside a frame. */
export const TRAY_HEADER = 32;
export const TRAY_PADDING = 12;
export const TRAY_GAP = 12;
/** Most cards beside each other in a tray. */
export const TRAY_COLUMNS_LIMIT = 12;
