import { isTag } from '../../../shared/oci/tag.ts';
import { field } from '../../../shared/oci/json-object.ts';
import type { TargetEntry, TargetOptions } from '../../content/target.ts';
import { failedAnswer } from '../answers/failed-answer.ts';
import { readJsonAnswer } from '../answers/read-json-answer.ts';
import { pullScope } from '../auth/token-scope.ts';
import type { RegistryClient } from '../registry-client.ts';
import { followPages } from './follow-pages.ts';
import { PAGE_SIZES } from './page-size.ts';
import { readNames } from './read-names.ts';

/**
 * The tags of a repository in pages as they come (distribution-spec, Listing Tags). `tags: null` is an empty list
 * (quirk L3).
 * @throws TallymanError NOT_FOUND for a repository the registry does not know, and as `followPages`.
 */
export async function* listTags(
  client: RegistryClient,
  repository: string,
  { signal }: TargetOptions,
): AsyncGenerator<readonly TargetEntry[], void, undefined> {
  const path = `/v2/${repository}/tags/list`;
  const wanted = `The tags of ${client.host}/${repository}`;
  const pages = followPages({
    client,
    wanted,
    need: { repository, scopes: [pullScope(repository)] },
    headers: { accept: 'application/json' },
    signal,
    pageSizes: PAGE_SIZES,
    first: (pageSize) => (pageSize === undefined ? path : `${path}?n=${pageSize}`),
    guessNext: (last: string, pageSize) => `${path}?n=${pageSize}&last=${encodeURIComponent(last)}`,
    nameOf: (tag: string) => tag,
    read: (answer) => {
      if (answer.status !== 200) throw failedAnswer(answer, { wanted, host: client.host }, client.redactor);
      const names = readNames(
        field(readJsonAnswer(answer, wanted, client.host), 'tags'),
        'tags',
        wanted,
        client.host,
      );
      const tags = names.filter(isTag);
      if (tags.length < names.length) {
        client.warnings.tell(
          `${wanted}: ${names.length - tags.length} entries are no tags and were left out.`,
        );
      }
      return tags;
    },
  });
  for await (const tags of pages) yield tags.map((tag) => ({ tag }));
}
