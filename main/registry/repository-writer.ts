import type { Target } from '../content/target.ts';
import type { TargetWriter } from '../content/target-writer.ts';
import type { NetworkTimings } from './http/network-timings.ts';
import { createManifestWriter } from './manifests/manifest-writer.ts';
import { createFallbackTags } from './referrers/fallback-tags.ts';
import type { SerialWork } from './referrers/serial-work.ts';
import type { RegistryClient } from './registry-client.ts';
import { createBlobWriter } from './uploads/blob-writer.ts';
import type { UploadHabits } from './uploads/upload-habits.ts';

/** What the writing side of a repository is made of. */
export interface RepositoryWriterParts {
  readonly target: Target;
  readonly client: RegistryClient;
  readonly repository: string;
  readonly timings: NetworkTimings;
  readonly habits: UploadHabits;
  /** Shared by all writers of the repository: what refers to one subject is written by one of them at a time. */
  readonly subjectWork: SerialWork;
}

/** Writes to one repository of a registry over the distribution API. Whether it may is seen by the first answer. */
export function createRepositoryWriter({
  target,
  client,
  repository,
  timings,
  habits,
  subjectWork,
}: RepositoryWriterParts): TargetWriter {
  const blobs = createBlobWriter({ client, repository, habits, timings });
  const fallbackTags = createFallbackTags({ client, repository, timings });
  return {
    target,
    ...blobs,
    ...createManifestWriter({ client, repository, target, fallbackTags, subjectWork }),
    finish: ({ signal }) => fallbackTags.settle(signal, subjectWork),
    close: () => blobs.close(),
  };
}
