import type { FetchedManifest } from '../content/target.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest, VerifiableAlgorithm } from '../../shared/oci/digest.ts';

// What the HTTP side needs of a store. Nothing in here knows of requests and answers; nothing in `http/` knows of files.

export interface ServedOptions {
  /** Aborted when the client went away or the server stops. */
  readonly signal: AbortSignal;
  /** Takes a sentence for the person at the other end: it becomes a `Warning`. */
  readonly note: (text: string) => void;
}

/** A blob that a repository holds. */
export interface ServedBlob {
  /** Bytes. */
  readonly size: number;
  /** Each chunk that is read is in a buffer of its own that nobody keeps. */
  readonly areChunksOwn: boolean;
  /**
   * Its bytes. A whole read (no part asked for) fails before its last byte when they do not have the digest.
   * @throws TallymanError
   */
  read(
    part: { readonly offset: number; readonly length: number } | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
}

export interface FindBlobOptions extends ServedOptions {
  /** The asker may name it in a manifest next: garbage collection leaves it alone for a while. */
  readonly keep: boolean;
}

export interface ReferrersOptions extends ServedOptions {
  readonly artifactType: string | undefined;
  /** Only digests that sort after this text. */
  readonly after: string | undefined;
}

/** One repository. Undefined always means "not in this repository"; what could not be looked at is thrown or noted. */
export interface ServedRepository {
  /** What a tag or digest names, with the real size. */
  resolve(reference: string, options: ServedOptions): Promise<Descriptor | undefined>;
  fetchManifest(reference: string, options: ServedOptions): Promise<FetchedManifest | undefined>;
  findBlob(digest: Digest, options: FindBlobOptions): Promise<ServedBlob | undefined>;
  /** Sorted by their bytes. Undefined when there is no such repository. */
  listTags(options: ServedOptions): Promise<readonly string[] | undefined>;
  /** Sorted by digest; with artifact type and annotations (distribution-spec, Listing Referrers). */
  listReferrers(subject: Digest, options: ReferrersOptions): AsyncIterable<Descriptor>;
  /** Absent where nothing can be written. */
  readonly writer?: RepositoryWriter;
}

export interface PushedManifest {
  readonly bytes: Uint8Array;
  /** As it was sent, without parameters; it agrees with the document. */
  readonly mediaType: string;
  /** Checked against the bytes. */
  readonly digest: Digest;
  readonly tags: readonly string[];
}

/** Writes into one repository. What was confirmed survives a crash at any later moment. */
export interface RepositoryWriter {
  /** @throws TallymanError */
  putManifest(manifest: PushedManifest, options: ServedOptions): Promise<void>;
  /** All three answer whether there was such a thing in this repository. */
  deleteTag(tag: string, options: ServedOptions): Promise<boolean>;
  deleteManifest(digest: Digest, options: ServedOptions): Promise<boolean>;
  deleteBlob(digest: Digest, options: ServedOptions): Promise<boolean>;
  /**
   * Takes a blob over from another repository, or from any when none is named.
   * @returns false when that one does not hold it.
   */
  mountBlob(digest: Digest, from: string | undefined, options: ServedOptions): Promise<boolean>;
  beginUpload(algorithm: VerifiableAlgorithm | undefined): Upload;
  /** Also one that was begun before this program was started. */
  findUpload(id: string, options: ServedOptions): Promise<Upload | undefined>;
}

/** Bytes that come for an upload. */
export interface UploadPart {
  /** Opens them, once. They end with the reason of the signal when it is given. */
  readonly open: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** How many, where that is known. */
  readonly length: number | undefined;
  /** Where in the blob they belong; at the end of what is there when undefined. */
  readonly start: number | undefined;
}

/** A blob on its way in. Its operations take their turns. */
export interface Upload {
  /** A UUID. */
  readonly id: string;
  /** Bytes so far. */
  readonly size: number;
  /** Waits a moment for what is being sent: a connection that broke off is noticed then, and the size is the last word. */
  settle(): Promise<void>;
  /**
   * Adds bytes. When the source fails, those that came stay.
   * @throws Refusal 416 when they do not belong where the upload ends; nothing is read of them then.
   */
  append(part: UploadPart, signal: AbortSignal): Promise<void>;
  /**
   * Adds the last bytes, if any, and makes the whole a blob of the repository.
   * @throws Refusal as `append`; TallymanError DIGEST_MISMATCH: the upload is over then.
   */
  finish(digest: Digest, part: UploadPart | undefined, signal: AbortSignal): Promise<void>;
  /** Throws it away. */
  cancel(signal: AbortSignal): Promise<void>;
}

/** A set of repositories. */
export interface ServedRegistry {
  /** For texts. */
  readonly label: string;
  /** Whether any repository can be written. */
  readonly writable: boolean;
  /** The repository of a name that fits the grammar, whether it has content or not. */
  repository(name: string): ServedRepository;
  /** Names of repositories with content, sorted by their bytes. */
  listRepositories(options: ServedOptions): Promise<readonly string[]>;
  /** Takes no more bytes of uploads; those that came are kept, to be resumed by whoever serves the same content next. */
  suspendUploads(): Promise<void>;
  /** Ends reading and writing. */
  close(): Promise<void>;
}
