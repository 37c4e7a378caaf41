/**
 * The limits of everything that talks to a registry (reliability bar, sections 1.A, 1.D and 4). Reaching one is an
 * error with code LIMIT that names it. Limits are compared with `>`; 0 never means "off". The limit of a manifest's
 * body is `MANIFEST_LIMIT` in main/content.
 */

/** Characters of a URL that is asked for, whoever named it. */
export const URL_LENGTH_LIMIT = 8192;

/** Redirects that one request follows. */
export const REDIRECT_LIMIT = 5;

/** Bytes of all headers of one answer. */
export const HEADER_BYTES_LIMIT = 32 * 1024;

/** Header lines of one answer. */
export const HEADER_COUNT_LIMIT = 200;

/** Bytes of a token server's answer. */
export const TOKEN_BODY_LIMIT = 1024 * 1024;

/** Bytes of an error answer that are read; the rest is not looked at. */
export const ERROR_BODY_LIMIT = 64 * 1024;

/** Bytes of one page of tags, repositories or referrers. */
export const LIST_PAGE_BYTES_LIMIT = 8 * 1024 * 1024;

/** Pages of one listing. */
export const LIST_PAGES_LIMIT = 1000;

/** Bytes of all pages of one listing. */
export const LIST_BYTES_LIMIT = 64 * 1024 * 1024;

/** Pages without any item that a listing may have in a row: registries that filter by permission send some. */
export const LIST_EMPTY_PAGES_LIMIT = 16;

/** Items asked for per page. Amazon ECR refuses more. */
export const LIST_PAGE_ITEMS = 1000;

/** Bytes up to which a blob (a config, a signature) takes the way of the small questions instead of a download's. */
export const SMALL_BLOB_BYTES = 1024 * 1024;

/**
 * Connections to one origin, and with them requests to it that are under way at once. More than a download needs: a graph is
 * hundreds of small answers, and behind a slow line only their number at once decides how long it takes.
 */
export const CONNECTIONS_PER_ORIGIN = 40;

/** Of those, the most that carry blobs, so that small questions always find a free one. */
export const BLOBS_PER_ORIGIN = 4;

/** Origins whose connections are kept open: the registry, its token server, its blob stores. */
export const ORIGINS_KEPT = 16;
