/** Limits of the loopback host (reliability bar, W4 and W10). */

/** Life of the secret in a launch address, in milliseconds. */
export const LAUNCH_SECRET_LIFE = 60_000;
/** Wrong, used or outdated launch secrets after which the host ends itself. */
export const FAILED_TRIES_LIMIT = 10;
/** Open connections at a time. */
export const CONNECTION_LIMIT = 64;
/** Bytes of one request body, and of one message on the socket. */
export const BODY_LIMIT = 1024 * 1024;
/** Milliseconds in which the head of a request must have come. */
export const HEADER_TIME_LIMIT = 10_000;
/** Milliseconds in which a whole request must have come. */
export const REQUEST_TIME_LIMIT = 30_000;
/** Requests per second, all connections together. */
export const REQUEST_RATE_LIMIT = 100;
/** Bytes waiting to be read by a page; a page that reads nothing is cut off beyond. */
export const UNREAD_LIMIT = 64 * 1024 * 1024;
/** Milliseconds between two heartbeats; a page that missed one is taken for gone. */
export const HEARTBEAT_INTERVAL = 30_000;
/** Milliseconds without any request or open socket after which the host ends itself. */
export const IDLE_LIMIT = 12 * 60 * 60 * 1000;
/** Bearers (tabs) of one run; the oldest goes when one more is given out. */
export const BEARER_LIMIT = 64;
