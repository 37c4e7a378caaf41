/**
 * The limits of everything that reads content graphs (reliability bar, section 1.D). Limits are compared with `>`;
 * 0 never means "off". Reaching one is an error with code LIMIT that names it, or a node in state `limited`.
 */

/** Bytes of a manifest or index that is read. distribution-spec asks for at least 4 megabytes; regclient reads 8 MiB. */
export const MANIFEST_LIMIT = 8 * 1024 * 1024;

/** Bytes of a config blob that is parsed; larger ones are only shown as they are. */
export const CONFIG_LIMIT = 8 * 1024 * 1024;

/** Longest way from a root of the walk to a manifest, counted in edges. */
export const WALK_DEPTH_LIMIT = 16;

/** Manifests and indexes that one walk reads. */
export const WALK_MANIFEST_LIMIT = 10_000;

/** Descriptors that one walk follows: children, configs, layers, subjects and referrers, repeated ones too. */
export const WALK_DESCRIPTOR_LIMIT = 200_000;

/** Bytes of manifests and indexes that one walk reads in all. */
export const WALK_MANIFEST_BYTES_LIMIT = 512 * 1024 * 1024;

/** Questions to a place that one walk has under way at once. */
export const WALK_CONCURRENCY = 40;

/** Bytes of blobs that one walk hashes where reading costs no network, so that damage is seen at once. */
export const WALK_BLOB_CHECK_LIMIT = 64 * 1024 * 1024;

/** Blobs that one walk looks at or hashes at once. */
export const WALK_BLOB_LOOKS = 8;

/** Tags that one walk takes from a listing; in a place with more, tags that would name a referrer are asked one by one. */
export const WALK_TAG_LIMIT = 10_000;

/** Pages of a tag listing that one walk reads. */
export const WALK_TAG_PAGE_LIMIT = 10;

/** Annotations of one node that a graph carries, and characters of one value; the rest is in the manifest itself. */
export const ANNOTATION_COUNT_LIMIT = 1_000;
export const ANNOTATION_LENGTH_LIMIT = 64 * 1024;

/** Least time between two steps of a walk, so that a window is not redrawn for every answer. */
export const WALK_STEP_INTERVAL_MS = 16;

/** Nodes and edges in one step of a walk; more of them go in steps of their own. */
export const WALK_STEP_SIZE = 2_000;

/** Manifests and indexes that one copy carries. */
export const COPY_MANIFEST_LIMIT = 100_000;

/** Blobs that one copy carries. */
export const COPY_BLOB_LIMIT = 1_000_000;

/** Longest way from a root of a copy to a manifest, counted in edges. */
export const COPY_DEPTH_LIMIT = 16;

/** Bytes of manifests that one copy keeps until they are written; those above are read once more then. */
export const COPY_KEPT_BYTES_LIMIT = 64 * 1024 * 1024;

/** Questions to the source that one copy has under way at once. */
export const COPY_READS = 40;

/** Blobs of at most so many bytes count as small: what they cost is the way there and back. */
export const COPY_SMALL_BLOB_BYTES = 1024 * 1024;

/** Small blobs, and others, that one copy has under way at once. */
export const COPY_SMALL_BLOBS = 32;
export const COPY_LARGE_BLOBS = 6;

/** Writes of manifests, and of tags, that one copy has under way at once. */
export const COPY_MANIFEST_WRITES = 32;

/** Manifests that go into one write. */
export const COPY_WAVE_SIZE = 200;

/** So long a manifest waits for others about the same subject that are about to be ready. */
export const COPY_GATHER_MS = 100;

/** Notes in the result of a copy; one more says how many there are beyond. */
export const COPY_NOTE_LIMIT = 100;

/** Tags that planning a deletion looks at: a registry is asked for each, since it lists them without digests. */
export const DELETE_TAG_LIMIT = 5_000;

/** Manifests and indexes that planning a deletion reads. */
export const DELETE_MANIFEST_LIMIT = 10_000;
