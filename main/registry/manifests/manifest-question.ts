import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { quoteText } from '../../../shared/display/display-text.ts';
import { isDigest, type Digest } from '../../../shared/oci/digest.ts';
import { MANIFEST_MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import { verifiableAlgorithm } from '../../content/verify-content.ts';
import { pullScope } from '../auth/token-scope.ts';
import type { RegistryClient, RegistryQuestion } from '../registry-client.ts';

/**
 * Every kind of manifest that can be read, best first, Docker schema 1 last (quirks M3, M5): a registry that misses a
 * type here answers with another manifest than the one that was pushed, or with 404.
 */
const MANIFEST_ACCEPT = MANIFEST_MEDIA_TYPES.join(', ');

/** A tag or digest within a repository, checked. */
export interface ManifestPlace {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly reference: string;
  /** The digest the reference is; undefined for a tag. */
  readonly digest: Digest | undefined;
  /** `localhost:5000/team/app:1.2`, for texts. */
  readonly name: string;
}

/**
 * Checks a tag or digest before it becomes part of a URL.
 * @throws TallymanError INVALID_REFERENCE for anything else, UNSUPPORTED for a digest whose content cannot be
 * verified.
 */
export function manifestPlace(client: RegistryClient, repository: string, reference: string): ManifestPlace {
  const place = `${client.host}/${repository}`;
  if (isDigest(reference)) {
    verifiableAlgorithm(reference);
    return { client, repository, reference, digest: reference, name: `${place}@${reference}` };
  }
  if (isTag(reference))
    return { client, repository, reference, digest: undefined, name: `${place}:${reference}` };
  throw new TallymanError({
    code: 'INVALID_REFERENCE',
    message: `${quoteText(reference)} is neither a tag nor a digest.`,
    hint: 'A tag is up to 128 letters, digits, “_”, “.” and “-”; a digest looks like sha256: and 64 hexadecimal characters.',
  });
}

/** The question for a manifest. */
export function manifestQuestion(
  place: ManifestPlace,
  method: 'GET' | 'HEAD',
  signal: AbortSignal,
): RegistryQuestion {
  const { repository, reference } = place;
  return {
    method,
    at: `/v2/${repository}/manifests/${reference}`,
    headers: { accept: MANIFEST_ACCEPT },
    need: { repository, scopes: [pullScope(repository)] },
    signal,
  };
}
