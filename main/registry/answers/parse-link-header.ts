/** Longest `Link` line that is read, in characters, and most links in it. */
const LINK_LENGTH_LIMIT = 16 * 1024;
const LINKS_LIMIT = 32;

/**
 * The target of the first link with relation `next` in the `Link` lines of an answer (RFC 8288): parameters quoted or
 * not, several relations in one value, several links in a line. Undefined when there is none. The text is as the
 * server wrote it: relative or absolute, to be resolved and judged by the caller.
 */
export function nextLink(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    if (line.length > LINK_LENGTH_LIMIT) continue;
    for (const link of readLinks(line)) {
      const relations = link.parameters.get('rel') ?? '';
      if (
        relations
          .toLowerCase()
          .split(/[ \t]+/)
          .includes('next')
      )
        return link.target;
    }
  }
  return undefined;
}

interface Link {
  readonly target: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function readLinks(line: string): readonly Link[] {
  const links: Link[] = [];
  let position = 0;
  while (links.length < LINKS_LIMIT) {
    const start = line.indexOf('<', position);
    const end = start === -1 ? -1 : line.indexOf('>', start);
    if (end === -1) return links.length === 0 ? readBareLink(line) : links;
    const parameters = new Map<string, string>();
    position = readParameters(line, end + 1, parameters);
    links.push({ target: line.slice(start + 1, end).trim(), parameters });
  }
  return links;
}

/** Quay once left out the angle brackets: `/v2/_catalog?next_page=x; rel="next"` (quirk L1). */
function readBareLink(line: string): readonly Link[] {
  const semicolon = line.indexOf(';');
  if (semicolon === -1 || line.includes('<')) return [];
  const parameters = new Map<string, string>();
  readParameters(line, semicolon, parameters);
  return [{ target: line.slice(0, semicolon).trim(), parameters }];
}

/** Reads `; name=value; name="value"` from `position` up to the comma before the next link; answers where that is. */
function readParameters(line: string, position: number, parameters: Map<string, string>): number {
  let index = skipSpace(line, position);
  while (line.charAt(index) === ';') {
    index = skipSpace(line, index + 1);
    const nameEnd = findEnd(line, index, ' \t=;,');
    const name = line.slice(index, nameEnd).toLowerCase();
    index = skipSpace(line, nameEnd);
    let value = '';
    if (line.charAt(index) === '=') {
      index = skipSpace(line, index + 1);
      if (line.charAt(index) === '"') {
        const quoted = readQuoted(line, index);
        value = quoted.value;
        index = quoted.end;
      } else {
        const end = findEnd(line, index, ' \t;,');
        value = line.slice(index, end);
        index = end;
      }
    }
    // The first `rel` counts (RFC 8288, 3.3).
    if (!parameters.has(name)) parameters.set(name, value);
    index = skipSpace(line, index);
  }
  return index;
}

function readQuoted(line: string, start: number): { readonly value: string; readonly end: number } {
  let value = '';
  for (let index = start + 1; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === '"') return { value, end: index + 1 };
    if (character === '\\') index += 1;
    value += line.charAt(index);
  }
  return { value, end: line.length };
}

function skipSpace(line: string, start: number): number {
  let index = start;
  while (index < line.length && ' \t'.includes(line.charAt(index))) index += 1;
  return index;
}

function findEnd(line: string, start: number, stops: string): number {
  let index = start;
  while (index < line.length && !stops.includes(line.charAt(index))) index += 1;
  return index;
}
