import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { ParsedManifest } from '../../shared/oci/manifest.ts';
import { contentOf } from './manifest-content.ts';

/** A manifest that a deletion is about. */
export interface PlannedManifest {
  readonly descriptor: Descriptor;
  /** Undefined where it could not be read. */
  readonly parsed: ParsedManifest | undefined;
  /** Its own bytes and those of its config and layers, each once. What others need too stays, and bytes go only when the place cleans up. */
  readonly bytes: number;
  /** Every tag that names it now, in the order of the listing. */
  readonly tags: readonly string[];
}

/** Something that refers to what is deleted. */
export interface PlannedReferrer extends PlannedManifest {
  /** What it refers to: the digest itself, or another referrer. */
  readonly subject: Digest;
}

/** An index that stays and lacks something afterwards. */
export interface ContainingIndex extends PlannedManifest {
  /** What it names of all that may go. */
  readonly contains: readonly Digest[];
}

/** Everything that a deletion takes with it or leaves broken, found out before anything is deleted. */
export interface DeletePlan {
  /** The place, for texts. */
  readonly label: string;
  /** The tag that was asked for; undefined for a digest. */
  readonly tag: string | undefined;
  readonly root: PlannedManifest;
  /** Over all levels, in the order in which they can go: what refers to another one comes before it. */
  readonly referrers: readonly PlannedReferrer[];
  readonly indexes: readonly ContainingIndex[];
  /** What could not be looked at: there may be more tags, referrers or indexes than these. Empty when everything was seen. */
  readonly unseen: readonly ErrorData[];
}

/** Bytes that a manifest stands for: see `PlannedManifest.bytes`. */
export function bytesOf(descriptor: Descriptor, parsed: ParsedManifest | undefined): number {
  const sizes = new Map<Digest, number>();
  if (parsed !== undefined && parsed.form !== 'index') {
    for (const { digest, descriptor: named } of contentOf(parsed)) sizes.set(digest, named?.size ?? 0);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, descriptor.size);
}
