import type { Descriptor } from '../../../shared/oci/descriptor.ts';

/**
 * True for an entry of an index that is no image but what BuildKit says about one beside it
 * (docs.docker.com/build/metadata/attestations/attestation-storage).
 */
export function isBuildkitAttestation(descriptor: Descriptor): boolean {
  return descriptor.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest';
}
