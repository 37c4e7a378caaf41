import { TallymanError } from '../errors/tallyman-error.ts';

/** A content identifier `algorithm:encoded` that fits the grammar of image-spec descriptor.md, section Digests. */
export type Digest = string & { readonly __digest: unique symbol };

/** The algorithms whose content Tallyman can verify. Others are shown, never fetched as verified, never stored (bar, B1). */
export type VerifiableAlgorithm = 'sha256' | 'sha512';
