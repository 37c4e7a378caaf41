/** Most tags or digests in one question about rows on screen. */
export const ROWS_PER_CALL = 100;
