import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { isVerifiableDigest, type Digest } from '../../../shared/oci/digest.ts';
import { parseManifest } from '../../../shared/oci/manifest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import type { FetchedManifest, Target, TargetOptions } from '../../content/target.ts';
import { Refusal } from '../refusal.ts';
import type {
  FindBlobOptions,
  ReferrersOptions,
  ServedBlob,
  ServedOptions,
  ServedRegistry,
  ServedRepository,
} from '../served-registry.ts';
import { inByteOrder } from './in-byte-order.ts';
import { servedBlob } from './served-blob.ts';

/** Sizes of blobs that are remembered from manifests, per registry. */
const SIZES_KEPT = 100_000;

/** Places that are targets: the repositories of a registry elsewhere. */
export interface TargetSource {
  readonly label: string;
  /** The repository of a name that fits the grammar. */
  repository(name: string): Target;
  /** Absent where nobody can list them. */
  listRepositories?(options: TargetOptions): AsyncIterable<readonly string[]>;
  close(): Promise<void>;
}

/**
 * Targets as a read-only registry: what is asked for is asked of them, verified on the way, and nothing is kept. A target does not
 * say how large a blob is, its manifests do: a blob is there once a manifest that names it went through here, which is the
 * order in which every client pulls.
 */
export function createTargetRegistry(source: TargetSource): ServedRegistry {
  const sizes = new Map<string, number>();
  return {
    label: source.label,
    writable: false,
    repository: (name) => new TargetRepository(name, source.repository(name), sizes),
    async listRepositories({ signal }) {
      if (source.listRepositories === undefined)
        throw new Refusal(404, 'UNSUPPORTED', `${source.label} does not list its repositories.`);
      const names: string[] = [];
      for await (const page of source.listRepositories({ signal })) names.push(...page);
      return inByteOrder(new Set(names));
    },
    suspendUploads: () => Promise.resolve(),
    close: () => source.close(),
  };
}

class TargetRepository implements ServedRepository {
  readonly #name: string;
  readonly #target: Target;
  readonly #sizes: Map<string, number>;

  constructor(name: string, target: Target, sizes: Map<string, number>) {
    this.#name = name;
    this.#target = target;
    this.#sizes = sizes;
  }

  async resolve(reference: string, { signal }: ServedOptions): Promise<Descriptor | undefined> {
    if (!isReference(reference)) return undefined;
    return unlessAbsent(this.#target.resolve(reference, { signal }));
  }

  async fetchManifest(reference: string, { signal }: ServedOptions): Promise<FetchedManifest | undefined> {
    if (!isReference(reference)) return undefined;
    const fetched = await unlessAbsent(this.#target.fetchManifest(reference, { signal }));
    if (fetched !== undefined) this.#remember(fetched);
    return fetched;
  }

  findBlob(digest: Digest, { note }: FindBlobOptions): Promise<ServedBlob | undefined> {
    const size = this.#sizes.get(this.#key(digest));
    if (size === undefined) {
      note('Blobs are found here once a manifest that names them was pulled.');
      return Promise.resolve(undefined);
    }
    const descriptor = { mediaType: MEDIA_TYPES.octetStream, digest, size };
    return Promise.resolve(servedBlob(this.#target, descriptor, undefined));
  }

  async listTags({ signal }: ServedOptions): Promise<readonly string[] | undefined> {
    const tags = new Set<string>();
    try {
      for await (const page of this.#target.listEntries?.({ signal }) ?? []) {
        for (const { tag } of page) if (tag !== undefined) tags.add(tag);
      }
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    return inByteOrder(tags);
  }

  async *listReferrers(
    subject: Digest,
    { artifactType, after, signal, note }: ReferrersOptions,
  ): AsyncGenerator<Descriptor, void, undefined> {
    const answer = await this.#target.referrers?.list(subject, { signal });
    // The client then looks for the tag that stands for the listing, and finds it here as well.
    if (answer?.outcome !== 'listed')
      throw new Refusal(404, 'UNSUPPORTED', `${this.#target.label} has no referrers API.`);
    for (const { message } of answer.failures ?? []) note(message);
    yield* answer.referrers
      .filter((referrer) => artifactType === undefined || referrer.artifactType === artifactType)
      .filter(({ digest }) => after === undefined || digest > after)
      .sort((left, right) => (left.digest < right.digest ? -1 : 1));
  }

  #remember({ bytes, descriptor }: FetchedManifest): void {
    const parsed = readable(bytes, descriptor.mediaType);
    if (parsed?.form !== 'manifest') return;
    for (const { digest, size } of [
      ...(parsed.config === undefined ? [] : [parsed.config]),
      ...parsed.layers,
    ]) {
      this.#sizes.set(this.#key(digest), size);
      const [oldest] = this.#sizes.keys();
      if (this.#sizes.size > SIZES_KEPT && oldest !== undefined) this.#sizes.delete(oldest);
    }
  }

  #key(digest: Digest): string {
    return `${this.#name}@${digest}`;
  }
}

function isReference(text: string): boolean {
  return isTag(text) || isVerifiableDigest(text);
}

/** A manifest that cannot be read is passed on all the same; only its blobs stay unknown. */
function readable(bytes: Uint8Array, mediaType: string): ReturnType<typeof parseManifest> | undefined {
  try {
    return parseManifest(bytes, mediaType);
  } catch {
    return undefined;
  }
}

async function unlessAbsent<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof TallymanError && (error.code === 'NOT_FOUND' || error.code === 'MISSING');
}
