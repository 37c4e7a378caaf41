/** Longest text taken from the "open anything" bar, in UTF-16 units. Apart from the schemas, for what must not wait for them. */
export const PLACE_TEXT_LIMIT = 4096;
