import { createHash } from 'node:crypto';
import type { Digest, VerifiableAlgorithm } from '../../shared/oci/digest.ts';

/** The digest of exactly these bytes, `sha256` where nothing else is asked for. */
export function digestOf(bytes: Uint8Array, algorithm: VerifiableAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}
