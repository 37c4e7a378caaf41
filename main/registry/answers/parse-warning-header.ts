/** Longest warning line that is read, in characters (distribution-spec, Warnings). */
const WARNING_LENGTH_LIMIT = 4096;

/**
 * The text of a `Warning` line in the one form registries use, `299 - "text"` (distribution-spec, Warnings), without
 * quotes and escapes. Undefined for every other code and form: those are not for people.
 */
export function parseWarning(line: string): string | undefined {
  if (line.length > WARNING_LENGTH_LIMIT) return undefined;
  const match = /^299 - "(.*)"$/s.exec(line.trim());
  const quoted = match?.[1];
  if (quoted === undefined) return undefined;
  let text = '';
  for (let index = 0; index < quoted.length; index += 1) {
    const character = quoted.charAt(index);
    // A quote in the middle would be a second warning or a date behind it: no form a registry may send.
    if (character === '"') return undefined;
    if (character === '\\') index += 1;
    text += quoted.charAt(index);
  }
  return text === '' ? undefined : text;
}
