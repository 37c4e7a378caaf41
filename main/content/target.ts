import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { MountSource, TargetWriter } from './target-writer.ts';

/** A manifest as it came: the bytes are never re-serialised, so the digest holds for ever (image-spec considerations.md). */
export interface FetchedManifest {
  /** Media type as the place gave it (Content-Type without parameters, or the index entry), digest and size of `bytes`. */
  readonly descriptor: Descriptor;
  /** Verified: `descriptor.digest` was computed from, or checked against, exactly these bytes. */
  readonly bytes: Uint8Array;
}

/** One entry of a place's listing. Registries know tags and no digests; layouts know both, and entries without a tag. */
export interface TargetEntry {
  readonly tag?: string;
  readonly descriptor?: Descriptor;
  /** What is wrong with the entry itself; without a descriptor it names nothing that could be read. */
  readonly problems?: readonly ErrorData[];
}

/** What a cheap look says about content that was not read. */
export type ContentPresence =
  { readonly state: 'present'; readonly size: number } | { readonly state: 'missing' };

/** The ways in which a place itself can answer "what refers to this digest". */
export type ReferrersSourceName = 'referrers-api' | 'layout-link';

/** "None" is `listed` with no referrers; "could not look" is a thrown error; the three never mix (bar, F2). */
export type ReferrersAnswer =
  | {
      readonly outcome: 'listed';
      readonly referrers: readonly Descriptor[];
      /** What could not be looked at, so that there may be more referrers than these; absent when everything was. */
      readonly failures?: readonly ErrorData[];
    }
  | { readonly outcome: 'unsupported'; readonly reason: string };

/** The part of a target that answers which manifests name a subject. */
export interface ReferrersSource {
  readonly name: ReferrersSourceName;
  /**
   * Descriptors of manifests that claim `subject`, whole (all pages), unfiltered. The caller still reads each manifest
   * and checks its own `subject`.
   * @throws TallymanError when the place could not be asked; never an empty list instead.
   */
  list(subject: Digest, options: TargetOptions): Promise<ReferrersAnswer>;
}

export interface TargetOptions {
  readonly signal: AbortSignal;
}

export interface ReadBlobOptions extends TargetOptions {
  /** First byte wanted; 0 when absent. Content from an offset is not verified: only whole blobs are. */
  readonly offset?: number;
  /** How many bytes from `offset`; to the end when absent. */
  readonly length?: number;
  /** The reader checks size and digest itself, so that the bytes need not be hashed twice. */
  readonly unchecked?: boolean;
}

/**
 * A place that holds a content graph: a repository in a registry, or an OCI image layout. Reading, explaining and
 * copying are written against this and never ask which kind they have; what a kind lacks is an absent optional part.
 */
export interface Target {
  /** How the place is called in texts: `localhost:5000/team/app`, `./release-layout`. */
  readonly label: string;

  /**
   * The manifest behind a tag or digest, bytes verified against the digest (asked for or announced).
   * @throws TallymanError NOT_FOUND or MISSING when the place has none, LIMIT above the manifest limit, DIGEST_MISMATCH, …
   */
  fetchManifest(reference: string | Descriptor, options: TargetOptions): Promise<FetchedManifest>;

  /**
   * Digest, type and size behind a tag or digest without reading the content where that is possible.
   * Undefined when the place answers that there is none.
   */
  resolve(reference: string, options: TargetOptions): Promise<Descriptor | undefined>;

  /** The bytes of a blob. A whole read (no offset, no length) fails at its end when size or digest do not match. */
  readBlob(descriptor: Descriptor, options: ReadBlobOptions): AsyncIterable<Uint8Array>;

  /** Every tag (and every untagged entry, where the place knows them) in pages as they come. */
  listEntries?(options: TargetOptions): AsyncIterable<readonly TargetEntry[]>;

  /** Present only where the place can answer by itself; tags that name a subject are looked up by the walk. */
  readonly referrers?: ReferrersSource;

  /** Present only where looking costs almost nothing (a file's size): the walk then marks missing and damaged blobs. */
  inspectBlob?(descriptor: Descriptor, options: TargetOptions): Promise<ContentPresence>;

  /** Where its blobs can be mounted from. */
  readonly mountSource?: MountSource;

  /** Present only where the place can be written to, as far as can be known without asking. */
  openWriter?(options: TargetOptions): Promise<TargetWriter>;
}
