import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Digest } from '../../shared/oci/digest.ts';

/** One blob or file on its way, as a person sees it. */
export interface CarriedItem {
  /** Its own within the work: the digest, or the file's name where there is none yet. */
  readonly id: string;
  /** Title, file name, or what it is: "layer 3", "config". Foreign text: shown by `displayText`. */
  readonly name: string;
  readonly digest?: Digest;
  /** `present`: the place had it. `mounted`: taken from another repository. `kept`: a file of that name was there and stayed. */
  readonly state: 'waiting' | 'running' | 'done' | 'present' | 'mounted' | 'kept' | 'failed';
  /** Bytes at the destination; less than before when a part has to be sent again. */
  readonly done: number;
  readonly size: number;
  readonly error?: ErrorData;
}

/** Whoever carries blobs or files tells this, and asks it where an earlier run stopped. All of it may be left out. */
export interface TransferReport {
  /** The item as it is now; first of all as `waiting` (or `present`) when it is known, so that the total is. Cheap: call it for every chunk. */
  readonly onItem?: (item: CarriedItem) => void;
  /** What `onResumable` told of this blob in an earlier run, also of another process: for `WriteBlobOptions.resume`. */
  readonly resumeOf?: (digest: Digest) => string | undefined;
  /**
   * Told by `WriteBlobOptions.onResumable`. Where it is given, work that is aborted leaves its upload or partial content where it is
   * and whoever gave it lets go of it; where it is not, the work does so itself.
   */
  readonly onResumable?: (digest: Digest, state: string) => void;
}
