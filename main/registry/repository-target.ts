import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { ReferrersSource, Target } from '../content/target.ts';
import { readBlob } from './blobs/read-blob.ts';
import type { NetworkTimings } from './http/network-timings.ts';
import { listTags } from './lists/list-tags.ts';
import { fetchManifest } from './manifests/fetch-manifest.ts';
import { manifestPlace } from './manifests/manifest-question.ts';
import { resolveManifest } from './manifests/resolve-manifest.ts';
import { listReferrers, type ListReferrersOptions } from './referrers/list-referrers.ts';
import { createReferrersCapability } from './referrers/referrers-capability.ts';
import { createSerialWork } from './referrers/serial-work.ts';
import type { RegistryClient } from './registry-client.ts';
import { createRepositoryWriter } from './repository-writer.ts';
import { mountPlace } from './uploads/blob-writer.ts';
import type { UploadHabits } from './uploads/upload-habits.ts';

/** Sizes that a HEAD announced and that are remembered, to tell a wrong announcement from wrong content. */
const HEAD_SIZES_KEPT = 1000;

/** What a repository needs from its registry. */
export interface RepositoryTargetOptions {
  /** `localhost:5000`, for texts. */
  readonly host: string;
  /** Checked by the caller (`isRepositoryName`). */
  readonly repository: string;
  /** The client, once it is known how the registry is spoken to. */
  readonly connect: (signal: AbortSignal) => Promise<RegistryClient>;
  readonly timings: NetworkTimings;
  /** What uploads taught about the registry, shared by its repositories. */
  readonly uploadHabits: UploadHabits;
}

/** One repository of a registry as a place that holds a content graph. */
export function createRepositoryTarget({
  host,
  repository,
  connect,
  timings,
  uploadHabits: habits,
}: RepositoryTargetOptions): Target {
  const capability = createReferrersCapability();
  const headSizes = new Map<Digest, number>();

  const rememberHeadSize = ({ digest, size }: Descriptor): void => {
    headSizes.set(digest, size);
    const [oldest] = headSizes.keys();
    if (headSizes.size > HEAD_SIZES_KEPT && oldest !== undefined) headSizes.delete(oldest);
  };

  const referrers = {
    name: 'referrers-api' as const,
    list: (subject: Digest, options: ListReferrersOptions) =>
      capability.ask(
        async () => listReferrers(await connect(options.signal), repository, subject, options),
        options.signal,
      ),
  } satisfies ReferrersSource;

  const subjectWork = createSerialWork();

  const target: Target = {
    label: `${host}/${repository}`,
    referrers,
    mountSource: { place: mountPlace(host), repository },

    async fetchManifest(reference, { signal }) {
      const [text, expected] =
        typeof reference === 'string' ? [reference, undefined] : [reference.digest, reference];
      const place = manifestPlace(await connect(signal), repository, text);
      const headSize = place.digest === undefined ? undefined : headSizes.get(place.digest);
      return fetchManifest(place, expected, headSize, signal);
    },

    async resolve(reference, { signal }) {
      const place = manifestPlace(await connect(signal), repository, reference);
      const descriptor = await resolveManifest(place, signal);
      if (descriptor !== undefined) rememberHeadSize(descriptor);
      return descriptor;
    },

    async *readBlob(descriptor, options) {
      const client = await connect(options.signal);
      yield* readBlob({ client, repository, descriptor, timings }, options);
    },

    async *listEntries(options) {
      yield* listTags(await connect(options.signal), repository, options);
    },

    async openWriter({ signal }) {
      const client = await connect(signal);
      return createRepositoryWriter({ target, client, repository, timings, habits, subjectWork });
    },
  };
  return target;
}
