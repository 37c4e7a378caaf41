/** What the beginning of a JSON object shows: names of its members, and the values of those that are texts. */
export type JsonHead = ReadonlyMap<string, string | undefined>;

/**
 * Looks at the first level of a JSON object of which only the beginning is there, without building anything. Undefined for text that
 * does not begin as an object. It only has to be right for valid JSON: what decides on it is a proposal.
 */
export function readJsonHead(text: string): JsonHead | undefined {
  const start = /^\uFEFF?\s*\{/.exec(text);
  if (start === null) return undefined;
  const members = new Map<string, string | undefined>();
  let depth = 1;
  let name: string | undefined;
  let expectsName = true;
  for (let at = start[0].length; at < text.length && depth > 0; at += 1) {
    const sign = text[at];
    if (sign === '"') {
      const end = endOfText(text, at);
      if (end < 0) return members;
      if (depth === 1) {
        const value = unescape(text.slice(at, end + 1));
        if (expectsName) name = value;
        else if (name !== undefined) members.set(name, value);
        if (expectsName && value !== undefined && !members.has(value)) members.set(value, undefined);
      }
      at = end;
    } else if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    else if (depth === 1 && sign === ':') expectsName = false;
    else if (depth === 1 && sign === ',') expectsName = true;
  }
  return members;
}

function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function unescape(quoted: string): string | undefined {
  try {
    const value = JSON.parse(quoted) as unknown;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
