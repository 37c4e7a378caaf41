// The closed sets of words of transfers. Apart from their schemas, because the window uses the words and carries no zod.

/** What a job does. */
export const TRANSFER_KINDS = ['push', 'attach', 'pull', 'copy', 'import', 'export', 'delete'] as const;
export type TransferKind = (typeof TRANSFER_KINDS)[number];

/**
 * Where a job stands.
 * - `planning`: finds out what there is to do
 * - `waiting`: planned; others run first
 * - `running`
 * - `paused`: by a person; goes on where it stopped
 * - `interrupted`: Tallyman ended meanwhile; goes on where it stopped when a person says so
 * - `done`, `failed`, `cancelled`: ended
 */
export const TRANSFER_STATES = [
  'planning',
  'waiting',
  'running',
  'paused',
  'interrupted',
  'done',
  'failed',
  'cancelled',
] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

/** True for a job that will not change any more, unless it is tried again. */
export function hasEnded(state: TransferState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/**
 * What became of one blob or file of a job.
 * - `present`: the place had it, nothing was sent
 * - `mounted`: the registry took it from another of its repositories, nothing was sent
 * - `kept`: a file of that name was there and stayed (pull)
 */
export const TRANSFER_ITEM_STATES = [
  'waiting',
  'running',
  'done',
  'present',
  'mounted',
  'kept',
  'failed',
] as const;

/** What happens to a file that is there already when a pull would write one of the same name. */
export const EXISTING_FILE_CHOICES = ['keep', 'overwrite', 'rename'] as const;
export type ExistingFileChoice = (typeof EXISTING_FILE_CHOICES)[number];

/** Versions of the image specification by which an artifact can be written. */
export const IMAGE_SPEC_VERSIONS = ['1.1', '1.0'] as const;
export type ImageSpecVersion = (typeof IMAGE_SPEC_VERSIONS)[number];

/** What a pull takes out of an artifact: its files, or the file system of an image as a tar. */
export const PULL_PARTS = ['files', 'rootfs'] as const;
export type PullPart = (typeof PULL_PARTS)[number];

/** What a native dialog is asked for. */
export const PICKS = ['files', 'folders', 'archive', 'save-folder', 'save-archive'] as const;
export type Pick = (typeof PICKS)[number];

/** The way in which files become an artifact: as `oras push` does it, or a chart as `helm push` does it. */
export const PUSH_FORMS = ['files', 'chart'] as const;
export type PushForm = (typeof PUSH_FORMS)[number];

/** What is proposed to do with a file that was dropped. */
export const PROPOSED_ACTIONS = ['push', 'import'] as const;

/** Items of one job that a window is told of: those that run or failed, then the latest. */
export const TRANSFER_ITEMS_SHOWN = 100;

/** Bytes of one piece of a file that a page streams to its host. */
export const DROP_PIECE_SIZE = 8 * 1024 * 1024;
