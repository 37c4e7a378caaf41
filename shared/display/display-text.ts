/** Longest text shown in one place, in UTF-16 units; the rest is cut with a mark (reliability bar, G1). */
export const DISPLAY_TEXT_LIMIT = 1024;

/** Longest piece of foreign text quoted inside a message, in UTF-16 units. */
const QUOTE_LIMIT = 120;

// Control, format, private, unassigned and lone surrogate code points (C), line and paragraph separators, everything a
// renderer may leave invisible (Default_Ignorable_Code_Point: fillers, variation selectors, tags), and the blank Braille cell.
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
/**
 * The same for a whole text, to be searched: without U+FE0F after a pictograph, which only picks its coloured form.
 */
export const HIDDEN_CHARACTERS =
  /(?!(?<=\p{Extended_Pictographic})\uFE0F)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;
const EMOJI_PRESENTATION = '\uFE0F';

/**
 * Text from a registry, a layout or a document in the form in which it may be shown, printed or logged: characters that
 * hide, reorder or control become visible as `⟨U+202E⟩`, and a long text ends with a mark that says how much was cut.
 * The result holds no line break and no control character, so it cannot forge a log line or move a terminal's cursor.
 */
export function displayText(text: string): string {
  return displayUpTo(text, DISPLAY_TEXT_LIMIT);
}

/** Foreign text inside one of our sentences: shown safely, shortened, in typographic quotes. */
export function quoteText(text: string): string {
  return `“${displayUpTo(text, QUOTE_LIMIT)}”`;
}

/** True when a text holds a character that `displayText` would make visible. */
export function hasHiddenCharacter(text: string): boolean {
  return HIDDEN.test(text);
}

function displayUpTo(text: string, limit: number): string {
  const shown = cutBetweenCharacters(text, limit);
  const cut = text.length - shown.length;
  const safe = hasHiddenCharacter(shown) ? revealHidden(shown) : shown;
  return cut === 0 ? safe : `${safe}⟨… ${cut} more⟩`;
}

/** Cuts so that no surrogate pair is torn: a half would be shown as if the text had been malformed. */
function cutBetweenCharacters(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHighSurrogate ? limit - 1 : limit);
}

function revealHidden(text: string): string {
  let shown = '';
  let previous = '';
  for (const character of text) {
    // U+FE0F after a pictograph only picks its coloured form; everywhere else it would be an invisible difference.
    const isHidden =
      HIDDEN.test(character) && !(character === EMOJI_PRESENTATION && PICTOGRAPH.test(previous));
    shown += isHidden ? nameCodePoint(character) : character;
    previous = character;
  }
  return shown;
}

/** What stands for a character that would not be seen: `⟨U+202E⟩`. */
export function nameCodePoint(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `⟨U+${code.padStart(4, '0')}⟩`;
}
