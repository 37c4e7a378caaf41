import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import { bareMediaType } from '../../../../../shared/oci/media-types.ts';
import { shortDigest } from '../../../../../shared/oci/digest.ts';

const TITLE = 'org.opencontainers.image.title';
/** Longest name that the contract takes. */
const NAME_LIMIT = 255;

/** Endings by how a media type ends; the first that fits. */
const EXTENSIONS: readonly (readonly [ending: RegExp, extension: string])[] = [
  [/\+json$|\/json$/, 'json'],
  [/tar\+gzip$|tar\.gzip$|diff\.tar\.gzip$/, 'tar.gz'],
  [/tar\+zstd$/, 'tar.zst'],
  [/\.tar$|\/x-tar$/, 'tar'],
  [/gzip$/, 'gz'],
  [/yaml$/, 'yaml'],
  [/wasm$/, 'wasm'],
  [/^text\//, 'txt'],
];

/** What to call a node's bytes on disk: the name it was given, else its digest. The host makes foreign names safe. */
export function proposedFileName(node: GraphNode): string {
  const given = node.annotations?.[TITLE];
  const isBlob = node.kind === 'config' || node.kind === 'layer';
  // The title of a manifest names what it carries, not the manifest itself.
  if (isBlob && given !== undefined && given !== '') return given.slice(0, NAME_LIMIT);
  const mediaType = bareMediaType(node.mediaType);
  const extension = EXTENSIONS.find(([ending]) => ending.test(mediaType))?.[1] ?? 'bin';
  return `${shortDigest(node.digest)}.${extension}`.slice(0, NAME_LIMIT);
}
