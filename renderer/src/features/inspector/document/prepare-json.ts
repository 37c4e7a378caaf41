import { isDigest, isVerifiableDigest } from '../../../../../shared/oci/digest.ts';

/** A part of the shown text that leads somewhere. */
export interface DocumentLink {
  readonly from: number;
  readonly to: number;
  readonly digest: string;
  /** The type that stands beside the digest, where there is one: says whether it is a manifest. */
  readonly mediaType?: string;
}

/** A document as it is shown: its text, and what in it is a link, in order and without overlaps. */
export interface PreparedDocument {
  readonly text: string;
  readonly links: readonly DocumentLink[];
}

export type DocumentForm = 'formatted' | 'as-received';

/** An open object or array while the text is read. */
interface Level {
  readonly isObject: boolean;
  /** Name of the member that holds it. */
  readonly name: string | undefined;
  /** Of an object: where its own `digest`, and what else leads there, stands in the shown text. */
  digest?: string;
  mediaType?: string;
  readonly spans: Span[];
  isEmpty: boolean;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Members of a descriptor that lead to the content it describes. */
const TYPE_MEMBERS: ReadonlySet<string> = new Set(['mediaType', 'artifactType']);
/** Holds digests of what layers unpack to: nothing is stored under them. */
const UNPACKED_DIGESTS = 'diff_ids';
const INDENT = '  ';
const TOKEN = /"(?:[^"\\]|\\.)*"?|[^\s"{}[\],:]+|[{}[\],:]/gsu;

/**
 * Reads JSON once and answers the text to show with its links: every digest, and the type of every descriptor that has
 * one; the word `subject` leads where its descriptor does. Formatting only moves blanks: numbers, escapes, order and
 * doubled keys stay as they were received. Never fails: text that is no JSON, or was cut off, is shown as far as it goes.
 */
export function prepareJson(received: string, form: DocumentForm): PreparedDocument {
  const output: string[] = [];
  const links: DocumentLink[] = [];
  const levels: Level[] = [];
  let length = 0;
  let copied = 0;
  let name: string | undefined;
  let nameSpan: Span | undefined;
  let expectsName = false;

  const isFormatted = form === 'formatted';
  const write = (text: string): Span => {
    output.push(text);
    length += text.length;
    return { from: length - text.length, to: length };
  };
  const writeToken = (text: string, at: number): Span => {
    if (isFormatted) return write(text);
    write(received.slice(copied, at));
    copied = at + text.length;
    return write(text);
  };
  const breakLine = (): void => {
    if (isFormatted) write(`\n${INDENT.repeat(levels.length)}`);
  };
  const beginValue = (): void => {
    const level = levels.at(-1);
    if (level === undefined) return;
    if (!level.isObject || expectsName) {
      breakLine();
    }
    level.isEmpty = false;
  };

  const onString = (token: string, at: number): void => {
    const level = levels.at(-1);
    if (level?.isObject === true && expectsName) {
      beginValue();
      nameSpan = inside(writeToken(token, at));
      name = token.slice(1, -1);
      expectsName = false;
      return;
    }
    beginValue();
    const span = inside(writeToken(token, at));
    const value = token.slice(1, -1);
    if (level === undefined) return;
    if (level.isObject && name !== undefined && TYPE_MEMBERS.has(name)) {
      level.spans.push(span);
      if (name === 'mediaType') level.mediaType = value;
    } else if (level.isObject && name === 'digest') {
      if (!isDigest(value)) return;
      level.digest = value;
      level.spans.push(span);
    } else if (isVerifiableDigest(value) && level.name !== UNPACKED_DIGESTS) {
      links.push({ ...span, digest: value });
    }
  };

  const open = (token: string, at: number): void => {
    beginValue();
    const level: Level = { isObject: token === '{', name, spans: [], isEmpty: true };
    if (name === 'subject' && nameSpan !== undefined) level.spans.push(nameSpan);
    writeToken(token, at);
    levels.push(level);
    name = undefined;
    nameSpan = undefined;
    expectsName = level.isObject;
  };

  const close = (token: string, at: number): void => {
    const level = levels.pop();
    if (level !== undefined && !level.isEmpty) breakLine();
    writeToken(token, at);
    expectsName = false;
    name = level?.name;
    const { digest, mediaType } = level ?? {};
    if (level === undefined || digest === undefined) return;
    for (const span of level.spans)
      links.push({ ...span, digest, ...(mediaType === undefined ? {} : { mediaType }) });
  };

  for (const match of received.matchAll(TOKEN)) {
    const [token] = match;
    const at = match.index;
    if (token.startsWith('"')) onString(token, at);
    else if (token === '{' || token === '[') open(token, at);
    else if (token === '}' || token === ']') close(token, at);
    else if (token === ',') {
      writeToken(token, at);
      name = undefined;
      expectsName = levels.at(-1)?.isObject === true;
    } else if (token === ':') {
      writeToken(token, at);
      if (isFormatted) write(' ');
    } else {
      beginValue();
      writeToken(token, at);
    }
  }
  if (!isFormatted) write(received.slice(copied));
  links.sort((a, b) => a.from - b.from);
  return { text: output.join(''), links };
}

/** Without the quotes. */
function inside(span: Span): Span {
  return { from: span.from + 1, to: span.to - 1 };
}
