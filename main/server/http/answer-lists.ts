import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { digestFault, type Digest } from '../../../shared/oci/digest.ts';
import { MEDIA_TYPES } from '../../../shared/oci/media-types.ts';
import { REFERRERS_PAGE_BYTES, REFERRERS_PAGE_LIMIT } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { jsonAnswer, type Answer } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { nextLink, pageOf } from './page.ts';

/** `GET /v2/_catalog`: not of the specification; every registry and client knows it. */
export async function answerCatalog(exchange: Exchange): Promise<Answer> {
  const { names, headers } = pageOf(await exchange.registry.listRepositories(exchange), exchange);
  return jsonAnswer({ repositories: names }, headers);
}

/** `GET …/tags/list` (distribution-spec, Listing Tags). */
export async function answerTags(exchange: Exchange, name: string): Promise<Answer> {
  const tags = await exchange.registry.repository(name).listTags(exchange);
  if (tags === undefined) throw new Refusal(404, 'NAME_UNKNOWN', `There is no repository ${name} here.`);
  const { names, headers } = pageOf(tags, exchange);
  return jsonAnswer({ name, tags: names }, headers);
}

/**
 * `GET …/referrers/DIGEST` (distribution-spec, Listing Referrers): always an index, empty for what nothing refers to, whether the
 * repository has content or not.
 */
export async function answerReferrers(
  exchange: Exchange,
  { name, digest }: { readonly name: string; readonly digest: string },
): Promise<Answer> {
  const fault = digestFault(digest);
  if (fault !== undefined) throw new Refusal(400, 'DIGEST_INVALID', `That is no digest: ${fault}.`);
  // A "+" that was not encoded came out of the query as a blank; media types hold none.
  const artifactType = exchange.query.get('artifactType')?.replaceAll(' ', '+') ?? '';
  const manifests: Descriptor[] = [];
  let bytes = 0;
  let next: string | undefined;
  const referrers = exchange.registry.repository(name).listReferrers(digest as Digest, {
    signal: exchange.signal,
    note: exchange.note,
    artifactType: artifactType === '' ? undefined : artifactType,
    after: exchange.query.get('last') ?? undefined,
  });
  for await (const referrer of referrers) {
    const size = Buffer.byteLength(JSON.stringify(referrer));
    const isFull = manifests.length === REFERRERS_PAGE_LIMIT || bytes + size > REFERRERS_PAGE_BYTES;
    if (isFull && manifests.length > 0) {
      next = manifests.at(-1)?.digest;
      break;
    }
    manifests.push(referrer);
    bytes += size;
  }
  const filter: Record<string, string> = artifactType === '' ? {} : { artifactType };
  return jsonAnswer(
    { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests },
    {
      'Content-Type': MEDIA_TYPES.index,
      ...(artifactType === '' ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
      ...(next === undefined
        ? {}
        : { Link: nextLink(exchange.path, new URLSearchParams({ ...filter, last: next })) }),
    },
  );
}
