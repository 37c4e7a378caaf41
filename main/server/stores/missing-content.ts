import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import type { Target } from '../../content/target.ts';
import { MISSING_CONTENT_LOOKS } from '../limits.ts';

const LOOKS_AT_ONCE = 8;

/** Layers that are meant to lie elsewhere (image-spec layer.md, Non-Distributable Layers). */
const FOREIGN = /nondistributable|\.foreign\./;

/** A sentence about content that a manifest names and a layout lacks; undefined when all is there. The subject may be missing. */
export async function missingContent(
  target: Target,
  { bytes, mediaType }: { readonly bytes: Uint8Array; readonly mediaType: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const parsed = parseManifest(bytes, mediaType);
  const named: readonly Descriptor[] =
    parsed.form === 'index'
      ? parsed.manifests
      : parsed.form === 'manifest'
        ? [...(parsed.config === undefined ? [] : [parsed.config]), ...parsed.layers]
        : [];
  const wanted = named
    .filter((descriptor) => !FOREIGN.test(descriptor.mediaType))
    .slice(0, MISSING_CONTENT_LOOKS);
  const looks: string[] = [];
  for (let start = 0; start < wanted.length; start += LOOKS_AT_ONCE) {
    const some = wanted.slice(start, start + LOOKS_AT_ONCE);
    looks.push(
      ...(await Promise.all(
        some.map(
          async (descriptor) => (await target.inspectBlob?.(descriptor, { signal }))?.state ?? 'present',
        ),
      )),
    );
  }
  const missing = wanted.filter((_, position) => looks[position] === 'missing');
  const [first, ...more] = missing;
  if (first === undefined) return undefined;
  return more.length === 0
    ? `The manifest names ${first.digest}, which is not here.`
    : `The manifest names ${missing.length} pieces of content that are not here: ${first.digest} and others.`;
}
