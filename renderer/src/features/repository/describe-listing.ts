import { companionCount } from './model/build-rows.ts';
import { tagCount } from './model/listing.ts';
import type { RepositoryRows } from './rows/use-repository-rows.ts';
import { GROUPING_LIMIT } from './rows/use-repository-rows.ts';

/** What the rows are and how far they are known, in one line: never more than is known. */
export function describeListing(
  { listing, rows, reading, grouped, dates, error }: RepositoryRows,
  filter: string,
  companionsShown: boolean,
): string {
  const parts: string[] = [];
  const tags = tagCount(listing);
  if (filter.trim() !== '') parts.push(`${counted(rows.length, 'row')} of`);
  const soFar =
    error !== undefined ? ' read, the rest failed' : reading && !listing.complete ? ' so far' : '';
  const names = `${counted(tags, 'tag')}${soFar}`;
  if (parts.length > 0) parts[0] = `${parts[0] ?? ''} ${names}`;
  else parts.push(names);
  if (grouped && filter.trim() === '' && !companionsShown) parts.push(counted(rows.length, 'digest'));
  const folded = companionCount(listing);
  if (folded > 0 && !companionsShown) parts.push(`${folded.toLocaleString('en')} folded`);
  if (!grouped && listing.complete && tags > GROUPING_LIMIT)
    parts.push('a row is a tag: digests are read as they come on screen');
  if (dates === 'too-many')
    parts.push(`dates need a look at each: filter to ${GROUPING_LIMIT} or fewer to sort by them`);
  if (typeof dates === 'object') parts.push(`reading dates: ${dates.read} of ${dates.of}`);
  return parts.join(' · ');
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
