import { TallymanError } from '../../shared/errors/tallyman-error.ts';
import type { Annotations } from '../../shared/oci/annotations.ts';
import { artifactTypeOf } from '../../shared/oci/artifact-type.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import type { Platform } from '../../shared/oci/platform.ts';
import { digestOf } from '../content/digest-of.ts';
import { MANIFEST_LIMIT } from '../content/limits.ts';
import { verifyBytes } from '../content/verify-content.ts';
import type { EditableIndex } from './index-edit.ts';
import { REF_NAME } from './layout-index.ts';
import { checkRefName } from './ref-name.ts';

/** A manifest or index to be stored; its bytes are kept as they are. */
export interface NewManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** What it is called in the layout; without, it is listed without a name. */
  readonly name?: string;
  /** Where the digest is given it is checked, and decides the algorithm; else it is sha256. */
  readonly digest?: Digest;
  /** Noted in its entry, as other tools do for the images of an index. */
  readonly platform?: Platform;
  /** Lists it in another way than by `name`: the index with its entry, as a change of an index (see `IndexChange`). */
  readonly list?: (index: EditableIndex, entry: Descriptor) => EditableIndex;
}

/** A manifest that may be stored. */
export interface CheckedManifest extends NewManifest {
  readonly descriptor: Descriptor;
  /** What `index.json` says of it. */
  readonly entry: Descriptor;
  readonly subject: Digest | undefined;
}

/**
 * Checks a manifest before it is stored.
 * @throws TallymanError MALFORMED or AMBIGUOUS for what is no manifest, LIMIT, INVALID_INPUT for a name that other tools cannot
 * read, SIZE_MISMATCH, DIGEST_MISMATCH.
 */
export function checkManifest(manifest: NewManifest): CheckedManifest {
  const { bytes, mediaType, name } = manifest;
  if (name !== undefined) checkRefName(name);
  if (bytes.byteLength > MANIFEST_LIMIT) {
    throw new TallymanError({
      code: 'LIMIT',
      message: `The manifest has ${bytes.byteLength} bytes; manifests are stored up to ${MANIFEST_LIMIT}.`,
      hint: 'Registries would not take it either: store large content as a blob.',
      details: { limit: MANIFEST_LIMIT },
    });
  }
  const parsed = parseManifest(bytes, mediaType);
  const descriptor: Descriptor = {
    mediaType,
    digest: manifest.digest ?? digestOf(bytes),
    size: bytes.byteLength,
  };
  verifyBytes(bytes, descriptor);
  const artifactType = artifactTypeOf(parsed);
  const annotations = parsed.subject === undefined ? {} : withoutRefName(parsed.annotations);
  return {
    ...manifest,
    descriptor,
    // oras shows type and annotations of referrers from their entries; of others it wants the platform alone.
    entry: {
      ...descriptor,
      ...(manifest.platform === undefined ? {} : { platform: manifest.platform }),
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    subject: parsed.subject?.digest,
  };
}

/** In an entry this annotation is a name: a manifest does not name itself. */
function withoutRefName(annotations: Annotations): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== REF_NAME));
}
