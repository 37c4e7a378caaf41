import path from 'node:path';
import { PLACE_TEXT_LIMIT } from '../../../shared/contract/place-text-limit.ts';

const LAYOUT_PREFIX = 'layout:';

/**
 * The place that a window opens first, from the words of its command line: the first that is no option. A relative path
 * becomes absolute here, because a second start of the program stands in another folder than the first.
 *
 * @param words - the arguments behind the program's own
 * @returns undefined when there is none, or it is longer than any place
 */
export function openingPlace(words: readonly string[], workingFolder: string): string | undefined {
  const place = words.find((word) => word !== '' && !word.startsWith('-'));
  if (place === undefined || place.length > PLACE_TEXT_LIMIT) return undefined;
  if (place.startsWith('.')) return path.resolve(workingFolder, place);
  if (!place.startsWith(LAYOUT_PREFIX)) return place;
  const named = place.slice(LAYOUT_PREFIX.length);
  return named.startsWith('~') ? place : LAYOUT_PREFIX + path.resolve(workingFolder, named);
}
