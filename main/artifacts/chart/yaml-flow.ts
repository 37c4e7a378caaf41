import { ambiguousYaml, malformedYaml } from './yaml-errors.ts';
import { endOfQuote, unquoteYaml } from './yaml-quotes.ts';
import {
  YAML_DEPTH_LIMIT,
  type YamlList,
  type YamlMap,
  type YamlScalar,
  type YamlValue,
} from './yaml-value.ts';

/** A list or map in brackets, of texts, lists and maps. */
export class FlowReader {
  readonly #text: string;
  readonly #line: number;
  readonly #depth: number;
  #at = 0;

  constructor(text: string, line: number, depth: number) {
    this.#text = text;
    this.#line = line;
    this.#depth = depth;
  }

  /** Undefined when it goes on on the next line. */
  read(): YamlValue | undefined {
    const value = this.#value(this.#depth);
    if (value === undefined) return undefined;
    const rest = this.#text.slice(this.#at).trim();
    if (rest !== '' && !rest.startsWith('#'))
      throw malformedYaml(this.#line, 'something follows its brackets');
    return value;
  }

  #skip(): string | undefined {
    while (this.#text[this.#at] === ' ') this.#at += 1;
    return this.#text[this.#at];
  }

  #value(depth: number): YamlValue | undefined {
    if (depth > YAML_DEPTH_LIMIT)
      throw malformedYaml(this.#line, `it is nested deeper than ${YAML_DEPTH_LIMIT} levels`);
    const first = this.#skip();
    if (first === undefined) return undefined;
    if (first === '[') return this.#list(depth);
    if (first === '{') return this.#map(depth);
    return this.#scalar();
  }

  #list(depth: number): YamlList | undefined {
    this.#at += 1;
    const items: YamlValue[] = [];
    for (;;) {
      if (this.#skip() === ']') break;
      const item = this.#value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
      const next = this.#skip();
      if (next === undefined) return undefined;
      if (next === ',') this.#at += 1;
      else if (next !== ']') throw malformedYaml(this.#line, 'a “,” is missing in its brackets');
    }
    this.#at += 1;
    return { kind: 'list', items };
  }

  #map(depth: number): YamlMap | undefined {
    this.#at += 1;
    const members = new Map<string, YamlValue>();
    for (;;) {
      if (this.#skip() === '}') break;
      const key = this.#scalar();
      if (key === undefined) return undefined;
      if (this.#skip() !== ':') throw malformedYaml(this.#line, 'a “:” is missing in its brackets');
      this.#at += 1;
      const value = this.#value(depth + 1);
      if (value === undefined) return undefined;
      if (members.has(key.text)) throw ambiguousYaml(this.#line);
      members.set(key.text, value);
      const next = this.#skip();
      if (next === undefined) return undefined;
      if (next === ',') this.#at += 1;
      else if (next !== '}') throw malformedYaml(this.#line, 'a “,” is missing in its brackets');
    }
    this.#at += 1;
    return { kind: 'map', members };
  }

  #scalar(): YamlScalar | undefined {
    const first = this.#skip();
    if (first === undefined) return undefined;
    const rest = this.#text.slice(this.#at);
    if (first === '"' || first === "'") {
      const end = endOfQuote(rest, first);
      if (end < 0) return undefined;
      this.#at += end + 1;
      return { kind: 'scalar', text: unquoteYaml(rest.slice(1, end), first, this.#line), quoted: true };
    }
    if ('&*!%@`|>?'.includes(first))
      throw malformedYaml(this.#line, `“${first}” has a meaning there that is not read`);
    const end = rest.search(/[,[\]{}#]|:(?: |$)/);
    if (end < 0) return undefined;
    this.#at += end;
    return { kind: 'scalar', text: rest.slice(0, end).trim(), quoted: false };
  }
}
