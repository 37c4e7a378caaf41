import { CHUNK_BYTES, WHOLE_BLOB_BYTES } from './upload-limits.ts';

/** What earlier uploads taught about a registry, so that each of its ways costs one request in vain and not one per blob. */
export interface UploadHabits {
  /** Whether it takes a blob with the opening POST (distribution-spec, Single POST; distribution does not, quirk B6). */
  singlePost: 'unknown' | 'taken' | 'refused';
  /** Largest blob that is sent in one request. */
  wholeLimit: number;
  /** Largest part; cut when the registry refuses one (quirk B2). */
  chunkLimit: number;
}

/** Nothing learned yet. */
export function createUploadHabits(): UploadHabits {
  return { singlePost: 'unknown', wholeLimit: WHOLE_BLOB_BYTES, chunkLimit: CHUNK_BYTES };
}
