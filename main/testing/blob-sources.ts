import { createHash } from 'node:crypto';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import type { BlobSource } from '../content/target-writer.ts';

/** A blob to be written. */
export interface TestBlob {
  readonly descriptor: Descriptor;
  readonly source: BlobSource;
}

/** Bytes in memory as a blob; `piece` is how many come at a time. */
export function blobOf(
  bytes: Uint8Array,
  algorithm: 'sha256' | 'sha512' = 'sha256',
  piece = 64 * 1024,
): TestBlob {
  const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
  return {
    descriptor: { mediaType: MEDIA_TYPES.octetStream, digest, size: bytes.byteLength },
    source: {
      async *open(offset) {
        for (let at = offset; at < bytes.byteLength; at += piece) {
          // As a file or a network would: what comes next is not there at once.
          await Promise.resolve();
          yield bytes.subarray(at, at + piece);
        }
      },
    },
  };
}

/** Bytes that look random and are the same for the same seed. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  for (let index = 0; index < size; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state & 255;
  }
  return bytes;
}
