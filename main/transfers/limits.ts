// The limits of the queue. Reaching one is an error with code LIMIT that names it.

/** Jobs that run at once. */
export const RUNNING_JOBS_LIMIT = 4;
/** Jobs that run at once and use the same registry or layout. */
export const RUNNING_JOBS_PER_PLACE = 2;
/** Jobs that have not ended. */
export const UNFINISHED_JOBS_LIMIT = 1_000;
/** Ended jobs that are remembered; the oldest go. */
export const HISTORY_LIMIT = 200;
/** Milliseconds between two messages to the windows. */
export const ANNOUNCE_INTERVAL_MS = 200;
/** Milliseconds between two notes in the journal of how far a running job is. */
export const PROGRESS_KEPT_INTERVAL_MS = 5_000;
/** Milliseconds over which a rate is taken. */
export const RATE_SPAN_MS = 5_000;
/** Milliseconds that a job has to let go of uploads that nobody will continue. */
export const FORGET_LIMIT_MS = 5_000;
/** Bytes of one job in the journal: a push of ten thousand files fits. */
export const JOB_SIZE_LIMIT = 4 * 1024 * 1024;
/** Bytes of a journal that is read, and that new jobs may fill half. */
export const JOURNAL_SIZE_LIMIT = 256 * 1024 * 1024;
/** Bytes beyond which a journal is written anew when most of it is out of date. */
export const JOURNAL_COMPACT_SIZE = 1024 * 1024;
/** Characters of what continues one upload. */
export const RESUME_STATE_LIMIT = 8 * 1024;
/** Uploads of one job whose continuation is kept. */
export const RESUME_STATES_LIMIT = 256;
