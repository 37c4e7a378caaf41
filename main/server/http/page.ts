import { PAGE_LIMIT } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import type { Exchange } from './exchange.ts';

/** Names of one page, and the header that leads to the next. */
export interface Page {
  readonly names: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The page of a sorted list that `n` and `last` ask for (distribution-spec, Listing Tags). Without `n` it is the whole list, as
 * far as one page goes; `n=0` is an empty page without a next one.
 * @throws Refusal for an `n` that is no number.
 */
export function pageOf(sorted: readonly string[], { query, path }: Pick<Exchange, 'query' | 'path'>): Page {
  const wanted = query.get('n');
  if (wanted !== null && !/^\d{1,15}$/.test(wanted))
    throw new Refusal(400, 'PAGINATION_NUMBER_INVALID', 'The parameter n is no number.');
  const size = Math.min(wanted === null ? PAGE_LIMIT : Number(wanted), PAGE_LIMIT);
  const last = query.get('last') ?? '';
  const start = last === '' ? 0 : firstAfter(sorted, last);
  const names = sorted.slice(start, start + size);
  const final = names.at(-1);
  if (final === undefined || start + size >= sorted.length) return { names, headers: {} };
  const next = new URLSearchParams({ ...(wanted === null ? {} : { n: wanted }), last: final });
  return { names, headers: { Link: nextLink(path, next) } };
}

/** The value of `Link` for the next page of the same address. */
export function nextLink(path: string, query: URLSearchParams): string {
  return `<${path}?${query.toString()}>; rel="next"`;
}

/** Names are ASCII, so their order by `<` is that of their bytes. */
function firstAfter(sorted: readonly string[], last: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') > last) high = middle;
    else low = middle + 1;
  }
  return low;
}
