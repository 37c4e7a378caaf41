import { displayText } from './display-text.ts';

/** Predicate types of in-toto statements, without their version: the type itself, or what stands before its next `/`. */
const NAMES: readonly (readonly [prefix: string, name: string])[] = [
  ['https://slsa.dev/provenance', 'SLSA provenance'],
  ['https://slsa.dev/verification_summary', 'SLSA verification summary'],
  ['https://spdx.dev/Document', 'SBOM attestation · SPDX'],
  ['https://cyclonedx.org/bom', 'SBOM attestation · CycloneDX'],
  ['https://cyclonedx.org/schema', 'SBOM attestation · CycloneDX'],
  ['https://openvex.dev/ns', 'VEX'],
  ['https://sigstore.dev/cosign/sign', 'Cosign signature'],
  ['https://cosign.sigstore.dev/attestation/vuln', 'Vulnerability scan'],
  ['https://cosign.sigstore.dev/attestation', 'Custom attestation'],
  ['https://in-toto.io/attestation/vulns', 'Vulnerability scan'],
  ['https://in-toto.io/attestation/test-result', 'Test result'],
  ['https://in-toto.io/attestation/link', 'Build link'],
  ['https://in-toto.io/Link', 'Build link'],
  ['https://in-toto.io/attestation/release', 'Release attestation'],
  ['https://in-toto.io/attestation/runtime-trace', 'Runtime trace'],
  ['https://in-toto.io/attestation/scai', 'SCAI report'],
  ['https://in-toto.io/attestation/reference', 'Reference attestation'],
  ['https://in-toto.io/attestation/svr', 'Verification result'],
];

/** What an in-toto predicate type is called: "SLSA provenance", "VEX". The type itself, shown safely, when it is not known. */
export function predicateName(predicateType: string): string {
  return knownPredicateName(predicateType) ?? displayText(predicateType);
}

/** As `predicateName`, undefined when the type is not known. */
export function knownPredicateName(predicateType: string): string | undefined {
  for (const [prefix, name] of NAMES) {
    if (predicateType === prefix || predicateType.startsWith(`${prefix}/`)) return name;
  }
  return undefined;
}
