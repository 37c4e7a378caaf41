import { isAsciiAlphanumeric } from './ascii.ts';

/** Longest tag, in characters (distribution-spec, Pulling manifests). */
export const TAG_LENGTH_LIMIT = 128;

/** True for `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`, the grammar of a tag (distribution-spec, Pulling manifests). */
export function isTag(text: string): boolean {
  if (text.length === 0 || text.length > TAG_LENGTH_LIMIT) return false;
  for (let index = 0; index < text.length; index++) {
    const isLater = index > 0;
    if (!isTagCharacter(text.charCodeAt(index), isLater)) return false;
  }
  return true;
}

/** True for a character that a tag may hold at its start, or, with `later`, after it. */
export function isTagCharacter(code: number, later: boolean): boolean {
  if (isAsciiAlphanumeric(code) || code === 0x5f) return true; // _
  return later && (code === 0x2e || code === 0x2d); // . -
}
