import type { NodeKind } from '../../../shared/contract/graph-words.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { JsonHead } from './json-head.ts';

/** What a document is, and how it is sent. */
export interface DocumentKind {
  readonly kind: NodeKind;
  readonly mediaType: string;
}

/** What a JSON object is by the names and texts of its first level; undefined for one that is nothing known. */
export function kindOfJson(head: JsonHead): DocumentKind | undefined {
  const text = (name: string): string => head.get(name) ?? '';
  if (text('mediaType').startsWith('application/vnd.dev.sigstore.bundle'))
    return { kind: 'sigstore-bundle', mediaType: MEDIA_TYPES.sigstoreBundle };
  if (head.has('payloadType') && head.has('payload') && head.has('signatures'))
    return { kind: 'attestation', mediaType: MEDIA_TYPES.dsseEnvelope };
  if (text('_type').startsWith('https://in-toto.io/Statement'))
    return { kind: 'attestation', mediaType: MEDIA_TYPES.inToto };
  if (text('bomFormat') === 'CycloneDX')
    return { kind: 'sbom-cyclonedx', mediaType: MEDIA_TYPES.cyclonedxJson };
  if (text('spdxVersion').startsWith('SPDX-') || text('@context').startsWith('https://spdx.org/rdf/3'))
    return { kind: 'sbom-spdx', mediaType: MEDIA_TYPES.spdxJson };
  const isSarif = /sarif/i.test(text('$schema')) || (head.has('runs') && text('version').startsWith('2.'));
  if (isSarif) return { kind: 'sarif', mediaType: MEDIA_TYPES.sarif };
  return undefined;
}

/** What text that is no JSON is, by its beginning. */
export function kindOfText(head: string): DocumentKind | undefined {
  if (
    /^\uFEFF?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^>]{0,1000}-->\s*)?<(?:[a-z0-9]+:)?bom\b/.test(head) &&
    head.includes('http://cyclonedx.org/schema/bom')
  )
    return { kind: 'sbom-cyclonedx', mediaType: MEDIA_TYPES.cyclonedxXml };
  if (/^SPDXVersion: {0,4}SPDX-/m.test(head)) return { kind: 'sbom-spdx', mediaType: 'text/spdx' };
  return undefined;
}
