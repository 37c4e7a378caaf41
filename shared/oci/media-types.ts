import { isAsciiAlphanumeric } from './ascii.ts';

/** Media types that Tallyman knows by name. Everything else is carried and shown as it is. */
export const MEDIA_TYPES = {
  descriptor: 'application/vnd.oci.descriptor.v1+json',
  layoutHeader: 'application/vnd.oci.layout.header.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  imageConfig: 'application/vnd.oci.image.config.v1+json',
  layerTar: 'application/vnd.oci.image.layer.v1.tar',
  layerTarGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerTarZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  foreignLayerTar: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  foreignLayerTarGzip: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  foreignLayerTarZstd: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  empty: 'application/vnd.oci.empty.v1+json',

  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerSchema1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerSchema1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  dockerImageConfig: 'application/vnd.docker.container.image.v1+json',
  dockerPluginConfig: 'application/vnd.docker.plugin.v1+json',
  dockerLayerTar: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerTarGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerTarZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
  dockerForeignLayer: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',

  /** Withdrawn before it was released (image-spec 1.1.0-rc1 and -rc2); still lies in registries. */
  ociArtifactManifest: 'application/vnd.oci.artifact.manifest.v1+json',
  /** The ORAS project's artifact manifest, withdrawn in favour of `subject` in image manifests. */
  orasArtifactManifest: 'application/vnd.cncf.oras.artifact.manifest.v1+json',

  sigstoreBundle: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  cosignSimpleSigning: 'application/vnd.dev.cosign.simplesigning.v1+json',
  cosignSignature: 'application/vnd.dev.cosign.artifact.sig.v1+json',
  cosignSbom: 'application/vnd.dev.cosign.artifact.sbom.v1+json',
  dsseEnvelope: 'application/vnd.dsse.envelope.v1+json',
  inToto: 'application/vnd.in-toto+json',
  buildkitAttestation: 'application/vnd.docker.attestation.manifest.v1+json',
  notationSignature: 'application/vnd.cncf.notary.signature',
  notationJws: 'application/jose+json',
  notationCose: 'application/cose',

  spdxJson: 'application/spdx+json',
  spdxText: 'text/spdx+json',
  cyclonedxJson: 'application/vnd.cyclonedx+json',
  cyclonedxXml: 'application/vnd.cyclonedx+xml',
  sarif: 'application/sarif+json',
  helmConfig: 'application/vnd.cncf.helm.config.v1+json',
  helmChart: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  helmProvenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
  wasmConfig: 'application/vnd.wasm.config.v0+json',
  wasm: 'application/wasm',
  octetStream: 'application/octet-stream',
} as const;

/** Longest type and subtype, in characters (RFC 6838, section 4.2). */
const NAME_LENGTH_LIMIT = 127;

const INDEX_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.index, MEDIA_TYPES.dockerManifestList]);
const ARTIFACT_MANIFEST_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.ociArtifactManifest,
  MEDIA_TYPES.orasArtifactManifest,
]);
const SCHEMA_ONE_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.dockerSchema1,
  MEDIA_TYPES.dockerSchema1Signed,
]);
const MANIFEST_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.manifest,
  MEDIA_TYPES.dockerManifest,
  ...INDEX_TYPES,
  ...ARTIFACT_MANIFEST_TYPES,
  ...SCHEMA_ONE_TYPES,
]);
const IMAGE_CONFIG_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.imageConfig,
  MEDIA_TYPES.dockerImageConfig,
]);

/** Every media type of a document that the walk can descend into, best first: what `Accept` is made of. */
export const MANIFEST_MEDIA_TYPES: readonly string[] = [
  MEDIA_TYPES.index,
  MEDIA_TYPES.manifest,
  MEDIA_TYPES.dockerManifestList,
  MEDIA_TYPES.dockerManifest,
  MEDIA_TYPES.ociArtifactManifest,
  MEDIA_TYPES.orasArtifactManifest,
  MEDIA_TYPES.dockerSchema1Signed,
  MEDIA_TYPES.dockerSchema1,
];

/** A media type without parameters and surrounding white space: `a/b; charset=utf-8` is `a/b`. The case is kept. */
export function bareMediaType(text: string): string {
  const semicolon = text.indexOf(';');
  return (semicolon === -1 ? text : text.slice(0, semicolon)).trim();
}

/** True when both texts name one media type: names are case-insensitive and parameters do not count (RFC 2045, RFC 6838). */
export function isSameMediaType(left: string, right: string): boolean {
  return bareMediaType(left).toLowerCase() === bareMediaType(right).toLowerCase();
}

/**
 * True for `type/subtype` in the grammar that image-spec descriptor.md takes from RFC 6838, section 4.2. Parameters are no
 * part of it: ask about `bareMediaType`.
 */
export function isMediaType(text: string): boolean {
  const slash = text.indexOf('/');
  return slash !== -1 && isRestrictedName(text, 0, slash) && isRestrictedName(text, slash + 1, text.length);
}

/** True for the two types of an index, with or without parameters. */
export function isIndexMediaType(mediaType: string): boolean {
  return INDEX_TYPES.has(bareMediaType(mediaType));
}

/** True for every document that the walk can descend into: manifests, indexes, withdrawn artifact manifests, Docker schema 1. */
export function isManifestMediaType(mediaType: string): boolean {
  return MANIFEST_TYPES.has(bareMediaType(mediaType));
}

/** True for the two withdrawn artifact manifests, which have `blobs` and neither `config` nor `schemaVersion`. */
export function isArtifactManifestMediaType(mediaType: string): boolean {
  return ARTIFACT_MANIFEST_TYPES.has(bareMediaType(mediaType));
}

/** True for Docker's schema 1, signed or not: a document without sizes and media types of its layers. */
export function isSchemaOneMediaType(mediaType: string): boolean {
  return SCHEMA_ONE_TYPES.has(bareMediaType(mediaType));
}

/** True for the config of a container image: the only config that is ever parsed (image-spec manifest.md, `config`). */
export function isImageConfigMediaType(mediaType: string): boolean {
  return IMAGE_CONFIG_TYPES.has(bareMediaType(mediaType));
}

/** `[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}` between two positions. */
function isRestrictedName(text: string, start: number, end: number): boolean {
  if (end === start || end - start > NAME_LENGTH_LIMIT || !isAsciiAlphanumeric(text.charCodeAt(start)))
    return false;
  for (let index = start + 1; index < end; index++) {
    if (!isAsciiAlphanumeric(text.charCodeAt(index)) && !'!#$&^_.+-'.includes(text.charAt(index)))
      return false;
  }
  return true;
}
