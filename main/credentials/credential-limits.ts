/** The limits of reading credentials (reliability bar, section 5). */

/** Bytes of a configuration file. */
export const CONFIG_FILE_LIMIT = 4 * 1024 * 1024;

/** Bytes a credential helper may print. */
export const HELPER_OUTPUT_LIMIT = 1024 * 1024;

/** Milliseconds a credential helper may take. */
export const HELPER_TIME_LIMIT = 10_000;

/** Milliseconds for which a helper's answer is used again: it is asked for every request, and can take a second. */
export const HELPER_ANSWER_KEPT = 30_000;
