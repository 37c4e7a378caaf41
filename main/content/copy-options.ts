import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Platform } from '../../shared/oci/platform.ts';
import type { TargetWriter } from './target-writer.ts';
import type { Target, TargetOptions } from './target.ts';
import type { TransferReport } from './transfer-report.ts';

/** One artifact to be copied, with everything it consists of. */
export interface CopyRoot {
  /** A tag or digest of the source. */
  readonly reference: string | Descriptor;
  /** Names that it gets at the destination, set when everything else is there; none when it is known by its digest alone. */
  readonly tags: readonly string[];
}

/** The part of a place that is copied. */
export interface CopySelection extends TargetOptions {
  readonly from: Target;
  readonly roots: readonly CopyRoot[];
  /**
   * Whether what refers to every copied manifest comes along, and what refers to that: from the referrers API, fallback tags, cosign
   * tags (as tags), and the links of layouts.
   */
  readonly referrers: boolean;
  /** Of roots that are an index, only these platforms; see `choosePlatforms` for what is copied then. All when absent or empty. */
  readonly platforms?: readonly Platform[];
}

export interface CopyOptions extends CopySelection {
  /** A writer stays the caller's to finish and close; of a target it is opened, finished and closed here. */
  readonly to: Target | TargetWriter;
  /** Waits with every manifest until all of the source was read and all blobs are there: a damaged source leaves nothing that is seen. */
  readonly manifestsLast?: boolean;
  readonly report?: TransferReport;
}

/** A number of blobs and their bytes. */
export interface BlobAmount {
  readonly blobs: number;
  readonly bytes: number;
}

export interface CopyResult {
  /** What the roots are at the destination, in their order. */
  readonly roots: readonly Descriptor[];
  /** Blobs that were sent; bytes are those that went over the line, repeated ones too, and not what an earlier run had sent. */
  readonly sent: BlobAmount;
  /** Blobs that the destination took from another of its repositories. */
  readonly mounted: BlobAmount;
  /** Blobs that the destination had. */
  readonly skipped: BlobAmount;
  /** Manifests and indexes that were written, referrers among them. */
  readonly manifests: number;
  readonly referrers: number;
  /** cosign's tags that were set beside those of the roots. */
  readonly companionTags: readonly string[];
  /** What the person should know: what was left out, changed or replaced, and why. */
  readonly notes: readonly ErrorData[];
}

/** What a blob would cost. */
export interface PlannedBlob {
  readonly descriptor: Descriptor;
  /** `mountable`: another repository of the same place has it. */
  readonly state: 'present' | 'mountable' | 'missing';
}

/** What a copy would do, before it does anything. */
export interface CopyPlan {
  readonly roots: readonly Descriptor[];
  /** Manifests and indexes, referrers among them. */
  readonly manifests: number;
  readonly manifestBytes: number;
  readonly referrers: number;
  /** Each blob once. */
  readonly blobs: readonly PlannedBlob[];
  readonly present: BlobAmount;
  readonly mountable: BlobAmount;
  readonly toSend: BlobAmount;
  readonly companionTags: readonly string[];
  readonly notes: readonly ErrorData[];
}
