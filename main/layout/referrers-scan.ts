import {
  TallymanError,
  isCancellation,
  toErrorData,
  type ErrorData,
} from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { isIndexMediaType, isManifestMediaType } from '../../shared/oci/media-types.ts';
import { parseCompanionTag } from '../../shared/oci/referrers-tag.ts';
import {
  WALK_DEPTH_LIMIT,
  WALK_DESCRIPTOR_LIMIT,
  WALK_MANIFEST_BYTES_LIMIT,
  WALK_MANIFEST_LIMIT,
} from '../content/limits.ts';
import type { FetchedManifest } from '../content/target.ts';
import { createTaskPool } from '../content/task-pool.ts';
import type { LayoutEntry, LayoutIndex } from './layout-index.ts';
import { SCAN_CONCURRENCY } from './limits.ts';
import { scanManifest, type ScannedManifest } from './scanned-manifest.ts';

/** Which manifests of a layout name which subject. */
export interface ReferrersScan {
  readonly bySubject: ReadonlyMap<Digest, readonly Descriptor[]>;
  /** Manifests that could not be read, and limits that were reached: any of them may hide a referrer. */
  readonly failures: readonly ErrorData[];
}

export interface ScanOptions {
  /** Manifests that were read before; what they say never changes. New ones are added. */
  readonly known: Map<Digest, ScannedManifest>;
  /** Reads one manifest, verified. @throws TallymanError MISSING when the layout does not hold it. */
  readonly fetch: (descriptor: Descriptor, signal: AbortSignal) => Promise<FetchedManifest>;
  readonly signal: AbortSignal;
}

/**
 * Reads every manifest that `index.json` leads to, by its entries and by the children of indexes, and notes whom it names
 * as subject. A `sha256-…` fallback index is not descended into: what only it lists is found by its tag, as in a registry.
 * Content that the layout does not hold is no failure (a layout may be sparse); everything else that was not read is.
 */
export async function scanReferrers(
  index: LayoutIndex,
  { known, fetch, signal }: ScanOptions,
): Promise<ReferrersScan> {
  const pool = createTaskPool(SCAN_CONCURRENCY, signal);
  const found: ScannedManifest[] = [];
  const failures: ErrorData[] = [];
  const visited = new Set<Digest>();
  const limits = new ScanLimits(failures);

  const read = async (descriptor: Descriptor): Promise<ScannedManifest | undefined> => {
    const before = known.get(descriptor.digest);
    if (before !== undefined) return before;
    try {
      const scanned = scanManifest(await pool.run(() => fetch(descriptor, signal)));
      known.set(descriptor.digest, scanned);
      return scanned;
    } catch (error) {
      if (isCancellation(error) || signal.aborted) throw error;
      if (!(error instanceof TallymanError && error.code === 'MISSING'))
        failures.push(failureOf(descriptor, error));
      return undefined;
    }
  };

  const visit = async (descriptor: Descriptor, depth: number, descend: boolean): Promise<void> => {
    if (!isManifestMediaType(descriptor.mediaType) || visited.has(descriptor.digest)) return;
    if (!limits.allows(descriptor, depth)) return;
    visited.add(descriptor.digest);
    const scanned = await read(descriptor);
    if (scanned === undefined) return;
    found.push(scanned);
    if (!descend || !limits.allowsChildren(scanned.children.length)) return;
    await Promise.all(scanned.children.map((child) => visit(child, depth + 1, true)));
  };

  const roots = index.entries
    .filter((entry) => !isFallbackIndex(entry))
    .flatMap((entry) => entry.descriptor ?? []);
  await Promise.all(roots.map((root) => visit(root, 0, true)));
  // A fallback index may itself be about something; only what it lists is left to the tag.
  const fallbacks = index.entries.filter(isFallbackIndex).flatMap((entry) => entry.descriptor ?? []);
  await Promise.all(fallbacks.map((fallback) => visit(fallback, 0, false)));

  return { bySubject: groupBySubject(found), failures };
}

function isFallbackIndex({ refName, descriptor }: LayoutEntry): boolean {
  if (refName === undefined || descriptor === undefined || !isIndexMediaType(descriptor.mediaType))
    return false;
  return parseCompanionTag(refName)?.form === 'fallback';
}

function groupBySubject(manifests: readonly ScannedManifest[]): ReadonlyMap<Digest, readonly Descriptor[]> {
  const bySubject = new Map<Digest, Descriptor[]>();
  for (const { subject, descriptor } of manifests) {
    if (subject === undefined) continue;
    const referrers = bySubject.get(subject);
    if (referrers === undefined) bySubject.set(subject, [descriptor]);
    else referrers.push(descriptor);
  }
  return bySubject;
}

function failureOf(descriptor: Descriptor, error: unknown): ErrorData {
  const data = toErrorData(error);
  return {
    ...data,
    message: `${descriptor.digest} was not searched for a subject: ${data.message}`,
    details: { ...data.details, digest: descriptor.digest },
  };
}

/** Counts what a scan does; the first time a limit stops something, it becomes a failure. */
class ScanLimits {
  readonly #failures: ErrorData[];
  readonly #reached = new Set<string>();
  #manifests = 0;
  #bytes = 0;
  #descriptors = 0;

  constructor(failures: ErrorData[]) {
    this.#failures = failures;
  }

  allows(descriptor: Descriptor, depth: number): boolean {
    if (depth > WALK_DEPTH_LIMIT) return this.#reach('levels of nested indexes', WALK_DEPTH_LIMIT);
    if (this.#manifests + 1 > WALK_MANIFEST_LIMIT) return this.#reach('manifests', WALK_MANIFEST_LIMIT);
    if (this.#bytes + descriptor.size > WALK_MANIFEST_BYTES_LIMIT) {
      return this.#reach('bytes of manifests', WALK_MANIFEST_BYTES_LIMIT);
    }
    this.#manifests += 1;
    this.#bytes += descriptor.size;
    return true;
  }

  allowsChildren(count: number): boolean {
    if (this.#descriptors + count > WALK_DESCRIPTOR_LIMIT)
      return this.#reach('children of indexes', WALK_DESCRIPTOR_LIMIT);
    this.#descriptors += count;
    return true;
  }

  #reach(what: string, limit: number): false {
    if (!this.#reached.has(what)) {
      this.#reached.add(what);
      this.#failures.push({
        code: 'LIMIT',
        message: `The search for referrers stopped at ${limit} ${what}: there may be more referrers.`,
        hint: 'Open a smaller layout, or copy the artifact in question into one of its own.',
        details: { limit },
      });
    }
    return false;
  }
}
