import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Target } from '../../content/target.ts';
import type { ServedBlob } from '../served-registry.ts';
import { holdBackLast } from './hold-back-last.ts';
import type { VerifiedBlobs } from './verified-blobs.ts';

/**
 * A blob of a target. Read whole it is verified: its last bytes come only when all were right.
 * @param verified - content of this very target, which is a layout's, that needs it once only; undefined where it may change behind
 * its digest.
 */
export function servedBlob(
  target: Target,
  descriptor: Descriptor,
  verified: VerifiedBlobs | undefined,
): ServedBlob {
  return {
    size: descriptor.size,
    areChunksOwn: verified !== undefined,
    async *read(part, signal) {
      if (part !== undefined) {
        yield* target.readBlob(descriptor, { ...part, signal });
      } else if (verified?.has(descriptor.digest) === true) {
        yield* target.readBlob(descriptor, { offset: 0, length: descriptor.size, signal });
      } else {
        yield* holdBackLast(target.readBlob(descriptor, { signal }));
        verified?.add(descriptor.digest);
      }
    },
  };
}
