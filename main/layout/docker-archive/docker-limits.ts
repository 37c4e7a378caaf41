/** Limits of docker archives (reliability bar, section 1.D), compared with `>`. Reaching one is an error with code LIMIT. */

/** Bytes of `manifest.json`, of `repositories`, and of one `json` of the old form. */
export const DOCKER_LIST_LIMIT = 8 * 1024 * 1024;

/** Bytes of all paths in one archive. */
export const DOCKER_PATHS_LIMIT = 64 * 1024 * 1024;

/** Images in one archive, repeated ones too. */
export const DOCKER_IMAGE_LIMIT = 10_000;

/** Names that the images of one archive have. */
export const DOCKER_NAME_LIMIT = 100_000;

/** Layers that the images of one archive name, repeated ones too. */
export const DOCKER_LAYER_LIMIT = 200_000;

/** Links from one name to the next. */
export const DOCKER_LINK_LIMIT = 16;
