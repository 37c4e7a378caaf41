import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { bareMediaType, isManifestMediaType } from '../../shared/oci/media-types.ts';
import type { WalkNode } from './walk-node.ts';

/** Remembers how one more descriptor names a content. */
export function noteDescriptor(node: WalkNode, descriptor: Descriptor): void {
  node.namedSize ??= descriptor.size;
  if (descriptor.size !== node.namedSize) node.otherSize = descriptor.size;
  if (!isManifestMediaType(descriptor.mediaType)) return;
  const mediaType = bareMediaType(descriptor.mediaType);
  node.namedManifestType ??= mediaType;
  if (mediaType !== node.namedManifestType) node.otherManifestType = mediaType;
}

/**
 * Marks a content that is named in ways that cannot all be true (reliability bar, B6): with two sizes, with a size that it has
 * not, or as two types of manifest. Two media types of a blob are no contradiction: `{}` is a config of many types.
 * @returns true when that changed the node.
 */
export function markContradictions(node: WalkNode): boolean {
  if (node.state !== 'ok' && node.state !== 'unchecked') return false;
  const sizeError = contradictingSize(node);
  if (sizeError !== undefined) {
    node.state = 'damaged';
    node.error = sizeError;
    return true;
  }
  if (node.otherManifestType === undefined) return false;
  node.state = 'refused';
  node.error = {
    code: 'MEDIA_TYPE_MISMATCH',
    message: `This content is named as ${node.namedManifestType ?? ''} and as ${node.otherManifestType}.`,
    hint: 'Programs can read it in two ways: do not trust it before whoever published it has put that right.',
  };
  return true;
}

function contradictingSize(node: WalkNode): ErrorData | undefined {
  const { namedSize, otherSize, size, isSizeReal, digest } = node;
  if (namedSize === undefined) return undefined;
  const wrong = otherSize ?? (isSizeReal && namedSize !== size ? namedSize : undefined);
  if (wrong === undefined) return undefined;
  const names =
    otherSize === undefined
      ? `named with ${namedSize} bytes`
      : `named with ${namedSize} and with ${otherSize} bytes`;
  return {
    code: 'SIZE_MISMATCH',
    message: isSizeReal ? `This content has ${size} bytes and is ${names}.` : `This content is ${names}.`,
    hint: 'Whatever names it with a wrong size was changed or badly made: do not trust it.',
    details: { digest, expected: wrong, actual: size },
  };
}
