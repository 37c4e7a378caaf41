/** Items that a plan lists. */
export const PLAN_ITEMS_LIMIT = 500;
/** Blobs of which a plan asks whether they are there; the others count as to be sent. */
export const PLAN_LOOKS_LIMIT = 1_000;
/** Blobs that a plan asks about at once. */
export const PLAN_LOOKS_AT_ONCE = 16;
