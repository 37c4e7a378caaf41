/** Limits of the server, compared with `>`. */

/** Tags of one push by digest (`?tag=`); beyond, 414. The specification asks for at least 10. */
export const TAG_PARAMETER_LIMIT = 100;

/** Bytes of a blob that is taken into memory whole, when it comes in one piece; a larger one goes to the disk as it comes. */
export const WHOLE_BODY_LIMIT = 1024 * 1024;

/** Names in one page of a listing, also when more are asked for. */
export const PAGE_LIMIT = 10_000;

/** Descriptors, and bytes of them, in one page of referrers: clients read manifests of 4 megabytes. */
export const REFERRERS_PAGE_LIMIT = 1_000;
export const REFERRERS_PAGE_BYTES = 2 * 1024 * 1024;

/** Bytes of all warnings of one answer (distribution-spec, Warnings). */
export const WARNING_BYTES_LIMIT = 4_096;

/** Connections at a time. */
export const CONNECTION_LIMIT = 512;

/** Milliseconds in which the head of a request must have come. */
export const HEADER_TIME_LIMIT = 20_000;

/** Milliseconds without a byte after which a connection is given up; what was uploaded stays. */
export const IDLE_TIME_LIMIT = 5 * 60_000;

/** Milliseconds that a connection is kept open between two requests: longer than clients keep theirs (Go: 90 s). */
export const KEEP_ALIVE_TIME = 120_000;

/** Bytes of a body that wait to be taken by the disk; one chunk may go beyond. */
export const BODY_QUEUE_SIZE = 1024 * 1024;

/** Bytes that wait in each direction of a connection: memory for each client that is slower than the disk. */
export const SOCKET_BUFFER_SIZE = 512 * 1024;

/** Milliseconds that running answers get when the server is stopped. */
export const STOP_TIME_LIMIT = 5_000;

/** Uploads that are known at a time; beyond, the one that was not used longest is forgotten: what has bytes is found again. */
export const UPLOAD_LIMIT = 1_000;

/** Uploads whose file is open at a time; beyond, one that nobody is sending to is closed, to be opened again. */
export const OPEN_UPLOAD_LIMIT = 128;

/** Milliseconds that a question for the size of an upload waits for bytes that are on their way. */
export const SETTLE_TIME = 1_000;

/** Milliseconds after which an upload that nobody is sending to is closed, to be opened again. */
export const UPLOAD_IDLE_TIME = 60_000;

/** Descriptors of a pushed manifest that are looked for, to warn of missing content. */
export const MISSING_CONTENT_LOOKS = 1_000;
