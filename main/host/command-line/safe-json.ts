/** Everything that a terminal might obey or that hides or turns text around: controls, format characters, unassigned, lone halves. */
const NOT_PLAIN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * JSON for a terminal or a pipe: the same values, but every control, bidi, zero-width or unassigned character inside strings is
 * written as an escape, so that no byte of an artifact steers a terminal (bar, G1 and check 28). Indented by two spaces.
 */
export function toSafeJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(NOT_PLAIN, (character) =>
    character === '\n' ? character : escapeUnits(character),
  );
}

function escapeUnits(character: string): string {
  let escaped = '';
  for (let index = 0; index < character.length; index += 1) {
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
