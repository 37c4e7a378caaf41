import { malformedYaml } from './yaml-errors.ts';

/** Where the quote of a text that begins with one ends; -1 when it does not. */
export function endOfQuote(text: string, quote: string): number {
  for (let index = 1; index < text.length; index += 1) {
    if (quote === '"' && text[index] === '\\') index += 1;
    else if (text[index] === quote) {
      if (quote === "'" && text[index + 1] === "'") index += 1;
      else return index;
    }
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\u001b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  '\n': '',
};
const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** The text between quotes. @param line - for the error's text. @throws TallymanError MALFORMED for an escape that there is not. */
export function unquoteYaml(text: string, quote: string, line: number): string {
  if (quote === "'") return text.replaceAll("''", "'");
  let plain = '';
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] !== '\\') {
      plain += text[index] ?? '';
      continue;
    }
    index += 1;
    const sign = text[index] ?? '';
    const length = ESCAPE_LENGTHS[sign];
    const hex = length === undefined ? '' : text.slice(index + 1, index + 1 + length);
    if (
      length !== undefined &&
      hex.length === length &&
      /^[0-9a-fA-F]+$/.test(hex) &&
      Number.parseInt(hex, 16) <= 0x10ffff
    ) {
      plain += String.fromCodePoint(Number.parseInt(hex, 16));
      index += length;
    } else if (Object.hasOwn(ESCAPES, sign)) plain += ESCAPES[sign] ?? '';
    else throw malformedYaml(line, `there is no escape “\\${sign}”`);
  }
  return plain;
}
