/**
 * The limits of packing, pushing and pulling artifacts (reliability bar, sections 1.C and 1.D), compared with `>`. Reaching one is an
 * error with code LIMIT that names it.
 */

/** Bytes of a manifest that is pushed: what registries are sure to take (distribution-spec, Pushing Manifests). */
export const PUSHED_MANIFEST_LIMIT = 4 * 1024 * 1024;

/** Files, folders and links in one folder that is packed, or in one archive that is unpacked. */
export const FOLDER_ENTRY_LIMIT = 200_000;

/** Bytes that one archive may unpack to, content of copied links included. */
export const UNPACKED_BYTES_LIMIT = 64 * 1024 * 1024 * 1024;

/** Unpacked bytes from which on an archive may have no more than `UNPACKED_RATIO_LIMIT` of them per packed byte. */
export const UNPACKED_RATIO_FROM = 2 * 1024 * 1024 * 1024;
export const UNPACKED_RATIO_LIMIT = 500;

/** Folders in one another, in a name that is written to the disk. */
export const PATH_DEPTH_LIMIT = 64;

/** Bytes of one component of such a name: what the common file systems take. */
export const NAME_BYTES_LIMIT = 255;

/** Bytes of a file that are read at once. */
export const FILE_CHUNK_SIZE = 256 * 1024;

/** Bytes that are hashed at once; a file that is hashed has two such pieces in memory. */
export const HASH_CHUNK_SIZE = 512 * 1024;

/** Up to this size a file is read once: its bytes stay in memory from hashing to sending, as long as there is room. */
export const KEPT_FILE_LIMIT = 64 * 1024;

/** Bytes of all files of one push that are kept so. */
export const KEPT_BYTES_LIMIT = 16 * 1024 * 1024;

/** Files of one push that are hashed at once. */
export const HASH_CONCURRENCY = 8;

/** Blobs up to this size are many at once on their way; larger ones share the connections of a few. */
export const SMALL_TRANSFER_LIMIT = 256 * 1024;
export const SMALL_TRANSFER_CONCURRENCY = 32;
export const LARGE_TRANSFER_CONCURRENCY = 4;

/** Manifests that one pull reads, and levels of indexes in one another. */
export const PULLED_MANIFEST_LIMIT = 1_000;
export const PULLED_DEPTH_LIMIT = 8;

/** Files that one pull writes. */
export const PULLED_FILE_LIMIT = 50_000;

/** Names that are tried when a file has to get another name. */
export const RENAME_LIMIT = 1_000;

/** Bytes read from the head of a file to see what it is. */
export const PROPOSAL_HEAD_SIZE = 64 * 1024;

/** Bytes of a JSON document that is parsed whole to see what it is. */
export const PROPOSAL_JSON_LIMIT = 32 * 1024 * 1024;

/** Up to this size a JSON document is always parsed whole, so that a broken one is not taken for what it claims to be. */
export const PROPOSAL_STRICT_SIZE = 1024 * 1024;

/** Names of an archive that are looked at, and bytes that are unpacked for them. */
export const PROPOSAL_ENTRY_LIMIT = 20_000;
export const PROPOSAL_UNPACKED_LIMIT = 256 * 1024 * 1024;

/** Bytes of a chart, and of its Chart.yaml (helm reads charts into memory whole as well). */
export const CHART_LIMIT = 64 * 1024 * 1024;
export const CHART_YAML_LIMIT = 1024 * 1024;

/** Entries of an archive in which a chart is looked for. */
export const CHART_ENTRY_LIMIT = 20_000;
