import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { isDigest } from '../../../shared/oci/digest.ts';
import type { FetchedManifest, Target, TargetOptions } from '../../content/target.ts';
import { createSizeLimitedCache } from './size-limited-cache.ts';

/** Bytes of manifests kept in memory for rows and the inspector. */
export const MANIFEST_CACHE_BYTES = 64 * 1024 * 1024;
/** What an entry costs beside its bytes. */
const ENTRY_OVERHEAD = 512;

/**
 * Manifests that were read and verified, by place and digest: a digest never changes its bytes, so they stay as long as there is room.
 * By place, because another place may lack the same manifest and must be seen to lack it.
 */
export interface ManifestCache {
  /** Asks the place every time, so that what was deleted is seen as missing, and keeps what it read for `remembering`. */
  fresh(target: Target, place: string): Target;
  /** Asks the place only for what was not read yet. */
  remembering(target: Target, place: string): Target;
}

export function createManifestCache(limit: number = MANIFEST_CACHE_BYTES): ManifestCache {
  const cache = createSizeLimitedCache<FetchedManifest>(limit);

  const fetchAndKeep = async (
    target: Target,
    place: string,
    reference: string | Descriptor,
    options: TargetOptions,
  ): Promise<FetchedManifest> => {
    const fetched = await target.fetchManifest(reference, options);
    cache.set(`${place} ${fetched.descriptor.digest}`, fetched, fetched.bytes.byteLength + ENTRY_OVERHEAD);
    return fetched;
  };

  return {
    fresh: (target, place) =>
      derive(target, (reference, options) => fetchAndKeep(target, place, reference, options)),
    remembering: (target, place) =>
      derive(target, async (reference, options) => {
        const digest = typeof reference === 'string' ? reference : reference.digest;
        const known = isDigest(digest) ? cache.get(`${place} ${digest}`) : undefined;
        // A descriptor that says something else than the bytes has to meet the target's own checks.
        if (known !== undefined && agrees(reference, known)) return known;
        return await fetchAndKeep(target, place, reference, options);
      }),
  };
}

function agrees(reference: string | Descriptor, { descriptor }: FetchedManifest): boolean {
  return (
    typeof reference === 'string' ||
    (reference.size === descriptor.size && reference.mediaType === descriptor.mediaType)
  );
}

/** The same target with another way to read manifests. Methods are called on the original: its `this` may matter. */
function derive(target: Target, fetchManifest: Target['fetchManifest']): Target {
  const { referrers } = target;
  // Bound: the parts are optional, and called on the original.
  const listEntries = target.listEntries?.bind(target);
  const inspectBlob = target.inspectBlob?.bind(target);
  return {
    label: target.label,
    fetchManifest,
    resolve: (reference, options) => target.resolve(reference, options),
    readBlob: (descriptor, options) => target.readBlob(descriptor, options),
    ...(referrers === undefined ? {} : { referrers }),
    ...(listEntries === undefined ? {} : { listEntries }),
    ...(inspectBlob === undefined ? {} : { inspectBlob }),
  };
}
