import { refusedChange } from '../answers/refused-change.ts';
import { deleteScope } from '../auth/token-scope.ts';
import type { PushPlace } from './push-manifest.ts';

/**
 * `DELETE …/manifests/REFERENCE`: a digest with everything that names it, or a tag alone (distribution-spec, Content
 * Management). Repeated when the registry has trouble; when an earlier try had done it already, that is success.
 *
 * @param reference - checked: a tag or a digest.
 * @throws TallymanError NOT_FOUND; UNSUPPORTED where the registry does not delete, or does not delete tags; DENIED, CONFLICT, …
 */
export async function deleteManifest(
  { client, repository }: PushPlace,
  reference: string,
  signal: AbortSignal,
): Promise<void> {
  const answer = await client.changeAgain({
    method: 'DELETE',
    at: `/v2/${repository}/manifests/${reference}`,
    need: { repository, scopes: [deleteScope(repository)] },
    signal,
  });
  if (answer.status < 300 || (answer.status === 404 && answer.repeated)) return;
  const separator = reference.includes(':') ? '@' : ':';
  const tried = `Deleting ${client.host}/${repository}${separator}${reference}`;
  throw refusedChange(answer, { tried, action: 'delete' }, client);
}
