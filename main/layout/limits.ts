/** Limits of the layout (reliability bar, section 1.D), compared with `>`. Reaching one is an error with code LIMIT. */

/** Bytes of `index.json`: the list of everything in a layout, of some 200,000 entries. */
export const INDEX_FILE_LIMIT = 64 * 1024 * 1024;

/** Bytes of the file `oci-layout`. */
export const LAYOUT_HEADER_LIMIT = 64 * 1024;

/** Headers in one tar, extended ones too. */
export const TAR_ENTRY_LIMIT = 1_000_000;

/** Bytes of one extended header (PAX records, GNU long name) of a tar. Go's reader stops at the same. */
export const TAR_EXTENDED_HEADER_LIMIT = 1024 * 1024;

/** Bytes of one path in a tar. */
export const TAR_PATH_LIMIT = 4_096;

/** Bytes that a compressed archive may unpack to. */
export const ARCHIVE_UNPACKED_LIMIT = 8 * 1024 * 1024 * 1024;

/** Unpacked bytes per compressed byte. Layers are compressed already, so layouts stay far below; a gzip of zeros reaches 1,029. */
export const ARCHIVE_RATIO_LIMIT = 500;

/** Unpacked bytes from which on the ratio counts. */
export const ARCHIVE_RATIO_FROM = 64 * 1024 * 1024;

/** Entries of a listing that are handed out at once. */
export const LISTING_PAGE_SIZE = 1_000;

/** Files of a layout that one scan reads at once. */
export const SCAN_CONCURRENCY = 8;

/** Bytes of content that are read from a file at once. */
export const READ_CHUNK_SIZE = 256 * 1024;

/** Bytes of content that are written to a file at once, one chunk more or less. */
export const WRITE_BATCH_SIZE = 1024 * 1024;
