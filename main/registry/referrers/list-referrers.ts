import { TallymanError, toErrorData, type ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { parseDescriptor, type Descriptor } from '../../../shared/oci/descriptor.ts';
import { isVerifiable, type Digest } from '../../../shared/oci/digest.ts';
import { field } from '../../../shared/oci/json-object.ts';
import { bareMediaType, MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import type { ReferrersAnswer, TargetOptions } from '../../content/target.ts';
import { describeFailedAnswer, failedAnswer, registryCodeOf } from '../answers/failed-answer.ts';
import { readJsonAnswer } from '../answers/read-json-answer.ts';
import { pullScope } from '../auth/token-scope.ts';
import type { AnswerHeaders } from '../http/answer-headers.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import { followPages } from '../lists/follow-pages.ts';
import type { RegistryClient } from '../registry-client.ts';

/** Statuses by which registries without the referrers API answer it (quirks F1, F2). */
const NO_REFERRERS_API: ReadonlySet<number> = new Set([400, 404, 405, 406]);

/** Which referrers are wanted. */
export interface ListReferrersOptions extends TargetOptions {
  /** Only those of this artifact type. Registries may leave the filtering to us. */
  readonly artifactType?: string;
}

/**
 * Asks the referrers API for everything that names `subject`, all pages (distribution-spec, Listing Referrers).
 * "Unsupported" is an answer; a registry in trouble and an answer that is no index are errors, so that neither reads
 * as "none".
 * @throws TallymanError NOT_FOUND for an unknown repository, PROTOCOL for a 200 that is no image index, and what the
 * client throws.
 */
export async function listReferrers(
  client: RegistryClient,
  repository: string,
  subject: Digest,
  { signal, artifactType }: ListReferrersOptions,
): Promise<ReferrersAnswer> {
  const wanted = `The referrers of ${client.host}/${repository}@${subject}`;
  if (!isVerifiable(subject))
    return { outcome: 'unsupported', reason: `${subject} has an algorithm that cannot be verified.` };
  const referrers: Descriptor[] = [];
  const failures: ErrorData[] = [];
  const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
  let pagesRead = 0;
  try {
    const pages = followPages({
      client,
      wanted,
      need: { repository, scopes: [pullScope(repository)] },
      headers: { accept: MEDIA_TYPES.index },
      signal,
      pageSizes: [undefined],
      first: () => `/v2/${repository}/referrers/${subject}${query}`,
      nameOf: (entry: Descriptor) => entry.digest,
      read: (answer) => {
        pagesRead += 1;
        if (pagesRead === 1) refuseMissingApi(answer, client);
        const page = readPage(answer, wanted, client, failures);
        if (artifactType === undefined || wasFiltered(answer.headers)) return page;
        return page.filter((referrer) => referrer.artifactType === artifactType);
      },
    });
    for await (const page of pages) referrers.push(...page);
  } catch (error) {
    if (error instanceof UnsupportedApi) return { outcome: 'unsupported', reason: error.message };
    throw error;
  }
  return { outcome: 'listed', referrers, ...(failures.length === 0 ? {} : { failures }) };
}

/** Leaves the paging; never leaves this file. */
class UnsupportedApi extends Error {}

function refuseMissingApi(answer: WholeAnswer, client: RegistryClient): void {
  if (!NO_REFERRERS_API.has(answer.status) || registryCodeOf(answer) === 'NAME_UNKNOWN') return;
  throw new UnsupportedApi(
    `${client.host} has no referrers API (${describeFailedAnswer(answer, client.redactor)}).`,
  );
}

/** `OCI-Filters-Applied: foo, artifactType`: the registry filtered (distribution-spec, Listing Referrers). */
function wasFiltered(headers: AnswerHeaders): boolean {
  return headers
    .all('oci-filters-applied')
    .some((line) => line.split(',').some((name) => name.trim() === 'artifactType'));
}

function readPage(
  answer: WholeAnswer,
  wanted: string,
  client: RegistryClient,
  failures: ErrorData[],
): readonly Descriptor[] {
  const { status } = answer;
  if (status !== 200) throw failedAnswer(answer, { wanted, host: client.host }, client.redactor);
  const document = readJsonAnswer(answer, wanted, client.host);
  const mediaType = bareMediaType(answer.headers.first('content-type') ?? '');
  const manifests = field(document, 'manifests');
  // Null is how some servers write an empty list; a list that is missing is no answer.
  if (mediaType !== MEDIA_TYPES.index || (manifests !== null && !Array.isArray(manifests))) {
    throw new TallymanError({
      code: 'PROTOCOL',
      message: `${wanted}: ${client.host} answered with something that is no image index.`,
      hint: 'Whether anything is attached is not known. Ask whoever runs the registry.',
      details: { status },
    });
  }
  return (manifests ?? []).flatMap((value: unknown, index: number) => {
    try {
      return [parseDescriptor(value, `manifests[${index}]`)];
    } catch (error) {
      failures.push(toErrorData(error));
      return [];
    }
  });
}
