import { registryCodeOf } from '../answers/failed-answer.ts';
import { LIST_PAGE_ITEMS } from '../http/network-limits.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';

/**
 * Items asked for per page, most first; undefined leaves it to the registry. Some refuse large numbers (quirk L2).
 */
export const PAGE_SIZES: readonly (number | undefined)[] = [LIST_PAGE_ITEMS, 100, undefined];

/**
 * True for an answer to the first page that means "not so many": 400, 422, or the number refused by name. Log-in,
 * right, existence and load have their own statuses.
 */
export function refusesPageSize(answer: WholeAnswer): boolean {
  return (
    answer.status === 400 || answer.status === 422 || registryCodeOf(answer) === 'PAGINATION_NUMBER_INVALID'
  );
}
