import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import type { AccessNeed } from '../auth/authenticator.ts';
import { pushScope } from '../auth/token-scope.ts';
import type { NetworkTimings } from '../http/network-timings.ts';
import type { RegistryClient } from '../registry-client.ts';
import type { UploadHabits } from './upload-habits.ts';

/** A repository that blobs are sent to. */
export interface UploadPlace {
  readonly client: RegistryClient;
  readonly repository: string;
  readonly habits: UploadHabits;
  readonly timings: Pick<NetworkTimings, 'retryBase' | 'retryCap' | 'retryBudget'>;
}

/** The right that every request of an upload needs; asked for from the first one on, so that one token does (quirk A6). */
export function pushNeed({ repository }: Pick<UploadPlace, 'repository'>): AccessNeed {
  return { repository, scopes: [pushScope(repository)] };
}

/** `Pushing the blob sha256:… to localhost:5000/team/app`: the beginning of a sentence. */
export function pushingBlob(
  { client, repository }: UploadPlace,
  { digest }: Pick<Descriptor, 'digest'>,
): string {
  return `Pushing the blob ${digest} to ${client.host}/${repository}`;
}
