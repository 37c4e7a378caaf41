import { z } from 'zod';
import { plain } from './procedure.ts';
import { PICKS } from './transfer-words.ts';

/** Characters of the token that stands for a file. */
const TOKEN_LIMIT = 128;
/** Files and folders that a page may stream to its host in one drop. */
const DROPPED_FILES_LIMIT = 20_000;

/**
 * A file or folder of this machine that a person chose. A window never names a path (reliability bar, F7 and W9): it gets a
 * token for what was picked in a dialog, dropped on it, or streamed up, good until Tallyman ends.
 */
export const fileToken = z.string().max(TOKEN_LIMIT);

export const grantedFileSchema = z.object({
  token: fileToken,
  /** Last part of its path. */
  name: z.string(),
  kind: z.enum(['file', 'folder']),
  /** Where it lies, to be shown; of what was streamed up, the name only. */
  location: z.string(),
  /** Bytes, of a folder all below it; absent for what is not there yet. */
  size: z.number().exactOptional(),
});
export type GrantedFile = z.infer<typeof grantedFileSchema>;

export const fileProcedures = {
  /** Lets the person choose in a native dialog; nothing when they close it. UNSUPPORTED where `host.info` says `canPickFiles: false`. */
  'files.pick': plain(
    z.object({ what: z.enum(PICKS), suggestedName: z.string().max(255).exactOptional() }),
    z.object({ files: z.array(grantedFileSchema) }),
  ),
  /**
   * A place to write to, typed by the person: for hosts without dialogs only. A folder that exists or can be made in one that
   * exists; never hidden and never one of the system.
   */
  'files.typeDestination': plain(
    z.object({ path: z.string().max(4096), what: z.enum(['folder', 'archive']) }),
    z.object({ file: grantedFileSchema }),
  ),
  /**
   * Begins to take in what was dropped on a page. The page then sends the bytes of all files, one behind the other in this order,
   * in pieces of at most `DROP_PIECE_SIZE`: a POST each of `application/octet-stream` to `address` + the offset, 204 when it was
   * taken. After an interruption `files.dropped` says where to go on.
   */
  'files.drop': plain(
    z.object({
      files: z
        .array(
          z.object({
            /** Below the drop, parts separated by "/": `sbom.json`, `docs/a/b.md`. */
            path: z.string().max(4096),
            /** Bytes; absent for a folder that is empty. */
            size: z.number().int().nonnegative().exactOptional(),
          }),
        )
        .min(1)
        .max(DROPPED_FILES_LIMIT),
    }),
    z.object({ drop: fileToken, address: z.string() }),
  ),
  /** What came of a drop so far; `files`, its top-level files and folders, only when all of it is there. */
  'files.dropped': plain(
    z.object({ drop: fileToken }),
    z.object({
      received: z.number(),
      total: z.number(),
      files: z.array(grantedFileSchema).exactOptional(),
    }),
  ),
  /** Removes what was taken in of a drop that is not wanted any more; what a job uses stays until that ends. */
  'files.forgetDrop': plain(z.object({ drop: fileToken }), z.object({})),
} as const;
