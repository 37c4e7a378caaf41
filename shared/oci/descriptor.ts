import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** Annotations of a descriptor or manifest: string to string (image-spec annotations.md). */
export type Annotations = Readonly<Record<string, string>>;

/**
 * A pointer to content: type, digest, size in bytes (image-spec descriptor.md).
 * Only ever built by `parseDescriptor` or by our own writers, so digest and size hold.
 */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes, a safe integer of at least 0. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Annotations;
  readonly platform?: Platform;
  /** Where a foreign layer lies outside the registry; never fetched by itself (bar, A8). */
  readonly urls?: readonly string[];
  /** Base64 of the content itself; only used after `decodeInlineData` checked it. */
  readonly data?: string;
}
