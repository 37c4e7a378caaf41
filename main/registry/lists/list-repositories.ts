import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { isRepositoryName } from '../../../shared/oci/repository-name.ts';
import { field } from '../../../shared/oci/json-object.ts';
import type { TargetOptions } from '../../content/target.ts';
import { describeFailedAnswer, failedAnswer } from '../answers/failed-answer.ts';
import { readJsonAnswer } from '../answers/read-json-answer.ts';
import { CATALOG_SCOPE } from '../auth/token-scope.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import type { RegistryClient } from '../registry-client.ts';
import { followPages } from './follow-pages.ts';
import { PAGE_SIZES } from './page-size.ts';
import { readNames } from './read-names.ts';

const CATALOG = '/v2/_catalog';

/**
 * The repositories of a registry in pages as they come. The catalog is optional (quirk L4): a registry without one is
 * UNSUPPORTED, one that does not show it to this account is DENIED or UNAUTHORIZED, and none of them reads as an
 * empty registry.
 * @throws TallymanError as said, and as `followPages`.
 */
export async function* listRepositories(
  client: RegistryClient,
  { signal }: TargetOptions,
): AsyncGenerator<readonly string[], void, undefined> {
  const wanted = `The repositories of ${client.host}`;
  try {
    yield* followPages({
      client,
      wanted,
      need: { scopes: [CATALOG_SCOPE] },
      headers: { accept: 'application/json' },
      signal,
      pageSizes: PAGE_SIZES,
      first: (pageSize) => (pageSize === undefined ? CATALOG : `${CATALOG}?n=${pageSize}`),
      guessNext: (last: string, pageSize) => `${CATALOG}?n=${pageSize}&last=${encodeURIComponent(last)}`,
      nameOf: (name: string) => name,
      read: (answer) => {
        if (answer.status !== 200) throw catalogFailure(answer, wanted, client);
        const document = readJsonAnswer(answer, wanted, client.host);
        const names = readNames(field(document, 'repositories'), 'repositories', wanted, client.host);
        const valid = names.filter(isRepositoryName);
        if (valid.length < names.length) {
          client.warnings.tell(
            `${wanted}: ${names.length - valid.length} entries are no repository names and were left out.`,
          );
        }
        return valid;
      },
    });
  } catch (error) {
    throw withCatalogHint(error);
  }
}

function catalogFailure(answer: WholeAnswer, wanted: string, client: RegistryClient): TallymanError {
  // 404, 405 and 400 all say that there is no such thing; what differs is only the server.
  if (answer.status !== 404 && answer.status !== 405 && answer.status !== 400 && answer.status !== 501) {
    return failedAnswer(answer, { wanted, host: client.host }, client.redactor);
  }
  return new TallymanError({
    code: 'UNSUPPORTED',
    message: `${wanted} cannot be listed: ${client.host} answered ${describeFailedAnswer(answer, client.redactor)}.`,
    details: { status: answer.status },
  });
}

/** Refusals are common here and no reason to stop: names can be opened without a list. */
function withCatalogHint(error: unknown): unknown {
  if (!(error instanceof TallymanError)) return error;
  if (error.code !== 'UNSUPPORTED' && error.code !== 'DENIED' && error.code !== 'UNAUTHORIZED') return error;
  const advice = 'Many registries show no list of repositories: type the name of one to open it.';
  return new TallymanError(
    {
      ...error.toData(),
      hint: error.hint === undefined || error.code === 'DENIED' ? advice : `${advice} ${error.hint}`,
    },
    { cause: error },
  );
}
