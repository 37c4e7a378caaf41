import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { PushedManifest } from './push-manifest.ts';

/** Bytes of manifests that one writer keeps, to give them tags without reading them again. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** Manifests that were pushed a short time ago. */
export interface RecentManifests {
  remember(manifest: PushedManifest): void;
  /** Undefined when it is not kept, or is kept as another media type. */
  find(descriptor: Descriptor): PushedManifest | undefined;
}

export function createRecentManifests(): RecentManifests {
  const kept = new Map<Digest, PushedManifest>();
  let bytes = 0;
  return {
    remember({ bytes: own, descriptor }) {
      if (kept.has(descriptor.digest) || own.byteLength > KEPT_BYTES) return;
      kept.set(descriptor.digest, { bytes: own, descriptor });
      bytes += own.byteLength;
      for (const [digest, oldest] of kept) {
        if (bytes <= KEPT_BYTES) break;
        kept.delete(digest);
        bytes -= oldest.bytes.byteLength;
      }
    },
    find({ digest, mediaType }) {
      const manifest = kept.get(digest);
      return manifest?.descriptor.mediaType === mediaType ? manifest : undefined;
    },
  };
}
