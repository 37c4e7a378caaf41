import { decodeBase64 } from './base64.ts';
import type { Descriptor } from './descriptor.ts';

/** Most bytes used from a descriptor's `data`; larger content is read from its place (reliability bar, limits table). */
export const INLINE_DATA_LIMIT = 64 * 1024;

/**
 * The content that a descriptor carries in its `data` field (image-spec descriptor.md, `data`): strict base64 of exactly
 * `size` bytes. Undefined when there is none, when it is malformed or of another size, or above the limit: the content
 * is then read from its place as if the field were absent. The caller still checks the bytes against the digest.
 */
export function decodeInlineData(descriptor: Descriptor): Uint8Array | undefined {
  const { data, size } = descriptor;
  if (data === undefined || size > INLINE_DATA_LIMIT) return undefined;
  if (data.length !== Math.ceil(size / 3) * 4) return undefined; // before any work: the only length that can fit
  const bytes = decodeBase64(data);
  return bytes?.length === size ? bytes : undefined;
}
