import { chompBlock, foldBlock } from './yaml-blocks.ts';
import { ambiguousYaml, malformedYaml } from './yaml-errors.ts';
import { FlowReader } from './yaml-flow.ts';
import { endOfQuote, unquoteYaml } from './yaml-quotes.ts';
import {
  YAML_DEPTH_LIMIT,
  type YamlList,
  type YamlMap,
  type YamlScalar,
  type YamlValue,
} from './yaml-value.ts';

/**
 * Reads the part of YAML in which charts are written: block maps and lists, texts plain, quoted or in blocks, short lists and maps in
 * brackets, comments. Everything else (anchors, tags, merge keys, several documents, tabs before text, a name twice) is refused:
 * other readers may take it for something else.
 * @throws TallymanError MALFORMED or AMBIGUOUS that names the line.
 */
export function readYaml(bytes: Uint8Array): YamlValue {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformedYaml(1, 'it is no valid UTF-8');
  }
  return new YamlReader(text).read();
}

interface Line {
  readonly number: number;
  readonly indent: number;
  /** Without the indentation and white space at the end. */
  readonly text: string;
}

class YamlReader {
  readonly #raw: readonly string[];
  #lines: Line[] = [];
  #at = 0;

  constructor(text: string) {
    this.#raw = text.split(/\r\n|\r|\n/);
    this.#lines = this.#raw.map((line, index) => {
      const content = line.trimEnd();
      const indent = content.length - content.trimStart().length;
      return { number: index + 1, indent, text: content.slice(indent) };
    });
  }

  read(): YamlValue {
    this.#skipEmpty();
    const start = this.#peek();
    if (start?.text.startsWith('%') === true) throw malformedYaml(start.number, 'it has directives');
    if (start?.indent === 0 && start.text === '---') this.#at += 1;
    this.#skipEmpty();
    const first = this.#peek();
    if (first === undefined) return { kind: 'scalar', text: '', quoted: false };
    const value = this.#block(first.indent, 0);
    this.#skipEmpty();
    const rest = this.#peek();
    if (rest !== undefined && !(rest.indent === 0 && rest.text === '...'))
      throw malformedYaml(rest.number, 'it is not indented as what stands before it');
    return value;
  }

  #peek(): Line | undefined {
    return this.#lines[this.#at];
  }

  #skipEmpty(): void {
    for (let line = this.#peek(); line !== undefined; line = this.#peek()) {
      if (line.text !== '' && !line.text.startsWith('#')) {
        if (this.#raw[line.number - 1]?.slice(0, line.indent).includes('\t') === true)
          throw malformedYaml(line.number, 'it is indented by tabs');
        return;
      }
      this.#at += 1;
    }
  }

  #block(indent: number, depth: number): YamlValue {
    const line = this.#peek();
    if (line === undefined) return { kind: 'scalar', text: '', quoted: false };
    if (depth > YAML_DEPTH_LIMIT)
      throw malformedYaml(line.number, `it is nested deeper than ${YAML_DEPTH_LIMIT} levels`);
    if (isItem(line.text)) return this.#list(indent, depth);
    if (splitKey(line) !== undefined) return this.#map(indent, depth);
    this.#at += 1;
    return this.#inline(line.text, line, indent - 1, depth);
  }

  #list(indent: number, depth: number): YamlList {
    const items: YamlValue[] = [];
    for (;;) {
      this.#skipEmpty();
      const line = this.#peek();
      if (line?.indent !== indent || !isItem(line.text)) return { kind: 'list', items };
      const rest = line.text.slice(1).trimStart();
      if (rest === '' || rest.startsWith('#')) {
        this.#at += 1;
        items.push(this.#below(indent, depth, false));
        continue;
      }
      const inner: Line = { ...line, indent: indent + line.text.length - rest.length, text: rest };
      if (isItem(rest) || splitKey(inner) !== undefined) {
        // The item begins on the line of its dash: read on as if that were not there.
        this.#lines = [...this.#lines.slice(0, this.#at), inner, ...this.#lines.slice(this.#at + 1)];
        items.push(this.#block(inner.indent, depth + 1));
      } else {
        this.#at += 1;
        items.push(this.#inline(rest, line, indent, depth));
      }
    }
  }

  #map(indent: number, depth: number): YamlMap {
    const members = new Map<string, YamlValue>();
    for (;;) {
      this.#skipEmpty();
      const line = this.#peek();
      if (line?.indent !== indent || isItem(line.text)) return { kind: 'map', members };
      if (indent === 0 && (line.text === '---' || line.text === '...')) {
        if (line.text === '---') throw malformedYaml(line.number, 'a second document begins there');
        return { kind: 'map', members };
      }
      const split = splitKey(line);
      if (split === undefined) throw malformedYaml(line.number, 'it has no “key: value”');
      if (split.key === '<<') throw malformedYaml(line.number, 'it merges maps');
      if (members.has(split.key)) throw ambiguousYaml(line.number);
      this.#at += 1;
      members.set(
        split.key,
        split.value === '' || split.value.startsWith('#')
          ? this.#below(indent, depth, true)
          : this.#inline(split.value, line, indent, depth),
      );
    }
  }

  /** What stands on the lines below a key or a dash. */
  #below(indent: number, depth: number, allowsList: boolean): YamlValue {
    this.#skipEmpty();
    const next = this.#peek();
    const nested =
      next !== undefined &&
      (next.indent > indent || (allowsList && next.indent === indent && isItem(next.text)));
    return nested ? this.#block(next.indent, depth + 1) : { kind: 'scalar', text: '', quoted: false };
  }

  /** A value that begins behind a key or a dash. Lines that are indented more go on with it. */
  #inline(text: string, line: Line, indent: number, depth: number): YamlValue {
    const [first] = text;
    if (first === '|' || first === '>') return this.#blockText(text, line, indent);
    if (first === '"' || first === "'") return this.#quoted(text, line, indent, first);
    if (first === '[' || first === '{') return this.#brackets(text, line, indent, depth);
    if (
      first !== undefined &&
      '&*!%@`?'.includes(first) &&
      !(first === '?' && text.length > 1 && text[1] !== ' ')
    )
      throw malformedYaml(line.number, `“${first}” has a meaning there that is not read`);
    let plain = withoutComment(text);
    while (plain === text || !text.includes(' #')) {
      const next = this.#peek();
      if (next === undefined || next.text === '' || next.indent <= indent || next.text.startsWith('#')) break;
      if (splitKey(next) !== undefined || isItem(next.text))
        throw malformedYaml(next.number, 'it is indented more than what stands before it');
      this.#at += 1;
      plain += ` ${withoutComment(next.text)}`;
      if (next.text.includes(' #')) break;
    }
    if (/: |:$/.test(plain)) throw malformedYaml(line.number, 'it has a second “: ”');
    return { kind: 'scalar', text: plain, quoted: false };
  }

  #quoted(text: string, line: Line, indent: number, quote: string): YamlScalar {
    let whole = text;
    let end = endOfQuote(whole, quote);
    while (end < 0) {
      const next = this.#peek();
      if (next === undefined || (next.text !== '' && next.indent <= indent))
        throw malformedYaml(line.number, 'its quotes are not closed');
      this.#at += 1;
      // Folding: one line break is a blank, more of them are one less.
      if (next.text === '') whole += '\n';
      else
        whole += whole.endsWith('\n')
          ? next.text
          : whole.endsWith('\\') && quote === '"'
            ? `\n${next.text}`
            : ` ${next.text}`;
      end = endOfQuote(whole, quote);
    }
    const rest = whole.slice(end + 1).trim();
    if (rest !== '' && !rest.startsWith('#'))
      throw malformedYaml(line.number, 'something follows its quotes');
    return { kind: 'scalar', text: unquoteYaml(whole.slice(1, end), quote, line.number), quoted: true };
  }

  #blockText(text: string, line: Line, indent: number): YamlScalar {
    const header = withoutComment(text);
    const style = /^([|>])([+-]?)$/.exec(header);
    if (style === null) throw malformedYaml(line.number, 'the head of its block is not read');
    const [, kind, chomp] = style;
    const lines: string[] = [];
    let width: number | undefined;
    for (let next = this.#peek(); next !== undefined; next = this.#peek()) {
      const raw = this.#raw[next.number - 1] ?? '';
      if (next.text !== '') {
        if (next.indent <= indent) break;
        width ??= next.indent;
        if (next.indent < width) throw malformedYaml(next.number, 'it is indented less than its block');
      }
      lines.push(next.text === '' ? '' : raw.slice(width ?? 0));
      this.#at += 1;
    }
    return {
      kind: 'scalar',
      text: chompBlock(kind === '|' ? lines.join('\n') : foldBlock(lines), chomp ?? ''),
      quoted: true,
    };
  }

  #brackets(text: string, line: Line, indent: number, depth: number): YamlValue {
    let whole = text;
    for (;;) {
      const parsed = new FlowReader(whole, line.number, depth).read();
      if (parsed !== undefined) return parsed;
      const next = this.#peek();
      if (next === undefined || (next.text !== '' && next.indent <= indent))
        throw malformedYaml(line.number, 'its brackets are not closed');
      this.#at += 1;
      if (!next.text.startsWith('#')) whole += ` ${next.text}`;
    }
  }
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ');
}

/** `key: value`, the key plain or quoted. */
function splitKey({ text, number }: Line): { readonly key: string; readonly value: string } | undefined {
  const [quote] = text;
  if (quote === '"' || quote === "'") {
    const end = endOfQuote(text, quote);
    const after = end < 0 ? '' : text.slice(end + 1);
    if (!/^:(?: |$)/.test(after)) return undefined;
    return { key: unquoteYaml(text.slice(1, end), quote, number), value: after.slice(1).trim() };
  }
  if (quote === undefined || '[{|>&*!%@`#'.includes(quote)) return undefined;
  const colon = text.search(/:(?: |$)/);
  if (colon < 1) return undefined;
  const key = text.slice(0, colon).trimEnd();
  return key.includes(' #') ? undefined : { key, value: text.slice(colon + 1).trim() };
}

function withoutComment(text: string): string {
  const comment = text.indexOf(' #');
  return (comment < 0 ? text : text.slice(0, comment)).trimEnd();
}
