import { hasHiddenCharacter } from '../display/display-text.ts';

/** Characters that no shell gives a meaning to inside a word, so that ordinary references stay readable. */
const PLAIN = /^[A-Za-z0-9_./:@%+=-]+$/;

/**
 * A foreign text as one word for sh, bash and zsh: as it is where that is safe, else in single quotes. Hidden and control
 * characters, which could end a bracketed paste or look like something else, are written as escapes in `$'…'` (not known to
 * plain sh, where the word is then wrong but still one harmless word).
 */
export function quoteForShell(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!hasHiddenCharacter(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  let word = '';
  for (const character of text) word += escapeCharacter(character);
  return `$'${word}'`;
}

function escapeCharacter(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  if (!hasHiddenCharacter(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  // \u and \U take as many digits as follow, up to 4 and 8: always write all of them.
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
