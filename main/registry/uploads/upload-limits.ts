/** The numbers of uploads (reliability bar, section 4). */

/** Bytes up to which a blob goes in one request; larger ones go in parts, so that a broken line costs one part. */
export const WHOLE_BLOB_BYTES = 64 * 1024 * 1024;

/** Bytes of one part, if the registry asks for no more and takes no less. */
export const CHUNK_BYTES = 16 * 1024 * 1024;

/** Parts are never cut below this, whatever a registry refuses. */
export const SMALLEST_CHUNK_BYTES = 1024 * 1024;

/** Largest `OCI-Chunk-Min-Length` that is followed (quirk B1). */
export const CHUNK_MINIMUM_LIMIT = 1024 * 1024 * 1024;

/** Bytes that are sent with the opening POST to learn whether the registry takes a blob so; in vain that is all it costs. */
export const SINGLE_POST_PROBE_BYTES = 64 * 1024;

/** Times that one blob is begun anew because its upload session was lost. */
export const UPLOAD_RESTARTS = 5;

/** Milliseconds that telling a registry to forget an upload may take. */
export const CANCEL_LIMIT = 2_000;
