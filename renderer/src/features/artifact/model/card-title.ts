import { displayText } from '../../../../../shared/display/display-text.ts';

/** A media type in place of words: what is of no known kind is called by its type. */
const TYPE_STRING = /^[\w.+-]+\/[\w.+-]+$/;
/** What every second type begins with, and none can be told by. */
const COMMON_BEGINNING = /^application\/(?:vnd\.)?/;

/**
 * The title as it stands on a card. Of a type string the part by which it can be told from others: a card has no room for
 * "application/vnd." and what follows. The whole one is in the tooltip, the tree and the inspector.
 */
export function cardTitle(title: string): string {
  return displayText(TYPE_STRING.test(title) ? title.replace(COMMON_BEGINNING, '') : title);
}
