import {
  isCancellation,
  TallymanError,
  toErrorData,
  type ErrorData,
} from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { parseManifest, type ParsedManifest } from '../../../shared/oci/manifest.ts';
import { isManifestMediaType } from '../../../shared/oci/media-types.ts';
import type { Target } from '../../content/target.ts';
import { createTaskPool, type TaskPool } from '../../content/task-pool.ts';
import { SCAN_CONCURRENCY } from '../limits.ts';
import { listedArtifactType } from './listed-referrer.ts';

/** What a manifest points to. Kept for every manifest of a layout, so no annotations and no bytes. */
export interface ManifestLinks {
  /** Children of an index. */
  readonly manifests: readonly Descriptor[];
  /** Configs and layers. */
  readonly blobs: readonly Digest[];
  readonly subject?: Digest;
  /** As a listing of referrers gives it (distribution-spec, Listing Referrers). */
  readonly artifactType?: string;
}

/** What came of reading a manifest. `missing` is no fault: a layout may be sparse. */
export type LinksAnswer =
  | { readonly state: 'read'; readonly links: ManifestLinks }
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly error: ErrorData };

const NOTHING: LinksAnswer = { state: 'read', links: { manifests: [], blobs: [] } };

/** Reads what manifests of a layout point to, each once: what they say never changes. */
export class ManifestLinksReader {
  readonly #target: Target;
  readonly #known = new Map<Digest, LinksAnswer>();
  readonly #pool: TaskPool;
  readonly #signal: AbortSignal;

  /** @param signal - ends reading for good. */
  constructor(target: Target, signal: AbortSignal) {
    this.#target = target;
    this.#signal = signal;
    this.#pool = createTaskPool(SCAN_CONCURRENCY, signal);
  }

  async read({ digest, mediaType }: Descriptor): Promise<LinksAnswer> {
    if (!isManifestMediaType(mediaType)) return NOTHING;
    const known = this.#known.get(digest);
    if (known !== undefined) return known;
    const answer = await this.#pool.run(() => this.#read(digest, mediaType));
    if (answer.state === 'read') this.#known.set(digest, answer);
    return answer;
  }

  async #read(digest: Digest, mediaType: string): Promise<LinksAnswer> {
    try {
      const { bytes } = await this.#target.fetchManifest(digest, { signal: this.#signal });
      return { state: 'read', links: linksOf(parseManifest(bytes, mediaType)) };
    } catch (error) {
      if (isCancellation(error)) throw error;
      if (error instanceof TallymanError && (error.code === 'MISSING' || error.code === 'NOT_FOUND'))
        return { state: 'missing' };
      return { state: 'failed', error: { ...toErrorData(error), details: { digest } } };
    }
  }
}

function linksOf(parsed: ParsedManifest): ManifestLinks {
  const artifactType = listedArtifactType(parsed);
  const claims = {
    ...(parsed.subject === undefined ? {} : { subject: parsed.subject.digest }),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
  switch (parsed.form) {
    case 'index':
      return {
        manifests: parsed.manifests.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
        blobs: [],
        ...claims,
      };
    case 'schema-1':
      return { manifests: [], blobs: parsed.layerDigests, ...claims };
    case 'manifest':
      return {
        manifests: [],
        blobs: [...(parsed.config === undefined ? [] : [parsed.config]), ...parsed.layers].map(
          ({ digest }) => digest,
        ),
        ...claims,
      };
  }
}
