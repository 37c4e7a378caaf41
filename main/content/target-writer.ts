import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { Platform } from '../../shared/oci/platform.ts';
import type { Target, TargetOptions } from './target.ts';

/** The bytes of a blob, which can be read again from any place: sending goes on where it stopped. */
export interface BlobSource {
  /** The bytes from `offset` to the end. The reader checks nothing; whoever stores them does. */
  open(offset: number, options: TargetOptions): AsyncIterable<Uint8Array>;
  /**
   * It has read its bytes before to know their digest, and fails by itself when they are others now. A place that computes the digest
   * of what it gets (every registry) then need not have it computed a third time on the way; one that stores the bytes itself does.
   */
  readonly checksItself?: true;
}

export interface WriteBlobOptions extends TargetOptions {
  /** Told how many bytes of this blob the place has so far; less than before when a part has to be sent again. */
  readonly onProgress?: (written: number) => void;
  /** What `onResumable` told in an earlier run, also of another process: the upload goes on there if the place still knows it. */
  readonly resume?: string;
  /**
   * Told what continues this upload later (printable, at most 8 kB, never a secret); each one replaces the one before. Where it is given,
   * an abort leaves the upload to be continued, or to be ended by `forgetUpload`; else an abort ends it.
   */
  readonly onResumable?: (state: string) => void;
}

export interface BlobWritten {
  /** `present`: the place had it and nothing was sent. */
  readonly outcome: 'stored' | 'present';
  /** Bytes that were sent by this call, those that had to be sent again included. */
  readonly sent: number;
}

/** A manifest or index to be written; its bytes are kept as they are. */
export interface ManifestToWrite {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Checked where given, and decides the algorithm; else it is sha256. */
  readonly digest?: Digest;
  /** Names that it gets, after everything else is in place. */
  readonly tags?: readonly string[];
  /** Noted beside it by places that list platforms. */
  readonly platform?: Platform;
}

export interface ManifestsWritten {
  /** In the order in which they were given. */
  readonly descriptors: readonly Descriptor[];
  /** What the person should know: a fallback tag that was left alone, a referrer that the place cannot list. */
  readonly notes: readonly ErrorData[];
}

export interface WriteManifestsOptions extends TargetOptions {
  /**
   * Told of each manifest when it can be read at the place, perhaps before what makes it findable is done: what depends on it may be
   * written then. Absent calls mean that nobody can say so before the end.
   */
  readonly onStored?: (digest: Digest) => void;
}

/** Where content lies from which another repository of the same place can take it without sending (spec: mounting). */
export interface MountSource {
  /** Equal for repositories that share their blobs: `registry:localhost:5000`. */
  readonly place: string;
  readonly repository: string;
}

/**
 * The writing side of a place, as `Target` is its reading side. Content comes before what names it: blobs, then the manifests
 * that list them, then indexes, then referrers, tags last; `finish` when all of it is there.
 */
export interface TargetWriter {
  /** The reading side; it sees what was written. */
  readonly target: Target;

  /** Whether the place has the blob, so that it need not be sent. */
  hasBlob(descriptor: Descriptor, options: TargetOptions): Promise<boolean>;

  /**
   * Stores a blob, checked against digest and size on its way. When the place has it, nothing is read.
   * @throws TallymanError DIGEST_MISMATCH, SIZE_MISMATCH, DENIED, UNAUTHORIZED, LIMIT, CONFLICT, …; what the source throws.
   */
  writeBlob(descriptor: Descriptor, source: BlobSource, options: WriteBlobOptions): Promise<BlobWritten>;

  /** Ends an upload that will not be continued: what `onResumable` told. Quick, and without complaint when the place does not know it. */
  forgetUpload?(state: string, options: TargetOptions): Promise<void>;

  /** Takes a blob from another repository of the same place. False when that did not work: it has to be sent then. */
  mountBlob?(descriptor: Descriptor, from: MountSource, options: TargetOptions): Promise<boolean>;

  /**
   * Stores manifests of which none names another, each with what makes it findable from its subject in places where that is the
   * client's task (spec: referrers tag). Tags are set last.
   */
  writeManifests(
    manifests: readonly ManifestToWrite[],
    options: WriteManifestsOptions,
  ): Promise<ManifestsWritten>;

  /** Names a manifest that is there; the name leaves whatever had it. */
  tag(tag: string, descriptor: Descriptor, options: TargetOptions): Promise<void>;

  /** Takes a name away and leaves the content. Absent where a place has no such thing; UNSUPPORTED where it refuses. */
  untag?(tag: string, options: TargetOptions): Promise<void>;

  /**
   * Removes a manifest with every name it has, and its line in what lists it below its subject.
   * @throws TallymanError NOT_FOUND; UNSUPPORTED where the place does not delete.
   */
  removeManifest?(
    descriptor: Descriptor,
    options: TargetOptions,
  ): Promise<{ readonly notes: readonly ErrorData[] }>;

  /** Everything is written. Places that are one file get their end here. */
  finish(options: TargetOptions): Promise<void>;

  /** Lets go of files and locks. Without `finish` before, a place that was made by this writer is not there. */
  close(): Promise<void>;
}
