import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { AccessNeed } from '../auth/authenticator.ts';
import { nextLink } from '../answers/parse-link-header.ts';
import {
  LIST_BYTES_LIMIT,
  LIST_EMPTY_PAGES_LIMIT,
  LIST_PAGE_BYTES_LIMIT,
  LIST_PAGES_LIMIT,
} from '../http/network-limits.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import type { RegistryClient } from '../registry-client.ts';
import { refusesPageSize } from './page-size.ts';

/** A listing that comes in pages. */
export interface PagedListing<Item> {
  readonly client: RegistryClient;
  /**
   * Page sizes to ask for, one after the other while the registry refuses them; the last is undefined, its own
   * choice.
   */
  readonly pageSizes: readonly (number | undefined)[];
  /** Path and query of the first page. */
  readonly first: (pageSize: number | undefined) => string;
  /** What is listed, as the beginning of a sentence. */
  readonly wanted: string;
  readonly need: AccessNeed;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Reads a page. Throws for an answer that is no success. */
  readonly read: (answer: WholeAnswer) => readonly Item[];
  /** Tells items apart. */
  readonly nameOf: (item: Item) => string;
  /** Where to look for more after a full page without a link: old registries page but do not say so. */
  readonly guessNext?: (last: Item, pageSize: number) => string;
}

/**
 * Every page of a listing in turn, by the registry's `Link: rel="next"` (distribution-spec, Listing Tags; bar, A7):
 * same origin only, no address twice, no page without anything new, bounded in pages and bytes. Pages that were given
 * stay valid when a later one fails.
 * @throws TallymanError OUTBOUND_REFUSED, PROTOCOL or LIMIT for a listing that does not end by itself.
 */
export async function* followPages<Item>(
  listing: PagedListing<Item>,
): AsyncGenerator<readonly Item[], void, undefined> {
  const { wanted, nameOf } = listing;
  const asked = new Set<string>();
  const seen = new Set<string>();
  const first = await askFirst(listing);
  const { pageSize } = first;
  let { answer } = first;
  let bytes = 0;
  let emptyPages = 0;
  for (let pages = 1; ; pages += 1) {
    bytes += answer.bytes.byteLength;
    if (bytes > LIST_BYTES_LIMIT) throw tooLong(wanted, `${LIST_BYTES_LIMIT} bytes`, LIST_BYTES_LIMIT);
    const items = listing.read(answer);
    const fresh = items.filter((item) => !seen.has(nameOf(item)));
    for (const item of fresh) seen.add(nameOf(item));
    if (fresh.length > 0) yield fresh;

    const link = nextLink(answer.headers.all('link'));
    const next =
      link === undefined ? guess(listing, items, fresh, pageSize) : resolvePage(link, answer, wanted);
    if (next === undefined) return;
    if (items.length > 0 && fresh.length === 0)
      throw runsInCircles(wanted, 'a page repeats what was listed before');
    emptyPages = items.length === 0 ? emptyPages + 1 : 0;
    if (emptyPages > LIST_EMPTY_PAGES_LIMIT)
      throw runsInCircles(wanted, `${emptyPages} pages in a row are empty`);
    const address = String(next);
    if (asked.has(address)) throw runsInCircles(wanted, 'a page that was read already comes next');
    asked.add(address);
    if (pages >= LIST_PAGES_LIMIT) throw tooLong(wanted, `${LIST_PAGES_LIMIT} pages`, LIST_PAGES_LIMIT);
    answer = await askPage(listing, next);
    // A registry that refuses what it did not offer itself has no more.
    if (link === undefined && answer.status >= 400 && answer.status < 500) return;
  }
}

async function askFirst<Item>(
  listing: PagedListing<Item>,
): Promise<{ readonly answer: WholeAnswer; readonly pageSize: number | undefined }> {
  for (const pageSize of listing.pageSizes) {
    const answer = await askPage(listing, listing.first(pageSize));
    if (pageSize === undefined || !refusesPageSize(answer)) return { answer, pageSize };
  }
  throw new Error('The last page size is none at all.');
}

function askPage<Item>(
  { client, wanted, need, headers, signal }: PagedListing<Item>,
  at: string | URL,
): Promise<WholeAnswer> {
  return client.ask({ method: 'GET', at, headers, need, signal }, LIST_PAGE_BYTES_LIMIT, wanted);
}

/** A page exactly as long as asked for may have a successor; one with nothing new has none. */
function guess<Item>(
  { guessNext }: PagedListing<Item>,
  items: readonly Item[],
  fresh: readonly Item[],
  pageSize: number | undefined,
): string | undefined {
  const last = items.at(-1);
  if (guessNext === undefined || last === undefined || pageSize === undefined) return undefined;
  return items.length === pageSize && fresh.length > 0 ? guessNext(last, pageSize) : undefined;
}

function resolvePage(link: string, answer: WholeAnswer, wanted: string): URL {
  try {
    const url = new URL(link, answer.asked);
    url.hash = '';
    return url;
  } catch {
    throw runsInCircles(wanted, 'what it names as the next page is no URL');
  }
}

function runsInCircles(wanted: string, reason: string): TallymanError {
  return new TallymanError({
    code: 'PROTOCOL',
    message: `${wanted} cannot be listed to the end: ${reason}.`,
    hint: 'What was listed so far is shown. Report it to whoever runs the registry.',
  });
}

function tooLong(wanted: string, what: string, limit: number): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `${wanted} go on after ${what}; the rest was not listed.`,
    hint: 'What was listed so far is shown. Open a name directly to see it.',
    details: { limit },
  });
}
