import { hasHiddenCharacter } from '../display/display-text.ts';

/** Words to which no shell gives a meaning of its own (zsh does to a leading `=`), so that ordinary references stay readable. */
const PLAIN = /^[A-Za-z0-9_./:@-][A-Za-z0-9_./:@%+=-]*$/;

const utf8 = new TextEncoder();

/**
 * A foreign text as one word for sh, bash and zsh: as it is where that is safe, else in single quotes. Hidden and control
 * characters, which could end a bracketed paste or look like something else, are written as the escaped bytes of their
 * UTF-8 in `$'…'` (not known to plain sh, where the word is then wrong but still one harmless word).
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
  let bytes = '';
  for (const byte of utf8.encode(character)) bytes += `\\x${byte.toString(16).padStart(2, '0')}`;
  return bytes;
}
