import { quoteText } from '../display/display-text.ts';
import { TallymanError } from '../errors/tallyman-error.ts';

/** Deepest nesting of lists and objects in a document that is read (reliability bar, limits table). */
export const JSON_DEPTH_LIMIT = 128;
/** Most values (lists, objects, texts, numbers, literals) in a document that is read. */
export const JSON_NODE_LIMIT = 2_000_000;

/** Member names compared one by one before a set is worth its cost. */
const FEW_NAMES = 12;

/**
 * JSON from outside with one reading only: UTF-8 without errors and without byte order mark, no name twice in an object
 * (after unescaping; I-JSON, RFC 7493), bounded depth and number of values. Numbers become doubles: what does not fit
 * (12345678901234567890, 1e400) is still in the bytes. A lone surrogate is kept in a text and refused in a name. Never
 * recursive, linear in the input; a `__proto__` member becomes an own field. The size is for the caller to limit.
 * @throws TallymanError MALFORMED (no JSON), AMBIGUOUS (a name twice) or LIMIT (depth, number of values).
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decodeText(bytes);
  checkStructure(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw notJson(`it does not parse: ${quoteText(reason)}`, error);
  }
}

function decodeText(bytes: Uint8Array): string {
  if (bytes.length === 0) throw notJson('it is empty');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    throw notJson('it begins with a byte order mark');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw notJson('it is not valid UTF-8', error);
  }
}

/** One open list or object. `names` of an object: a list while short, then a set. */
interface Container {
  readonly isObject: boolean;
  expectsName: boolean;
  names: string[] | Set<string>;
}

/**
 * Looks at brackets, names and values without building anything. It only has to be right for valid JSON, and harmless
 * for the rest, which `JSON.parse` refuses afterwards: by then depth is known to be small.
 */
function checkStructure(text: string): void {
  const open: Container[] = [];
  let current: Container | undefined;
  let nodes = 0;
  let position = 0;
  const countNode = (): void => {
    nodes += 1;
    if (nodes > JSON_NODE_LIMIT) throw tooMuch(`more than ${JSON_NODE_LIMIT} values`, JSON_NODE_LIMIT);
  };

  while (position < text.length) {
    const code = text.charCodeAt(position);
    switch (code) {
      case OPEN_OBJECT:
      case OPEN_LIST: {
        countNode();
        if (open.length >= JSON_DEPTH_LIMIT)
          throw tooMuch(`deeper than ${JSON_DEPTH_LIMIT} levels`, JSON_DEPTH_LIMIT);
        const isObject = code === OPEN_OBJECT;
        current = { isObject, expectsName: isObject, names: [] };
        open.push(current);
        position += 1;
        break;
      }
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        open.pop();
        current = open.at(-1);
        position += 1;
        break;
      case COMMA:
        if (current !== undefined) current.expectsName = current.isObject;
        position += 1;
        break;
      case QUOTE: {
        const end = endOfText(text, position);
        if (current?.expectsName === true) {
          current.expectsName = false;
          addName(current, unescapeName(text, position, end));
        } else {
          countNode();
        }
        position = end + 1;
        break;
      }
      case SPACE:
      case TAB:
      case LINE_FEED:
      case CARRIAGE_RETURN:
      case COLON:
        position += 1;
        break;
      default:
        countNode();
        position = endOfScalar(text, position);
    }
  }
}

/** Position of the closing quote. Backslashes before a quote are counted back to the last other character: linear in sum. */
function endOfText(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end === -1) throw notJson(`the text that begins at character ${start} has no end`);
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}

/** A number or literal runs to the next structural character or white space. */
function endOfScalar(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && !isDelimiter(text.charCodeAt(end))) end += 1;
  return end;
}

function isDelimiter(code: number): boolean {
  return (
    code === COMMA ||
    code === CLOSE_OBJECT ||
    code === CLOSE_LIST ||
    code === COLON ||
    code === QUOTE ||
    code === OPEN_OBJECT ||
    code === OPEN_LIST ||
    code === SPACE ||
    code === LINE_FEED ||
    code === CARRIAGE_RETURN ||
    code === TAB
  );
}

function unescapeName(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  if (!raw.includes('\\')) return raw;
  let name: unknown;
  try {
    name = JSON.parse(`"${raw}"`);
  } catch (error) {
    throw notJson(`the member name ${quoteText(raw)} does not parse`, error);
  }
  // Programs replace a lone surrogate by U+FFFD when they write UTF-8: two such names may be one, or one another.
  if (typeof name !== 'string' || LONE_SURROGATE.test(name))
    throw notJson(`the member name ${quoteText(raw)} is no Unicode text`);
  return name;
}

function addName(container: Container, name: string): void {
  const { names } = container;
  if (Array.isArray(names)) {
    if (names.includes(name)) throw twice(name);
    names.push(name);
    if (names.length > FEW_NAMES) container.names = new Set(names);
    return;
  }
  if (names.has(name)) throw twice(name);
  names.add(name);
}

const LONE_SURROGATE = /\p{Surrogate}/u;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function notJson(reason: string, cause?: unknown): TallymanError {
  return new TallymanError(
    {
      code: 'MALFORMED',
      message: `The document is no JSON: ${reason}.`,
      hint: 'Its bytes are shown as they are under Raw.',
    },
    { cause },
  );
}

function twice(name: string): TallymanError {
  return new TallymanError({
    code: 'AMBIGUOUS',
    message: `The document has the name ${quoteText(name)} twice in one object, so programs read it differently.`,
    hint: 'Do not trust it; whoever made it has to make it again. Its bytes are shown as they are under Raw.',
    details: { name: quoteText(name) },
  });
}

function tooMuch(what: string, limit: number): TallymanError {
  return new TallymanError({
    code: 'LIMIT',
    message: `The document is not read: it is ${what}.`,
    hint: 'Its bytes are shown as they are under Raw.',
    details: { limit },
  });
}
