import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { field, isJsonObject, type JsonObject } from '../../../shared/oci/json-object.ts';
import { parseManifest, type ParsedManifest } from '../../../shared/oci/manifest.ts';
import { isSameMediaType, MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { digestOf } from '../../content/digest-of.ts';
import type { FetchedManifest } from '../../content/target.ts';
import { PUSHED_MANIFEST_LIMIT, type PushedManifest } from '../manifests/push-manifest.ts';

/** The index under a referrers tag: its document, of which everything that is not meant to change is kept. */
export interface FallbackIndex {
  readonly document: JsonObject;
  readonly entries: readonly unknown[];
}

/** The index that a subject without referrers begins with (distribution-spec, Pushing Manifests with Subject). */
export const NO_REFERRERS: FallbackIndex = {
  document: { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] },
  entries: [],
};

/**
 * Reads what lies under the referrers tag of `subject`; undefined for something that is no index of referrers and must be left
 * alone: another manifest, or the subject itself, as GitLab answers (oras-go#1396).
 */
export function readFallbackIndex(
  { bytes, descriptor }: FetchedManifest,
  subject: Digest,
): FallbackIndex | undefined {
  if (descriptor.digest === subject || !isSameMediaType(descriptor.mediaType, MEDIA_TYPES.index))
    return undefined;
  let parsed: ParsedManifest;
  try {
    parsed = parseManifest(bytes, descriptor.mediaType);
  } catch {
    return undefined;
  }
  if (parsed.form !== 'index') return undefined;
  const manifests = field(parsed.document, 'manifests');
  return { document: parsed.document, entries: Array.isArray(manifests) ? manifests : [] };
}

/** What an index of referrers should list, and what not. */
export interface FallbackChange {
  readonly add: readonly Descriptor[];
  readonly remove: ReadonlySet<Digest>;
}

/** True when the index lists everything that was added and nothing that was removed. */
export function holds(index: FallbackIndex, { add, remove }: FallbackChange): boolean {
  const listed = new Set(index.entries.map(digestIn));
  return add.every(({ digest }) => listed.has(digest)) && ![...remove].some((digest) => listed.has(digest));
}

/** The index with a change; what it lists already is not listed twice. */
export function changed(index: FallbackIndex, { add, remove }: FallbackChange): FallbackIndex {
  const kept = index.entries.filter((entry) => !remove.has(digestIn(entry) as Digest));
  const listed = new Set(kept.map(digestIn));
  const fresh: object[] = [];
  for (const descriptor of add) {
    if (listed.has(descriptor.digest)) continue;
    listed.add(descriptor.digest);
    fresh.push(entryOf(descriptor));
  }
  return { ...index, entries: [...kept, ...fresh] };
}

/**
 * The index as it is pushed.
 * @throws TallymanError LIMIT where it grew larger than registries take.
 */
export function toManifest({ document, entries }: FallbackIndex): PushedManifest {
  const bytes = Buffer.from(JSON.stringify({ ...document, manifests: entries }));
  if (bytes.byteLength > PUSHED_MANIFEST_LIMIT) {
    throw new TallymanError({
      code: 'LIMIT',
      message: `The index of referrers would have ${bytes.byteLength} bytes; at most ${PUSHED_MANIFEST_LIMIT} are pushed.`,
      hint: 'Delete referrers that are not needed any more, or use a registry with the referrers API.',
      details: { limit: PUSHED_MANIFEST_LIMIT },
    });
  }
  return {
    bytes,
    descriptor: { mediaType: MEDIA_TYPES.index, digest: digestOf(bytes), size: bytes.byteLength },
  };
}

/** The fields that the specification names, in its order. */
function entryOf({ mediaType, digest, size, artifactType, annotations }: Descriptor): object {
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function digestIn(entry: unknown): unknown {
  return isJsonObject(entry) ? field(entry, 'digest') : undefined;
}
