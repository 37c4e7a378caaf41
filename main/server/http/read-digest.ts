import { digestFault, isVerifiable, type Digest } from '../../../shared/oci/digest.ts';
import { Refusal } from '../refusal.ts';

/**
 * A digest of content that is pushed.
 * @throws Refusal DIGEST_INVALID for a text that is none, or of an algorithm that cannot be computed here.
 */
export function readPushedDigest(text: string): Digest {
  const fault = digestFault(text);
  if (fault !== undefined) throw new Refusal(400, 'DIGEST_INVALID', `That is no digest: ${fault}.`);
  const digest = text as Digest;
  if (isVerifiable(digest)) return digest;
  throw new Refusal(
    400,
    'DIGEST_INVALID',
    'Digests of that algorithm cannot be computed here: use sha256 or sha512.',
  );
}
